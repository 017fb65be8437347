using System.Data.Common;
using System.Runtime.CompilerServices;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Exporting;

/// <summary>
/// Reads all rows of a page, a few thousand at a time: however slowly they are received, no transaction is open meanwhile, and memory stays
/// small. Rows after the given instant are left out.
/// </summary>
internal static class ExportedRows
{
    private const int RowsAtOnce = 2_000;

    /// <summary>Each row as its values, in the order of the kind's fields: text, whole number, <see cref="Guid"/>, instant, boolean or null.</summary>
    /// <param name="database">The database of the kind.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="page">The page.</param>
    /// <param name="until">Rows up to then are read.</param>
    /// <param name="cancellationToken">Ends reading.</param>
    public static async IAsyncEnumerable<object?[]> ReadAsync(
        Database database, ExportKind kind, Guid page, DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (kind.Time is null)
        {
            foreach (var row in await AllAsync(
                database, $"\"{kind.Table}\"", kind.Fields, "\"bioPageId\" = @page", cancellationToken, ("@page", page)))
            {
                yield return row;
            }

            yield break;
        }

        var (time, id) = (IndexOf(kind.Time), IndexOf("id"));
        (object? Time, object? Id) after = (DateTimeOffset.MinValue, default(Guid));
        while (true)
        {
            var rows = await database.QueryAloneAsync(
                $"""
                -- export page
                SELECT {Columns(kind.Fields)} FROM "{kind.Table}"
                WHERE "bioPageId" = @page AND ("{kind.Time}", "id") > (@time, @id) AND "{kind.Time}" <= @until
                ORDER BY "{kind.Time}", "id" LIMIT @max
                """,
                row => Read(database.Dialect, kind.Fields, row), cancellationToken,
                ("@page", page), ("@time", after.Time), ("@id", after.Id), ("@until", until), ("@max", RowsAtOnce));
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < RowsAtOnce)
            {
                yield break;
            }

            after = (rows[^1][time], rows[^1][id]);
        }

        int IndexOf(string column) => kind.Fields.Index().First(field => field.Item.Column == column).Index;
    }

    /// <summary>The rows of a table that has few of them, as <see cref="ReadAsync"/> has them.</summary>
    /// <param name="database">The database.</param>
    /// <param name="source">The table, or a query with its alias, as it stands after FROM.</param>
    /// <param name="fields">What of a row.</param>
    /// <param name="condition">Which rows.</param>
    /// <param name="cancellationToken">Ends reading.</param>
    /// <param name="values">The values in the condition.</param>
    public static Task<List<object?[]>> AllAsync(
        Database database, string source, IReadOnlyList<ExportField> fields, string condition, CancellationToken cancellationToken,
        params (string Name, object? Value)[] values) => database.QueryAloneAsync(
        $"""
        -- export rows
        SELECT {Columns(fields)} FROM {source} WHERE {condition} ORDER BY 1, 2
        """,
        row => Read(database.Dialect, fields, row), cancellationToken, values);

    private static string Columns(IReadOnlyList<ExportField> fields) =>
        string.Join(", ", fields.Select(field => $"\"{field.Column}\""));

    private static object?[] Read(SqlDialect dialect, IReadOnlyList<ExportField> fields, DbDataReader row) =>
        [.. fields.Select((field, column) => row.IsDBNull(column) ? null : Value(dialect, row, column, field.Type))];

    private static object Value(SqlDialect dialect, DbDataReader row, int column, ColumnType type) => type switch
    {
        ColumnType.Uuid => dialect.ReadGuid(row, column),
        ColumnType.Instant => dialect.ReadInstant(row, column),
        ColumnType.Boolean => row.GetBoolean(column),
        ColumnType.Integer or ColumnType.BigInteger => row.GetInt64(column),
        _ => row.GetString(column),
    };
}
