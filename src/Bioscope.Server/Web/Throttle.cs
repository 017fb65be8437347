using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Core;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>How many requests a caller may make to a route in a period.</summary>
internal sealed record ThrottlePolicy(string Route, int Limit, TimeSpan Window)
{
    /// <summary>Called for a request that is over the limit, before it is refused.</summary>
    public Func<HttpContext, Task>? OnRefused { get; init; }
}

/// <summary>
/// Counts requests in fixed windows, per route and per caller; a caller's window starts with its first request. Windows are measured on
/// the monotonic clock, so setting the machine's clock neither opens nor closes one. Each route has its own windows (<see
/// cref="RouteWindows"/>): a flood on one does not affect the others.
/// </summary>
internal sealed class Throttle : IDisposable
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, RouteWindows> _routes = new();
    private readonly Settings _settings;
    private readonly ClientAddress _addresses;
    private readonly TimeProvider _clock;
    private readonly ITimer _sweep;

    // A random key, so that an attacker cannot find two subjects or visitors with the same hash.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(16);

    public Throttle(Settings settings, ClientAddress addresses, IMeterFactory meters, TimeProvider clock)
    {
        (_settings, _addresses, _clock) = (settings, addresses, clock);
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
    public ApiError? Take(HttpContext http, ThrottlePolicy policy)
    {
        if (!_settings.ThrottleEnabled)
        {
            return null;
        }

        var route = Route(policy);
        return Answer(http, CallerOf(http) is { } caller ? route.Take(Hash(caller, 0)) : route.Take(_addresses.Of(http)));
    }

    /// <summary>Counts the request against a key, whether it speaks for a visitor or not.</summary>
    /// <inheritdoc cref="Take(HttpContext, ThrottlePolicy)"/>
    public ApiError? Take(HttpContext http, ThrottlePolicy policy, ApiKey key) =>
        _settings.ThrottleEnabled ? Answer(http, Route(policy).Take(Hash(CallerOf(key), 0))) : null;

    /// <summary>Counts the request against the client's address (for IPv6 its /64) combined with <paramref name="part"/>.</summary>
    /// <inheritdoc cref="Take(HttpContext, ThrottlePolicy)"/>
    public ApiError? TakeByAddressAnd(HttpContext http, ThrottlePolicy policy, string part)
    {
        return _settings.ThrottleEnabled ? Answer(
            http, Route(policy).Take(Hash(part, ClientNetwork.Link(_addresses.Of(http)).ToBits()))) : null;
    }

    public void Dispose() => _sweep.Dispose();

    private RouteWindows Route(ThrottlePolicy policy) =>
        _routes.GetOrAdd(policy.Route, static (_, made) => new RouteWindows(made.policy, made.clock), (policy, clock: _clock));

    private static string? CallerOf(HttpContext http) => http.User.Identity switch
    {
        KeyIdentity { Visitor: null, Key: var key } => CallerOf(key),
        { IsAuthenticated: true } => http.User.FindFirst("sub")?.Value,
        _ => null,
    };

    private static string CallerOf(ApiKey key) => $"key {key.Id:D}";

    private UInt128 Hash(string text, UInt128 more)
    {
        var bytes = new byte[32 + Encoding.UTF8.GetMaxByteCount(text.Length)];
        _key.CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(16), more);
        var length = 32 + Encoding.UTF8.GetBytes(text, bytes.AsSpan(32));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.AsSpan(0, length), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

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
    public Task InvokeAsync(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<ThrottlePolicy>() is { } policy && throttle.Take(http, policy) is { } refusal
            ? RefuseAsync(http, policy, refusal)
            : next(http);

    private static async Task RefuseAsync(HttpContext http, ThrottlePolicy policy, ApiError refusal)
    {
        if (policy.OnRefused is { } told)
        {
            await told(http);
        }

        await Errors.WriteAsync(http, refusal);
    }
}
