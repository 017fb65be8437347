using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;
using Bioscope.Core;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Limits the visits that one network may begin on a page per minute: <c>Throttle:VisitsAddress</c>, or half the number of other networks
/// with visits to the page in this minute and the one before, whichever is more. One address thus cannot make up the visits of a quiet
/// page, while a carrier's many customers behind one address still count on a busy page. An IPv6 /64 counts as one address; a /56 may
/// begin four times as many, and a /48 sixteen times. The effects are described in docs/operations.md.
/// </summary>
/// <remarks>
/// Minutes are counted by the monotonic clock since the start. Other networks are IPv4 addresses and IPv6 /48s, however many visits each
/// began: one attacker's visits do not raise another's limit. If <see cref="MaxFreelyOver"/> or more networks exceeded the base at the
/// same time, each could justify the others; from there on, they share what that many could begin.
/// </remarks>
internal sealed class VisitBudget : IDisposable
{
    /// <summary>
    /// How many networks may exceed the base at the same time without limiting each other: the large carriers of a country.
    /// </summary>
    public const int MaxFreelyOver = 16;

    /// <summary>Networks that a page can always count in two minutes, whatever happens on other pages.</summary>
    public const int ReservedNetworks = 1_024;

    /// <summary>The maximum of networks that a page counts in two minutes; further ones are counted by their provider's network.</summary>
    public const int MaxNetworks = 65_536;

    /// <summary>The maximum of networks beyond <see cref="ReservedNetworks"/> on all pages together, about 40 bytes each, and 30 more beyond the base.</summary>
    public const int MaxShared = 524_288;

    // The number of /16 networks in IPv4.
    private const int MaxWideNetworks = 65_536;

    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, PageVisits> _pages = new();
    private readonly int? _perAddress;
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly ITimer _sweep;
    private int _shared;

    public VisitBudget(IngestOptions options, TimeProvider clock)
    {
        (_perAddress, _clock, _start) = (options.VisitsPerMinutePerAddress, clock, clock.GetTimestamp());
        _sweep = clock.CreateTimer(_ => Sweep(), null, Length, Length);
    }

    /// <summary>How many pages had visits in the last two minutes.</summary>
    public int Pages => _pages.Count;

    /// <summary>Counts a visit that <paramref name="address"/> wants to begin on <paramref name="page"/>.</summary>
    /// <param name="page">The page.</param>
    /// <param name="address">The visitor's address.</param>
    /// <param name="factorOver">Beside other instances, which count the base together: of the largest network of the address that has used it up, the
    /// factor of its base; 0 when none has. Null where this instance counts alone.</param>
    /// <returns>Whether it may begin; always true with <c>Throttle:Enabled=false</c>.</returns>
    public bool TryTake(Guid page, IPAddress address, int? factorOver = null)
    {
        if (_perAddress is null)
        {
            return true;
        }

        while (true)
        {
            var visits = _pages.GetOrAdd(page, static (_, owner) => new PageVisits(owner), this);
            if (visits.TryTake(address, Now(), factorOver) is { } mayBegin)
            {
                return mayBegin;
            }
        }
    }

    public void Dispose() => _sweep.Dispose();

    private long Now() => _clock.GetElapsedTime(_start).Ticks / Length.Ticks;

    private void Sweep()
    {
        var now = Now();
        foreach (var (page, visits) in _pages)
        {
            if (visits.TryClose(now))
            {
                _pages.TryRemove(new(page, visits));
            }
        }
    }

    private bool TryShare()
    {
        if (Interlocked.Increment(ref _shared) <= MaxShared)
        {
            return true;
        }

        Interlocked.Decrement(ref _shared);
        return false;
    }

    private void GiveBack(int shared) => Interlocked.Add(ref _shared, -shared);

    /// <summary>The visits to one page in this minute and the one before.</summary>
    private sealed class PageVisits(VisitBudget owner)
    {
        private readonly Lock _lock = new();
        private Minute _current = new(0);
        private Minute _previous = new(-1);
        private bool _isClosed;

        /// <returns>Null when the page was removed by the sweep in the meantime.</returns>
        public bool? TryTake(IPAddress address, long now, int? factorOver)
        {
            lock (_lock)
            {
                if (_isClosed)
                {
                    return null;
                }

                MoveTo(now);
                var network = ClientNetwork.Of(address);
                return _current.Visits.ContainsKey(network)
                    || HasRoom() ? TryTake(address, network, factorOver) : TryTakeWide(ClientNetwork.Wide(address));
            }
        }

