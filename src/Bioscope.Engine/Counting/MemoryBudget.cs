namespace Bioscope.Engine.Counting;

/// <summary>
/// How much memory questions may take together, and how many are answered at once: one that needs more memory than is left is refused, the
/// next ones wait for their turn. So the server stays up, and has time for its visitors.
/// </summary>
internal sealed class MemoryBudget(long bytes, int atOnce) : IDisposable
{
    private readonly SemaphoreSlim _turns = new(atOnce);
    private long _left = bytes;

    /// <summary>Waits for its turn; what was taken is given back when the lease is disposed.</summary>
    public async Task<MemoryLease> BeginAsync(CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        return new MemoryLease(this);
    }

    /// <summary>Takes so many bytes.</summary>
    /// <exception cref="QueryTooLargeException">There is not so much left.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _left, -bytes) < 0)
        {
            Interlocked.Add(ref _left, bytes);
            throw new QueryTooLargeException();
        }
    }

    /// <summary>Gives back.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _left, bytes);

    /// <summary>The next one may begin.</summary>
    public void EndTurn() => _turns.Release();

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();
}

/// <summary>What one question has taken of the <see cref="MemoryBudget"/>.</summary>
internal sealed class MemoryLease(MemoryBudget budget) : IDisposable
{
    // Taken in portions: a row is too little to ask for.
    private const int Portion = 256 * 1024;

    private long _taken, _used;

    /// <summary>Takes so many bytes; fewer than none are there for what comes next.</summary>
    /// <exception cref="QueryTooLargeException">There is not so much left.</exception>
    public void Take(long bytes)
    {
        _used += bytes;
        if (_used > _taken)
        {
            var portion = Math.Max(Portion, _used - _taken);
            budget.Take(portion);
            _taken += portion;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        budget.Return(_taken);
        budget.EndTurn();
    }
}
