using System.Net;
using Bioscope.Core;

namespace Bioscope.Server.Web;

/// <summary>
/// Counts the requests of one route. Each network has a window of its own, which starts with its first request; a request that is
/// refused is not counted, so a small network never uses up the limit of a larger one that it is in. Memory is bounded, and one network
/// never affects others (decision 0013).
/// </summary>
internal sealed class RouteWindows(ThrottlePolicy policy, TimeProvider clock)
{
    /// <summary>Networks, and as many users or visitors, that a route counts: some 1.5 MB each. There are about thirty routes.</summary>
    public const int Max = 16_384;

    private readonly Lock _lock = new();
    private readonly Windows<ClientNetwork> _networks = new(Max, policy.Window, clock);
    private readonly Windows<UInt128> _callers = new(Max, policy.Window, clock);

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _networks.Count + _callers.Count;
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
            var now = clock.GetTimestamp();
            var first = new Standing(long.MaxValue, long.MaxValue, default);
            foreach (var (network, factor) in levels)
            {
                // The largest comes first, so that a network that is over its limit makes no windows of its parts.
                var standing = _networks.Look(network, (long)policy.Limit * factor, now);
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
    public Standing Take(UInt128 caller)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var standing = _callers.Look(caller, policy.Limit, now);
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
            var now = clock.GetTimestamp();
            _networks.Sweep(now);
            _callers.Sweep(now);
        }
    }
}
