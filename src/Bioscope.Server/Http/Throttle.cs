using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Http;

/// <summary>How many requests a caller may make to a route in a window of time.</summary>
internal sealed record ThrottlePolicy(string Route, int Limit, TimeSpan Window)
{
    /// <summary>Is told of a request that is over the limit, before it is refused.</summary>
    public Func<HttpContext, Task>? OnRefused { get; init; }
}

/// <summary>
/// Counts requests in fixed windows, per route and per caller; a caller's window starts with its first request. Windows are
/// measured on the monotonic clock, so setting the machine's clock neither opens nor closes one.
/// </summary>
internal sealed class Throttle(Settings settings, ClientAddress addresses, TimeProvider clock)
{
    /// <summary>
    /// Beyond it all further addresses of a route share one window (about 20 MB): a flood from many cannot fill the memory. Subjects
    /// always have their own: they come from signed tokens, so nobody can make them up.
    /// </summary>
    public const int MostCallers = 100_000;

    private readonly ConcurrentDictionary<(string Route, Caller Caller), Window> _windows = new();
    private int _callers; // the dictionary's own count would lock all of it
    private long _nextSweep;

    /// <summary>
    /// Counts the request against the token's subject when the bearer is valid, else against the client's address. Sets the
    /// <c>X-RateLimit-*</c> headers, and <c>Retry-After</c> when the request is over the limit.
    /// </summary>
    /// <returns>The refusal, or null when the request may go on.</returns>
    public ApiError? Take(HttpContext http, ThrottlePolicy policy)
    {
        var subject = http.User.Identity?.IsAuthenticated == true ? http.User.FindFirst("sub")?.Value : null;
        return Take(http, policy, subject is null ? Address(http) : new Caller(subject, IsAddress: false));
    }

    /// <summary>Counts the request against the client's address together with <paramref name="part"/>.</summary>
    public ApiError? TakeByAddressAnd(HttpContext http, ThrottlePolicy policy, string part)
    {
        var address = Address(http);
        return Take(http, policy, address with { Name = $"{address.Name} {part}" });
    }

    // Whoever has an IPv6 address has the 2^64 others of its network too, so those are one caller.
    private Caller Address(HttpContext http)
    {
        var address = addresses.Of(http);
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return new Caller(address.ToString(), IsAddress: true);
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new Caller(new IPAddress(bytes).ToString(), IsAddress: true);
    }

    private ApiError? Take(HttpContext http, ThrottlePolicy policy, Caller caller)
    {
        if (!settings.ThrottleEnabled)
        {
            return null;
        }

        var (count, left) = Count(policy, caller);
        var remaining = Math.Max(0, policy.Limit - count);
        var seconds = Math.Max(1, (int)Math.Ceiling(left.TotalSeconds));
        var headers = http.Response.Headers;
        // Where two limits apply the client is told of the one it will meet first.
        if (!int.TryParse(headers["X-RateLimit-Remaining"], CultureInfo.InvariantCulture, out var other) || remaining < other || count > policy.Limit)
        {
            headers["X-RateLimit-Limit"] = Text(policy.Limit);
            headers["X-RateLimit-Remaining"] = Text(remaining);
            headers["X-RateLimit-Reset"] = Text(seconds);
        }

        if (count <= policy.Limit)
        {
            return null;
        }

        headers.RetryAfter = Text(seconds);
        return ApiError.RateLimited(seconds);
    }

    private (int Count, TimeSpan Left) Count(ThrottlePolicy policy, Caller caller)
    {
        Sweep();
        while (true)
        {
            var now = clock.GetTimestamp();
            var (key, window) = WindowOf(policy, caller, now);
            var left = window.Length - clock.GetElapsedTime(window.Start, now);
            if (left > TimeSpan.Zero)
            {
                return (window.Take(), left);
            }

            Remove(key, window);
        }
    }

    private ((string Route, Caller Caller) Key, Window Window) WindowOf(ThrottlePolicy policy, Caller caller, long now)
    {
        var key = (policy.Route, caller);
        if (_windows.TryGetValue(key, out var known))
        {
            return (key, known);
        }

        if (caller.IsAddress && Volatile.Read(ref _callers) >= MostCallers)
        {
            key = (policy.Route, new Caller("all others", IsAddress: true));
        }

        var made = new Window(now, policy.Window);
        var window = _windows.GetOrAdd(key, made);
        if (window == made)
        {
            Interlocked.Increment(ref _callers);
        }

        return (key, window);
    }

    private void Remove((string Route, Caller Caller) key, Window window)
    {
        if (_windows.TryRemove(new(key, window)))
        {
            Interlocked.Decrement(ref _callers);
        }
    }

    private void Sweep()
    {
        var now = clock.GetTimestamp();
        var due = Interlocked.Read(ref _nextSweep);
        if (now < due || Interlocked.CompareExchange(ref _nextSweep, now + (10 * clock.TimestampFrequency), due) != due)
        {
            return;
        }

        foreach (var entry in _windows)
        {
            if (clock.GetElapsedTime(entry.Value.Start, now) >= entry.Value.Length)
            {
                Remove(entry.Key, entry.Value);
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Who is counted: a token's subject, or an address.</summary>
    private readonly record struct Caller(string Name, bool IsAddress);

    private sealed class Window(long start, TimeSpan length)
    {
        private int _count;

        public long Start => start;

        public TimeSpan Length => length;

        // Stops counting far above every limit, so that it cannot wrap around.
        public int Take() => _count > 1_000_000 ? _count : Interlocked.Increment(ref _count);
    }
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
