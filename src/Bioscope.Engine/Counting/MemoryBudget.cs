namespace Bioscope.Engine.Counting;

/// <summary>
/// Limits the memory that questions may use together, and how many run at once: one that needs more memory than is left is refused,
/// others wait for their turn. The server thus stays up and responsive to visitors.
/// </summary>
internal sealed class MemoryBudget(long bytes, int atOnce) : IDisposable
{
    private readonly SemaphoreSlim _turns = new(atOnce);
    private long _left = bytes;

    /// <summary>Waits for its turn; disposing the lease returns what was taken.</summary>
    public async Task<MemoryLease> BeginAsync(CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        return new MemoryLease(this);
    }

    /// <summary>Takes this many bytes.</summary>
    /// <exception cref="QueryTooLargeException">Less than that is left.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _left, -bytes) < 0)
        {
            Interlocked.Add(ref _left, bytes);
            throw new QueryTooLargeException();
        }
    }

    /// <summary>Returns bytes.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _left, bytes);

    /// <summary>Lets the next question begin.</summary>
    public void EndTurn() => _turns.Release();

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();
}

/// <summary>What one question has taken from the <see cref="MemoryBudget"/>.</summary>
internal sealed class MemoryLease(MemoryBudget budget) : IDisposable
{
    // Taken in portions: taking the bytes of each row would be too slow.
    private const int Portion = 256 * 1024;

    private long _taken, _used;

    /// <summary>Takes this many bytes; a negative number makes room for what is taken next.</summary>
    /// <exception cref="QueryTooLargeException">Less than that is left.</exception>
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
