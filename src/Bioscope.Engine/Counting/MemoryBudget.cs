namespace Bioscope.Engine.Counting;

/// <summary>How much memory questions may take together. One that needs more than is left is refused, so that the server stays up.</summary>
internal sealed class MemoryBudget(long bytes)
{
    private long _left = bytes;

    /// <summary>Begins to take; what was taken is given back when the lease is disposed.</summary>
    public MemoryLease Begin() => new(this);

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
}

/// <summary>What one question has taken of the <see cref="MemoryBudget"/>.</summary>
internal sealed class MemoryLease(MemoryBudget budget) : IDisposable
{
    // Taken in portions: a row is too little to ask for.
    private const int Portion = 256 * 1024;

    private long _taken, _used;

    /// <summary>Takes so many bytes.</summary>
    /// <exception cref="QueryTooLargeException">There is not so much left.</exception>
    public void Take(int bytes)
    {
        _used += bytes;
        if (_used > _taken)
        {
            budget.Take(Portion);
            _taken += Portion;
        }
    }

    /// <inheritdoc />
    public void Dispose() => budget.Return(_taken);
}
