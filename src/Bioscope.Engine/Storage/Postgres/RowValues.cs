using System.Globalization;
using System.Text;
using Npgsql;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// Inserts rows by a list of values. Where tables are spread over machines, Citus sends such a statement where its rows belong. A query of arrays,
/// which is shorter, it would run on the coordinator, and spread the rows from there over all shards: with one row that took 17 times as long. A
/// statement is about one page, because rows of two shards would be committed in two phases.
/// </summary>
internal static class RowValues
{
    // More rows at once took no less time each; PostgreSQL allows 65,535 values.
    private const int MaxRows = 100;

    /// <summary>The statements that insert the rows whose key does not exist yet.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Commands<T>(PostgresDialect dialect, Table<T> table, IEnumerable<T> rows)
    {
        foreach (var some in rows.GroupBy(table.Columns[0].Value).SelectMany(page => page.Chunk(MaxRows)))
        {
            var command = new NpgsqlBatchCommand(Text(table, some.Length));
            foreach (var row in some)
            {
                foreach (var column in table.Columns)
                {
                    command.Parameters.Add(new NpgsqlParameter
                    {
                        NpgsqlDbType = PostgresDialect.TypeOf(column.Type),
                        Value = dialect.Value(column.Value(row)),
                    });
                }
            }

            yield return command;
        }
    }

    private static string Text<T>(Table<T> table, int rows)
    {
        var values = new StringBuilder("VALUES ");
        for (var value = 0; value < rows * table.Columns.Length; value++)
        {
            var isFirst = value % table.Columns.Length == 0;
            values.Append(isFirst ? value == 0 ? "(" : "), (" : ", ").Append(CultureInfo.InvariantCulture, $"${value + 1}");
        }

        return table.InsertOf(values.Append(')').ToString());
    }
}
