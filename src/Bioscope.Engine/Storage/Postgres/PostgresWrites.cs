using System.Data.Common;
using Npgsql;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// One statement for any number of rows, with one array per column; all are sent before the first result is awaited. Where tables are spread by
/// page, there is one for each shard.
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
            _commands.AddRange(OfShards(rows, table.Columns).SelectMany(some => ShardRows.Insert(table, some)));
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
        var text = dialect.Render(sql);
        if (dialect.IsDistributed)
        {
            AddOfShards(text, items, values);
        }
        else if (items.Count > 0)
        {
            _commands.Add(new NpgsqlBatchCommand(ManyRows.Change(text, Array.ConvertAll(values, value => $"@{value.Name}"))));
            AddArrays(values, items);
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

    private IEnumerable<List<T>> OfShards<T>(IReadOnlyList<T> rows, Column<T>[] values) => dialect.Shards.Divide(rows, row => (Guid)values[0].Value(row)!);

    private void AddOfShards<T>(string text, IReadOnlyList<T> items, Column<T>[] values)
    {
        if (ManyRows.IsUpdate(text))
        {
            var (page, id) = (values[0].Value, Array.Find(values, value => value.Name == "id")!.Value);
            _commands.AddRange(OfShards(items, values)
                .SelectMany(shard => ShardRows.Divide(shard, row => (Guid)page(row)!, row => (Guid)id(row)!))
                .Select(some => ShardRows.Update(text, some, values)));
        }
        else
        {
            _commands.AddRange(OfShards(items, values).SelectMany(some => ShardRows.Insert(text, some, values)));
        }
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
            _commands[^1].Parameters.Add(ColumnValues.Of(column, rows));
        }
    }
}
