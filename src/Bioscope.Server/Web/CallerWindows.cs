using System.Runtime.InteropServices;

namespace Bioscope.Server.Web;

/// <summary>A caller's state after a request: of several limits, the one that it reaches first.</summary>
/// <param name="Limit">Requests per window.</param>
/// <param name="Remaining">Requests left in the window.</param>
/// <param name="Left">How long the window still lasts.</param>
/// <param name="IsOver">Whether this request exceeds the limit.</param>
/// <param name="IsToLease">Whether other instances must be asked first, see <see cref="BudgetShares"/>.</param>
internal readonly record struct Standing(long Limit, long Remaining, TimeSpan Left, bool IsOver = false, bool IsToLease = false);

/// <summary>A moment of the monotonic clock, and how long a window lasts that begins then.</summary>
internal readonly record struct Moment(long Now, TimeSpan Fresh);

/// <summary>
/// A bounded number of windows of one length. When it is reached, a new window replaces the one with the fewest requests out of several
/// picked at random. A client that loses its window starts a new one, so no client is refused because of others, and the heaviest senders
/// keep theirs. Not thread-safe.
/// </summary>
/// <param name="max">How many there are at most.</param>
/// <param name="length">How long each lasts.</param>
/// <param name="clock">Tells the time.</param>
/// <param name="isExact">See <see cref="ThrottlePolicy.IsExact"/>.</param>
internal sealed class CallerWindows(int max, TimeSpan length, TimeProvider clock, bool isExact = false)
{
    // With eight samples, a window with more requests than nine tenths of the others is lost in fewer than one in a hundred million
    // replacements.
    private const int Picked = 8;

    private readonly Dictionary<UInt128, int> _places = [];
    private readonly List<Window> _windows = [];

    public int Count => _windows.Count;

    /// <summary>The caller's state after this request is added.</summary>
    /// <param name="key">The caller.</param>
    /// <param name="limit">Its limit.</param>
    /// <param name="instances">How many instances share it.</param>
    /// <param name="moment">Now, and how long a window lasts that begins now.</param>
    public Standing Look(UInt128 key, long limit, int instances, Moment moment)
    {
        var (window, left) = Find(key, moment);
        var isSpent = instances <= 1 || window.Leased + (long)window.Others >= limit;
        var free = instances <= 1 ? limit : isSpent || isExact ? 0 : BudgetShares.Share(limit, instances);
        var own = Math.Max(window.Leased, free);
        return window.Count < own ? new Standing(limit, Math.Max(0, limit - window.Others - window.Count - 1), left)
            : new Standing(limit, 0, left, IsOver: isSpent, IsToLease: !isSpent);
    }

    /// <summary>The caller's window, to ask other instances about it.</summary>
    public HeldBudget Held(UInt128 key, Moment moment)
    {
        var (window, _) = Find(key, moment);
        return new HeldBudget(window.Count + window.Leased == 0 ? null : window.Start, window.Count, window.Leased, window.Others);
    }

    /// <summary>Gives a window what was leased for it, unless it ended meanwhile. It ends when the common one does.</summary>
    public void Lease(UInt128 key, HeldBudget held, LeasedBudget leased, Moment moment)
    {
        var (window, _) = Find(key, moment);
        if (held.Start is { } start && window.Start != start)
        {
            return;
        }

        if (!_places.ContainsKey(key))
        {
            Add(key, moment);
        }

        var left = leased.Left < length ? leased.Left : length;
        CollectionsMarshal.AsSpan(_windows)[_places[key]] = window with
        {
            Start = StartOf(moment with { Fresh = left }),
            Leased = (int)Math.Min(leased.Leased, int.MaxValue),
            Others = (int)Math.Min(leased.Others, int.MaxValue),
        };
    }

    public void Add(UInt128 key, Moment moment)
    {
        if (!_places.TryGetValue(key, out var place))
        {
            if (_windows.Count >= max)
            {
                Remove(FindSmallest(moment.Now));
            }

            _places.Add(key, _windows.Count);
            _windows.Add(new Window(key, StartOf(moment), 1));
            return;
        }

        ref var window = ref CollectionsMarshal.AsSpan(_windows)[place];
        window = Left(window, moment.Now) > TimeSpan.Zero ? window with { Count = window.Count + 1 } : new Window(key, StartOf(moment), 1);
    }

    /// <summary>Removes expired windows and returns their memory.</summary>
    public void Sweep(long now)
    {
        for (var place = _windows.Count - 1; place >= 0; place--)
        {
            if (Left(_windows[place], now) <= TimeSpan.Zero)
            {
                Remove(place);
            }
        }

        if (_windows.Count < _windows.Capacity / 4)
        {
            _windows.TrimExcess();
            _places.TrimExcess();
        }
    }

    private int FindSmallest(long now)
    {
        var (fewest, least) = (0, int.MaxValue);
        for (var i = 0; i < Picked && least > 0; i++)
        {
            var place = Random.Shared.Next(_windows.Count);
            var count = Left(_windows[place], now) > TimeSpan.Zero ? _windows[place].Count : 0;
            if (count < least)
            {
                (fewest, least) = (place, count);
            }
        }

        return fewest;
    }

    private void Remove(int place)
    {
        var last = _windows[^1];
        _places.Remove(_windows[place].Key);
        if (place < _windows.Count - 1)
        {
            _windows[place] = last;
            _places[last.Key] = place;
        }

        _windows.RemoveAt(_windows.Count - 1);
    }

    /// <summary>The caller's window, or a new one that is not stored.</summary>
    private (Window Window, TimeSpan Left) Find(UInt128 key, Moment moment) =>
        _places.TryGetValue(key, out var place) && Left(_windows[place], moment.Now) is { Ticks: > 0 } left
            ? (_windows[place], left) : (new Window(key, StartOf(moment), 0), moment.Fresh);

    private long StartOf(Moment moment) =>
        moment.Fresh == length ? moment.Now : moment.Now - (long)((length - moment.Fresh).TotalSeconds * clock.TimestampFrequency);

    private TimeSpan Left(Window window, long now) => length - clock.GetElapsedTime(window.Start, now);

    /// <summary>See <see cref="HeldBudget"/>.</summary>
    private readonly record struct Window(UInt128 Key, long Start, int Count, int Leased = 0, int Others = 0);
}
