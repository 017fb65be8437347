namespace Bioscope.Server.Web;

/// <summary>What an instance asks of a caller's shared budget, on behalf of all requests that wait for it.</summary>
/// <param name="key">The budget's key, the same on all instances.</param>
/// <param name="limit">The caller's limit.</param>
/// <param name="instances">How many instances there are.</param>
/// <param name="endsAt">When the common window ends that is running now.</param>
/// <param name="held">The caller's window as it is.</param>
/// <param name="apply">Gives the window what it gets.</param>
internal sealed class BudgetLease(
    UInt128 key, long limit, int instances, DateTimeOffset endsAt, HeldBudget held, Action<HeldBudget, LeasedBudget> apply)
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _asked;

    public UInt128 Key => key;

    /// <summary>How many requests wait for it.</summary>
    public int Waiting { get; set; } = 1;

    /// <summary>Whether this instance has not told of the caller yet.</summary>
    public bool IsFirst => held.Leased == 0;

    public DateTimeOffset EndsAt => endsAt;

    /// <summary>True once it was applied; false when nothing came.</summary>
    public Task<bool> Done => _done.Task;

    /// <summary>What is added to the common count: what was granted here without telling, and what is asked for.</summary>
    public long Added { get; private set; }

    /// <summary>Decides what to ask for; no more requests join it.</summary>
    public void Decide()
    {
        // The first time only a share, though more requests wait, so that other instances tell what they have granted before much is taken.
        _asked = Math.Max(IsFirst ? 1 : Waiting, BudgetShares.Share(limit, instances));
        Added = Math.Max(0, held.Count - held.Leased) + _asked;
    }

    /// <summary>Applies the common count after it was added to.</summary>
    /// <param name="taken">The count.</param>
    /// <param name="left">How long the common window still lasts.</param>
    public void Apply(long taken, TimeSpan left)
    {
        var leased = held.Count + BudgetShares.Granted(limit, taken, _asked);
        apply(held, new LeasedBudget(leased, Math.Max(0, Math.Min(taken, limit) - leased), left));
    }

    /// <summary>Wakes those who wait.</summary>
    public void End(bool isApplied) => _done.TrySetResult(isApplied);
}

/// <summary>A caller's window when its budget is asked for.</summary>
/// <param name="Start">When it began; null when there is none.</param>
/// <param name="Count">Granted requests.</param>
/// <param name="Leased">What this instance may grant of the shared budget; 0 until it has asked.</param>
/// <param name="Others">What others have taken of it.</param>
internal readonly record struct HeldBudget(long? Start, int Count, int Leased, int Others);

/// <summary>What a window gets, and how long it lasts.</summary>
internal readonly record struct LeasedBudget(long Leased, long Others, TimeSpan Left);
