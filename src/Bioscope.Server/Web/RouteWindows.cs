using System.Net;
using Bioscope.Core;

namespace Bioscope.Server.Web;

/// <summary>
/// Counts the requests to one route. Each network has its own window, which starts with its first request; a refused request is not
/// counted, so a small network never uses up the limit of a larger one that contains it. Memory is bounded, and one network never affects
/// others (decision 0013).
/// </summary>
internal sealed class RouteWindows(ThrottlePolicy policy, TimeProvider clock)
{
    /// <summary>
    /// The maximum of networks, and again of users or visitors, per route: about 1.5 MB each. There are about thirty routes.
    /// </summary>
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

    /// <summary>Counts a request from an address in each of its networks.</summary>
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
                // The largest comes first, so that a network over its limit creates no windows for its parts.
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

    /// <summary>Counts a request from a caller identified by more than an address.</summary>
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

    /// <summary>Removes expired windows and returns their memory.</summary>
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
