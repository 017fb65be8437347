using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// One statement for any number of rows, with one array per column; all are sent before the first result is awaited. Where tables are spread by
/// page, there is one UPDATE for each page.
/// </summary>
internal sealed class PostgresWrites(PostgresDialect dialect, DbTransaction transaction) : Writes
{
    private readonly List<NpgsqlBatchCommand> _commands = [];

    // For each statement, how many commands there are up to its last one.
    private readonly List<int> _ends = [];

    /// <inheritdoc />
    public override int Insert<T>(Table<T> table, IReadOnlyList<T> rows)
    {
        if (dialect.IsDistributed)
        {
            _commands.AddRange(RowValues.Commands(dialect, table, rows));
        }
        else if (rows.Count > 0)
        {
            var arrays = string.Join(", ", table.Columns.Select((_, i) => $"${i + 1}"));
            _commands.Add(new NpgsqlBatchCommand(table.InsertOf($"SELECT * FROM unnest({arrays})")));
            AddArrays(table.Columns, rows);
        }

        return End();
    }

    /// <inheritdoc />
    public override int ForEach<T>(string sql, IReadOnlyList<T> items, params Column<T>[] values)
    {
        var names = Array.ConvertAll(values, value => $"@{value.Name}");
        if (items.Count > 0 && !dialect.IsDistributed)
        {
            _commands.Add(new NpgsqlBatchCommand(ManyRows.Change(dialect.Render(sql), names, ofOnePage: false)));
            AddArrays(values, items);
        }
        else if (ManyRows.IsUpdate(sql))
        {
            foreach (var page in items.GroupBy(values[0].Value))
            {
                _commands.Add(new NpgsqlBatchCommand(ManyRows.Change(dialect.Render(sql), names, ofOnePage: true)));
                _commands[^1].Parameters.Add(new NpgsqlParameter { Value = page.Key });
                AddArrays(values[1..], [.. page]);
            }
        }
        else
        {
            _commands.AddRange(StatementValues.Of(items, values).Select(set => dialect.CommandOf(sql, set)));
        }

        return End();
    }

    /// <inheritdoc />
    public override async Task<int[]> RunAsync(CancellationToken cancellationToken)
    {
        var changed = new int[_ends.Count];
        if (_commands.Count == 0)
        {
            return changed;
        }

        await using var batch = new NpgsqlBatch((NpgsqlConnection)transaction.Connection!, (NpgsqlTransaction)transaction);
        _commands.ForEach(batch.BatchCommands.Add);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        for (var i = 0; i < changed.Length; i++)
        {
            var start = i == 0 ? 0 : _ends[i - 1];
            changed[i] = _commands[start.._ends[i]].Sum(command => (int)command.RecordsAffected);
        }

        return changed;
    }

    private int End()
    {
        _ends.Add(_commands.Count);
        return _ends.Count - 1;
    }

    private void AddArrays<T>(Column<T>[] columns, IReadOnlyList<T> rows)
    {
        foreach (var column in columns)
        {
            _commands[^1].Parameters.Add(
                new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | PostgresDialect.TypeOf(column.Type), Value = ArrayOf(column, rows) });
        }
    }

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
