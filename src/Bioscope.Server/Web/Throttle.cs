using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using Bioscope.Core;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>How many requests a caller may make to a route in a period.</summary>
internal sealed record ThrottlePolicy(string Route, int Limit, TimeSpan Window)
{
    /// <summary>
    /// Whether several instances ask each other from a caller's first request on, so that it never gets more than the limit: where a request costs
    /// much more than a row, as a password does.
    /// </summary>
    public bool IsExact { get; init; }

    /// <summary>Called for a request that is over the limit, before it is refused.</summary>
    public Func<HttpContext, Task>? OnRefused { get; init; }
}

/// <summary>
/// Counts requests in fixed windows, per route and per caller; a caller's window starts with its first request. Windows are measured on
/// the monotonic clock, so setting the machine's clock neither opens nor closes one. Each route has its own windows (<see
/// cref="RouteWindows"/>): a flood on one does not affect the others. Several instances share a caller's limit (<see cref="SharedBudgets"/>).
/// </summary>
internal sealed class Throttle : IDisposable
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, RouteWindows> _routes = new();
    private readonly Settings _settings;
    private readonly ClientAddress _addresses;
    private readonly SharedBudgets _shared;
    private readonly TimeProvider _clock;
    private readonly ITimer _sweep;

    public Throttle(Settings settings, ClientAddress addresses, SharedBudgets shared, IMeterFactory meters, TimeProvider clock)
    {
        (_settings, _addresses, _shared, _clock) = (settings, addresses, shared, clock);
        meters.Create("Bioscope.Throttle").CreateObservableGauge(
            "bioscope.throttle.windows", () => Count, description: "Callers with counted requests, per route");
        _sweep = clock.CreateTimer(_ => Sweep(), null, SweepEvery, SweepEvery);
    }

    /// <summary>The number of windows.</summary>
    public int Count => _routes.Values.Sum(route => route.Count);

    /// <summary>
    /// Counts the request against the token's subject if the bearer is valid, or against its key, unless that speaks for a visitor; otherwise
    /// against the client's address. Sets the
    /// <c>X-RateLimit-*</c> headers, and <c>Retry-After</c> when the request is over the limit.
    /// </summary>
    /// <returns>The refusal, or null when the request may continue.</returns>
    public ValueTask<ApiError?> TakeAsync(HttpContext http, ThrottlePolicy policy) => TakeAsync(
        http, policy, caller: CallerOf(http) is { } caller ? new(null, _shared.Hash(caller)) : new(_addresses.Of(http), default));

    /// <summary>Counts the request against a key, whether it speaks for a visitor or not.</summary>
    /// <inheritdoc cref="TakeAsync(HttpContext, ThrottlePolicy)"/>
    public ValueTask<ApiError?> TakeAsync(HttpContext http, ThrottlePolicy policy, ApiKey key) =>
        TakeAsync(http, policy, new ThrottledCaller(null, _shared.Hash(CallerOf(key))));

    /// <summary>Counts the request against the client's address (for IPv6 its /64) combined with <paramref name="part"/>.</summary>
    /// <inheritdoc cref="TakeAsync(HttpContext, ThrottlePolicy)"/>
    public ValueTask<ApiError?> TakeByAddressAndAsync(HttpContext http, ThrottlePolicy policy, string part) =>
        TakeAsync(http, policy, new ThrottledCaller(null, _shared.Hash(part, ClientNetwork.Link(_addresses.Of(http)).ToBits())));

    /// <summary>
    /// Counts something that an address does with a page, in each of the address's networks, and says nothing to the client.
    /// </summary>
    /// <returns>Of the largest of these networks that is over its limit with this, the limit as a multiple of the smallest one's; 0 when
    /// none is over. Null when this instance is alone, and has not counted it.</returns>
    public async ValueTask<int?> FactorOverAsync(IPAddress address, Guid page, ThrottlePolicy policy)
    {
        if (!_settings.ThrottleEnabled || _shared.Instances <= 1)
        {
            return null;
        }

        var standing = await StandAsync(policy, new ThrottledCaller(address, _shared.Hash(page.ToString("D"))));
        return standing.IsOver ? (int)(standing.Limit / policy.Limit) : 0;
    }

    public void Dispose() => _sweep.Dispose();

    private ValueTask<ApiError?> TakeAsync(HttpContext http, ThrottlePolicy policy, ThrottledCaller caller)
    {
        if (!_settings.ThrottleEnabled)
        {
            return default;
        }

        var standing = StandAsync(policy, caller);
        return standing.IsCompletedSuccessfully ? ValueTask.FromResult(Answer(http, standing.Result)) : AnswerAsync();

        async ValueTask<ApiError?> AnswerAsync() => Answer(http, await standing);
    }

    /// <summary>Counts the request, unless it is over the limit.</summary>
    private ValueTask<Standing> StandAsync(ThrottlePolicy policy, ThrottledCaller caller)
    {
        var route = _routes.GetOrAdd(
            policy.Route, static (_, made) => new RouteWindows(made.policy, made.shared, made.clock), (policy, shared: _shared, clock: _clock));
        var standing = route.Take(caller, _shared.Instances);
        return standing.IsToLease ? LeaseAsync(route, caller) : ValueTask.FromResult(standing);
    }

    /// <summary>Counts the request once other instances were asked; where they do not answer, by this instance's limit alone.</summary>
    private async ValueTask<Standing> LeaseAsync(RouteWindows route, ThrottledCaller caller)
    {
        var deadline = _shared.Deadline();
        while (_shared.Instances is > 1 and var instances)
        {
            // What was leased may have been used by another request in the meantime; then it is asked for again.
            if (route.ToLease(caller, instances) is { Count: > 0 } leases && !await _shared.AskAsync(leases, deadline))
            {
                break;
            }

            var standing = route.Take(caller, instances);
            if (!standing.IsToLease)
            {
                return standing;
            }
        }

        return route.Take(caller, instances: 1);
    }

    private static string? CallerOf(HttpContext http) => http.User.Identity switch
    {
        KeyIdentity { Visitor: null, Key: var key } => CallerOf(key),
        { IsAuthenticated: true } => http.User.FindFirst("sub")?.Value,
        _ => null,
    };

    private static string CallerOf(ApiKey key) => $"key {key.Id:D}";

    private void Sweep()
    {
        foreach (var route in _routes.Values)
        {
            route.Sweep();
        }
    }

    private static ApiError? Answer(HttpContext http, Standing standing)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(standing.Left.TotalSeconds));
        var headers = http.Response.Headers;
        // Of two limits, the headers describe the one that the client reaches first.
        if (!long.TryParse(headers["X-RateLimit-Remaining"], CultureInfo.InvariantCulture, out var other) || standing.Remaining < other
            || standing.IsOver)
        {
            headers["X-RateLimit-Limit"] = Text(standing.Limit);
            headers["X-RateLimit-Remaining"] = Text(standing.Remaining);
            headers["X-RateLimit-Reset"] = Text(seconds);
        }

        if (!standing.IsOver)
        {
            return null;
        }

        headers.RetryAfter = Text(seconds);
        return ApiError.RateLimited(seconds);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Applies the <see cref="ThrottlePolicy"/> of the endpoint, after authentication and before authorization.</summary>
internal sealed class ThrottleMiddleware(RequestDelegate next, Throttle throttle)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<ThrottlePolicy>() is not { } policy)
        {
            return next(http);
        }

        var taken = throttle.TakeAsync(http, policy);
        return taken.IsCompletedSuccessfully ? GoOnAsync(http, policy, taken.Result) : GoOnAsync(http, policy, taken);
    }

    private async Task GoOnAsync(HttpContext http, ThrottlePolicy policy, ValueTask<ApiError?> taken) => await GoOnAsync(http, policy, await taken);

    private Task GoOnAsync(HttpContext http, ThrottlePolicy policy, ApiError? refusal) =>
        refusal is null ? next(http) : RefuseAsync(http, policy, refusal);

    private static async Task RefuseAsync(HttpContext http, ThrottlePolicy policy, ApiError refusal)
    {
        if (policy.OnRefused is { } told)
        {
            await told(http);
        }

        await Errors.WriteAsync(http, refusal);
    }
}
