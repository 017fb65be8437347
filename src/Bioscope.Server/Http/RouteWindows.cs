using System.Net;

namespace Bioscope.Server.Http;

/// <summary>Where a caller stands after a request: of several limits the one that it meets first.</summary>
/// <param name="Limit">Requests in a window.</param>
/// <param name="Remaining">How many of them are left.</param>
/// <param name="Left">How long the window still lasts.</param>
/// <param name="IsOver">Whether this request is too many.</param>
internal readonly record struct Standing(long Limit, long Remaining, TimeSpan Left, bool IsOver = false);

/// <summary>
/// Counts the requests of one route. Each network has a window of its own, which starts with its first request; a request that is
/// refused is not counted, so a small network never uses up the limit of a larger one that it is in. Everything is bounded, and what
/// one network does changes nothing for others (decision 0013).
/// </summary>
internal sealed class RouteWindows
{
    /// <summary>Networks that a route counts by themselves; some 2 MB.</summary>
    public const int MaxNetworks = 32_768;

    /// <summary>Networks of providers that it counts once the others are full, some 1 MB. There are as many /16 of IPv4 in use.</summary>
    public const int MaxWideNetworks = 32_768;

    /// <summary>Subjects of tokens, or visitors, that a route counts; some 2 MB.</summary>
    public const int MaxCallers = 32_768;

    private readonly Lock _lock = new();
    private readonly ThrottlePolicy _policy;
    private readonly TimeProvider _clock;
    private readonly Windows<ClientNetwork> _networks, _wideNetworks;
    private readonly Windows<UInt128> _callers;

    public RouteWindows(ThrottlePolicy policy, TimeProvider clock)
    {
        (_policy, _clock) = (policy, clock);
        _networks = new(MaxNetworks, policy.Window, clock);
        _wideNetworks = new(MaxWideNetworks, policy.Window, clock);
        _callers = new(MaxCallers, policy.Window, clock);
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _networks.Count + _wideNetworks.Count + _callers.Count;
            }
        }
    }

    /// <summary>Counts a request of an address, in each of its networks.</summary>
    public Standing Take(IPAddress address)
    {
        Span<(ClientNetwork Network, int Factor)> levels = stackalloc (ClientNetwork, int)[ClientNetwork.MaxLevels];
        levels = levels[..ClientNetwork.Levels(address, levels)];
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            if (!_networks.HasRoomFor(levels[0].Network))
            {
                return TakeWide(ClientNetwork.Wide(address), now);
            }

            var first = new Standing(long.MaxValue, long.MaxValue, default);
            foreach (var (network, factor) in levels)
            {
                // The largest comes first, so that a network that is over its limit makes no windows of its parts.
                var standing = _networks.Look(network, (long)_policy.Limit * factor, now);
                if (standing.IsOver)
                {
                    return standing;
                }

                first = standing.Remaining <= first.Remaining ? standing : first;
            }

            foreach (var (network, _) in levels)
            {
                _networks.Add(network, now);
            }

            return first;
        }
    }

    /// <summary>Counts a request of somebody who is known by more than an address.</summary>
    /// <returns>Null when there is no room to count it.</returns>
    public Standing? Take(UInt128 caller)
    {
        lock (_lock)
        {
            if (!_callers.HasRoomFor(caller))
            {
                return null;
            }

            var now = _clock.GetTimestamp();
            var standing = _callers.Look(caller, _policy.Limit, now);
            if (!standing.IsOver)
            {
                _callers.Add(caller, now);
            }

            return standing;
        }
    }

    /// <summary>Forgets the windows that are over, and gives back their memory.</summary>
    public void Sweep()
    {
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            _networks.Sweep(now);
            _wideNetworks.Sweep(now);
            _callers.Sweep(now);
        }
    }

    // Whoever comes now is told what others are told at their first request, or what is left for all of the provider's network.
    private Standing TakeWide(ClientNetwork network, long now)
    {
        var own = new Standing(_policy.Limit, _policy.Limit - 1, _policy.Window);
        if (!_wideNetworks.HasRoomFor(network))
        {
            return own; // nobody is refused because of others
        }

        var standing = _wideNetworks.Look(network, (long)_policy.Limit * ClientNetwork.WideFactor, now);
        if (standing.IsOver)
        {
            return standing;
        }

        _wideNetworks.Add(network, now);
        return standing.Remaining < own.Remaining ? standing : own;
    }

    /// <summary>Windows of one length, a bounded number of them.</summary>
    private sealed class Windows<TKey>(int max, TimeSpan length, TimeProvider clock)
        where TKey : struct, IEquatable<TKey>
    {
        private readonly Dictionary<TKey, (long Start, int Count)> _windows = [];

        public int Count => _windows.Count;

        public bool HasRoomFor(TKey key) => _windows.Count < max || _windows.ContainsKey(key);

        /// <summary>Where the caller will stand when this request is added.</summary>
        public Standing Look(TKey key, long limit, long now)
        {
            var (count, left) = _windows.TryGetValue(key, out var window) && Left(window.Start, now) is { Ticks: > 0 } rest ? (window.Count, rest) : (0, length);
            return count >= limit ? new Standing(limit, 0, left, IsOver: true) : new Standing(limit, limit - count - 1, left);
        }

        public void Add(TKey key, long now)
        {
            if (_windows.TryGetValue(key, out var window) && Left(window.Start, now) > TimeSpan.Zero)
            {
                _windows[key] = (window.Start, window.Count + 1);
            }
            else if (HasRoomFor(key))
            {
                _windows[key] = (now, 1);
            }
        }

        public void Sweep(long now)
        {
            foreach (var (key, window) in _windows)
            {
                if (Left(window.Start, now) <= TimeSpan.Zero)
                {
                    _windows.Remove(key);
                }
            }

            if (_windows.Count < _windows.Capacity / 4)
            {
                _windows.TrimExcess();
            }
        }

        private TimeSpan Left(long start, long now) => length - clock.GetElapsedTime(start, now);
    }
}
