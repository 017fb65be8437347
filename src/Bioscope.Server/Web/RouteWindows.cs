using System.Net;
using Bioscope.Core;

namespace Bioscope.Server.Web;

/// <summary>
/// Counts the requests to one route. Each network has its own window, which starts with its first request; a refused request is not
/// counted, so a small network never uses up the limit of a larger one that contains it. Memory is bounded, and one network never affects
/// others (decision 0013). Beside other instances a part of each limit is leased from a common count (decision 0037).
/// </summary>
internal sealed class RouteWindows(ThrottlePolicy policy, SharedBudgets shared, TimeProvider clock)
{
    /// <summary>
    /// The maximum of networks, and again of users or visitors, per route: about 1.5 MB each. There are about thirty routes.
    /// </summary>
    public const int Max = 16_384;

    // Routes do not begin all windows at once.
    private readonly TimeSpan _phase = TimeSpan.FromTicks((long)(shared.KeyOf(policy.Route, 0) % (ulong)policy.Window.Ticks));

    private readonly Lock _lock = new();
    private readonly CallerWindows _networks = new(Max, policy.Window, clock, policy.IsExact);
    private readonly CallerWindows _callers = new(Max, policy.Window, clock, policy.IsExact);

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

    /// <summary>Counts a request of a caller, unless other instances must be asked first.</summary>
    public Standing Take(ThrottledCaller caller, int instances) =>
        caller.Address is { } address ? TakeNetworks(caller, address, instances) : TakeCaller(caller.Hash, instances);

    /// <summary>What other instances must be asked first, so that a request of the caller can be counted.</summary>
    public IReadOnlyList<BudgetLease> ToLease(ThrottledCaller caller, int instances)
    {
        lock (_lock)
        {
            var moment = Moment(instances);
            if (caller.Address is not { } address)
            {
                return Lease(_callers, caller.Hash, shared.KeyOf(policy.Route, caller.Hash), policy.Limit) is { } only ? [only] : [];
            }

            var leases = new List<BudgetLease>();
            Span<(ClientNetwork Network, int Factor)> levels = stackalloc (ClientNetwork, int)[ClientNetwork.MaxLevels];
            foreach (var (network, factor) in levels[..ClientNetwork.Levels(address, levels)])
            {
                var key = caller.KeyOf(network);
                if (Lease(_networks, key, shared.KeyOfNetwork(policy.Route, key), (long)policy.Limit * factor) is { } lease)
                {
                    leases.Add(lease);
                }
            }

            return leases;

            BudgetLease? Lease(CallerWindows windows, UInt128 key, UInt128 sharedKey, long limit) =>
                windows.Look(key, limit, instances, moment).IsToLease
                ? new BudgetLease(
                    sharedKey, limit, instances, shared.EndOf(policy.Window, _phase), windows.Held(key, moment),
                    (held, leased) => Apply(windows, key, instances, held, leased))
                : null;
        }
    }

    private void Apply(CallerWindows windows, UInt128 key, int instances, HeldBudget held, LeasedBudget leased)
    {
        lock (_lock)
        {
            windows.Lease(key, held, leased, Moment(instances));
        }
    }

    // Alone, a window begins with its first request. Several instances' windows must begin together.
    private Moment Moment(int instances) => new(
        clock.GetTimestamp(), instances > 1 ? shared.EndOf(policy.Window, _phase) - shared.Now : policy.Window);

    /// <summary>Counts a request from an address in each of its networks.</summary>
    private Standing TakeNetworks(ThrottledCaller caller, IPAddress address, int instances)
    {
        Span<(ClientNetwork Network, int Factor)> levels = stackalloc (ClientNetwork, int)[ClientNetwork.MaxLevels];
        levels = levels[..ClientNetwork.Levels(address, levels)];
        lock (_lock)
        {
            var moment = Moment(instances);
            var first = new Standing(long.MaxValue, long.MaxValue, default);
            foreach (var (network, factor) in levels)
            {
                // The largest comes first, so that a network over its limit creates no windows for its parts.
                var standing = _networks.Look(caller.KeyOf(network), (long)policy.Limit * factor, instances, moment);
                if (standing.IsOver || standing.IsToLease)
                {
                    return standing;
                }

                first = standing.Remaining <= first.Remaining ? standing : first;
            }

            foreach (var (network, _) in levels)
            {
                _networks.Add(caller.KeyOf(network), moment);
            }

            return first;
        }
    }

    /// <summary>Counts a request from a caller identified by more than an address.</summary>
    private Standing TakeCaller(UInt128 caller, int instances)
    {
        lock (_lock)
        {
            var moment = Moment(instances);
            var standing = _callers.Look(caller, policy.Limit, instances, moment);
            if (!standing.IsOver && !standing.IsToLease)
            {
                _callers.Add(caller, moment);
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

/// <summary>Who is counted: anything by its hash, or an address in each of its networks.</summary>
/// <param name="Address">The address.</param>
/// <param name="Hash">With an address, the hash of that with which it does something, or 0.</param>
internal readonly record struct ThrottledCaller(IPAddress? Address, UInt128 Hash)
{
    /// <summary>A key of one of the address's networks. A hash is as good as random to clients, so two pairs hardly ever have the same.</summary>
    public UInt128 KeyOf(ClientNetwork network) => network.ToBits() ^ Hash;
}
