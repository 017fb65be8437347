using System.Data.Common;

namespace Bioscope.Engine.Storage;

/// <summary>
/// Statements that each write many rows: gathered first, then run in this order, in as few steps as the engine can. See <see
/// cref="SqlDialect.StartWrites"/>.
/// </summary>
internal abstract class Writes
{
    /// <summary>Adds the rows whose primary key does not exist yet.</summary>
    /// <returns>Its place in the result.</returns>
    public abstract int Insert<T>(Table<T> table, IReadOnlyList<T> rows);

    /// <summary>
    /// Runs a statement for each item: an UPDATE of one row that is found by its page and the rest of its key, or an INSERT of one row. No two
    /// items may be about the same row: which comes last is not said.
    /// </summary>
    /// <param name="sql">The statement; values appear in it as <c>@name</c>.</param>
    /// <param name="items">The items.</param>
    /// <param name="values">The values that an item has; the first one is its page, <c>page</c>.</param>
    /// <returns>Its place in the result.</returns>
    public abstract int ForEach<T>(string sql, IReadOnlyList<T> items, params Column<T>[] values);

    /// <summary>Runs the statements.</summary>
    /// <returns>For each one, how many rows it changed.</returns>
    public abstract Task<int[]> RunAsync(CancellationToken cancellationToken);
}

/// <summary>Runs the statements one after the other, each for one item after the other.</summary>
internal sealed class WritesInTurn(SqlDialect dialect, DbTransaction transaction) : Writes
{
    private readonly List<Func<CancellationToken, Task<int>>> _steps = [];

    /// <inheritdoc />
    public override int Insert<T>(Table<T> table, IReadOnlyList<T> rows)
    {
        _steps.Add(cancellationToken => dialect.InsertAsync(transaction, table, rows, cancellationToken));
        return _steps.Count - 1;
    }

    /// <inheritdoc />
    public override int ForEach<T>(string sql, IReadOnlyList<T> items, params Column<T>[] values)
    {
        _steps.Add(cancellationToken => dialect.ExecuteEachAsync(transaction, sql, StatementValues.Of(items, values), cancellationToken));
        return _steps.Count - 1;
    }

    /// <inheritdoc />
    public override async Task<int[]> RunAsync(CancellationToken cancellationToken)
    {
        var changed = new int[_steps.Count];
        for (var i = 0; i < changed.Length; i++)
        {
            changed[i] = await _steps[i](cancellationToken);
        }

        return changed;
    }
}