        public bool TryClose(long now)
        {
            lock (_lock)
            {
                if (now <= _current.Number + 1)
                {
                    return false;
                }

                MoveTo(now);
                return _isClosed = true;
            }
        }

        private bool TryTake(IPAddress address, ClientNetwork network, int? factorOver)
        {
            var visits = _current.Visits;
            var max = Relative(network);
            Span<(ClientNetwork Network, int Factor)> levels = stackalloc (ClientNetwork, int)[ClientNetwork.MaxLevels];
            levels = levels[..ClientNetwork.Levels(address, levels)];
            foreach (var (level, factor) in levels)
            {
                var count = visits.GetValueOrDefault(level);
                if (IsOver(count, factor, factorOver) && count >= max)
                {
                    return false;
                }
            }

            foreach (var (level, factor) in levels)
            {
                if (visits.ContainsKey(level) || TryAdd(level, network))
                {
                    ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(visits, level);
                    if (IsOver(count, factor, factorOver))
                    {
                        _current.Over.Add(level);
                    }

                    count++;
                }
            }

            return true;
        }

        // Within a network that is over, none has more visits here than it.
        private bool IsOver(int count, int factor, int? factorOver) => factorOver is { } shared ? factor == shared : count >= Base(factor);

        /// <summary>What a network may begin because of the others.</summary>
        private long Relative(ClientNetwork network)
        {
            var isKnown = _current.Visits.ContainsKey(network) || _previous.Visits.ContainsKey(network);
            var others = _current.Networks + _previous.Networks - _current.Again - (isKnown ? 1 : 0);
            var over = Math.Max(MaxFreelyOver, Math.Max(_current.Over.Count, _previous.Over.Count));
            return (long)others * MaxFreelyOver / over / 2;
        }

        private long Base(int factor) => (long)owner._perAddress!.Value * factor;

        private bool TryTakeWide(ClientNetwork network)
        {
            var visits = _current.WideVisits;
            if (!visits.TryGetValue(network, out var count) && visits.Count >= MaxWideNetworks)
            {
                return true; // other networks' visits are no reason to refuse this one
            }

            if (count >= Base(ClientNetwork.WideFactor))
            {
                return false;
            }

            visits[network] = count + 1;
            return true;
        }

        private int Count => _current.Visits.Count + _previous.Visits.Count;

        private bool HasRoom() => Count < ReservedNetworks || (Count < MaxNetworks && Volatile.Read(ref owner._shared) < MaxShared);

        private bool TryAdd(ClientNetwork level, ClientNetwork network)
        {
            if (Count >= MaxNetworks)
            {
                return false;
            }

            if (Count >= ReservedNetworks)
            {
                if (!owner.TryShare())
                {
                    return false;
                }

                _current.Shared++;
            }

            _current.Visits.Add(level, 0);
            if (level == network)
            {
                _current.Networks++;
                _current.Again += _previous.Visits.ContainsKey(network) ? 1 : 0;
            }

            return true;
        }

        private void MoveTo(long now)
        {
            if (now == _current.Number)
            {
                return;
            }

            owner.GiveBack(_previous.Shared);
            if (now == _current.Number + 1)
            {
                _previous = _current;
            }
            else
            {
                owner.GiveBack(_current.Shared);
                _previous = new Minute(now - 1);
            }

            _current = new Minute(now);
        }
    }

    private sealed class Minute(long number)
    {
        public long Number => number;

        /// <summary>Visits by network, for IPv6 at all prefix lengths.</summary>
        public Dictionary<ClientNetwork, int> Visits { get; } = [];

        /// <summary>Visits by the provider's network, for networks that did not fit.</summary>
        public Dictionary<ClientNetwork, int> WideVisits { get; } = [];

        /// <summary>The number of networks; the prefix lengths of one IPv6 network are not counted separately.</summary>
        public int Networks { get; set; }

        /// <summary>How many of them were seen in the minute before.</summary>
        public int Again { get; set; }

        /// <summary>The networks that began more than the base allows.</summary>
        public HashSet<ClientNetwork> Over { get; } = [];

        /// <summary>Entries taken from the room that pages share.</summary>
        public int Shared { get; set; }
    }
}
