using System.Runtime.InteropServices;

namespace Bioscope.Server.Web;

/// <summary>A caller's state after a request: of several limits, the one that it reaches first.</summary>
/// <param name="Limit">Requests per window.</param>
/// <param name="Remaining">Requests left in the window.</param>
/// <param name="Left">How long the window still lasts.</param>
/// <param name="IsOver">Whether this request exceeds the limit.</param>
internal readonly record struct Standing(long Limit, long Remaining, TimeSpan Left, bool IsOver = false);

/// <summary>
/// A bounded number of windows of one length. When it is reached, a new window replaces the one with the fewest requests out of several
/// picked at random. A client that loses its window starts a new one, so no client is refused because of others, and the heaviest senders
/// keep theirs. Not thread-safe.
/// </summary>
internal sealed class Windows<TKey>(int max, TimeSpan length, TimeProvider clock)
    where TKey : struct, IEquatable<TKey>
{
    // With eight samples, a window with more requests than nine tenths of the others is lost in fewer than one in a hundred million
    // replacements.
    private const int Picked = 8;

    private readonly Dictionary<TKey, int> _places = [];
    private readonly List<Window> _windows = [];

    public int Count => _windows.Count;

    /// <summary>The caller's state after this request is added.</summary>
    public Standing Look(TKey key, long limit, long now)
    {
        var (count, left) = _places.TryGetValue(key, out var place)
            && Left(_windows[place], now) is { Ticks: > 0 } rest ? (_windows[place].Count, rest) : (0, length);
        return count >= limit ? new Standing(limit, 0, left, IsOver: true) : new Standing(limit, limit - count - 1, left);
    }

    public void Add(TKey key, long now)
    {
        if (!_places.TryGetValue(key, out var place))
        {
            if (_windows.Count >= max)
            {
                Remove(FindSmallest(now));
            }

            _places.Add(key, _windows.Count);
            _windows.Add(new Window(key, now, 1));
            return;
        }

        ref var window = ref CollectionsMarshal.AsSpan(_windows)[place];
        window = Left(window, now) > TimeSpan.Zero ? window with { Count = window.Count + 1 } : new Window(key, now, 1);
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

    private TimeSpan Left(Window window, long now) => length - clock.GetElapsedTime(window.Start, now);

    private readonly record struct Window(TKey Key, long Start, int Count);
}
