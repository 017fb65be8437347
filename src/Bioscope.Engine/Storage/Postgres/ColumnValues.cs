using Npgsql;
using NpgsqlTypes;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>Parameters with the values of a column.</summary>
internal static class ColumnValues
{
    /// <summary>One row's value.</summary>
    public static NpgsqlParameter Of<T>(Column<T> column, T row) => new()
    {
        NpgsqlDbType = PostgresDialect.TypeOf(column.Type),
        Value = column.Value(row) switch { null => DBNull.Value, DateTimeOffset instant => PostgresDialect.Stored(instant), var value => value },
    };

    /// <summary>The values of several rows, as an array.</summary>
    public static NpgsqlParameter Of<T>(Column<T> column, IReadOnlyList<T> rows) => new()
    {
        NpgsqlDbType = NpgsqlDbType.Array | PostgresDialect.TypeOf(column.Type),
        Value = ArrayOf(column, rows),
    };

    private static Array ArrayOf<T>(Column<T> column, IReadOnlyList<T> rows) => column.Type switch
    {
        ColumnType.Uuid => Fill(column, rows, value => (Guid?)value),
        ColumnType.Text => Fill(column, rows, value => (string?)value),
        ColumnType.Integer => Fill(column, rows, value => (int?)value),
        ColumnType.Boolean => Fill(column, rows, value => (bool?)value),
        ColumnType.Instant => Fill(column, rows, value => value is null ? null as DateTime? : PostgresDialect.Stored((DateTimeOffset)value)),
        ColumnType.BigInteger => Fill(column, rows, value => (long?)value),
        ColumnType.Bytes => Fill(column, rows, value => (byte[]?)value),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.Type, null),
    };

    private static TValue[] Fill<T, TValue>(Column<T> column, IReadOnlyList<T> rows, Func<object?, TValue> convert)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = convert(column.Value(rows[i]));
        }

        return values;
    }
}
