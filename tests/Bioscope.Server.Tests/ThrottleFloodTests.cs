using System.Net;
using System.Security.Claims;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>A flood does not affect other clients.</summary>
public sealed class ThrottleFloodTests : IAsyncDisposable
{
    private static readonly ThrottlePolicy Policy = new("test", 2, TimeSpan.FromMinutes(1));

    private TestApp? _app;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    [Fact]
    public async Task Larger_IPv6_networks_have_higher_limits()
    {
        var throttle = await StartAsync();

        Assert.Equal([null, null, "2"], Take("2001:db8:1::1", 3));
        Assert.Equal("2", Take("2001:db8:1:0:ffff::1", 1)[0]); // the same /64
        Assert.Equal([null, null, "2"], Take("2001:db8:1:1::1", 3));
        Assert.Equal([null, null, "2"], Take("2001:db8:1:2::1", 3));
        Assert.Equal([null, null, "8"], Take("2001:db8:1:3::1", 3)); // the /56 has 8
        Assert.Equal("8", Take("2001:db8:1:4::1", 1)[0]);
        Assert.Equal(24, Enumerable.Range(0x100, 1_000).Count(link => Take($"2001:db8:1:{link:x}::1", 1)[0] is null)); // the /48 has 32
        Assert.Equal("32", Take("2001:db8:1:9999::1", 1)[0]);
        Assert.Null(Take("2001:db8:2::1", 1)[0]);
        Assert.Null(Take("203.0.113.1", 1)[0]);

        string?[] Take(string address, int times) => [.. Enumerable.Range(0, times).Select(_ => Refusal(throttle, From(address)))];
    }

    [Fact]
    public async Task Refused_requests_do_not_use_the_networks_limit()
    {
        var throttle = await StartAsync();
        for (var i = 0; i < 1_000; i++)
        {
            Refusal(throttle, From("2001:db8:1::1"));
        }

        Assert.Null(Refusal(throttle, From("2001:db8:1:1::1")));
    }

    [Fact]
    public async Task Rate_limit_headers_describe_the_own_address()
    {
        var throttle = await StartAsync();
        foreach (var address in new[] { "203.0.113.1", "2001:db8::1" })
        {
            foreach (var remaining in new[] { "1", "0" })
            {
                var http = From(address);
                Assert.Null(Take(throttle, http, Policy));
                Assert.Equal(("2", remaining, "60"), Headers(http));
            }
        }
    }

    [Theory]
    [InlineData("one /48", 100_000)]
    [InlineData("many /48", 100_000)]
    [InlineData("one /16", 100_000)]
    [InlineData("all of IPv4", 1_000_000)]
    public async Task A_flood_of_addresses_refuses_no_other_client(string kind, int addresses)
    {
        var throttle = await StartAsync();
        var random = new Random(12);
        for (var i = 0; i < addresses; i++)
        {
            Take(throttle, From(Flooding(kind, i, random)), Policy);
        }

        Assert.InRange(throttle.Count, 1, RouteWindows.Max);
        foreach (var visitor in NewVisitors())
        {
            Assert.Null(Take(throttle, From(visitor), Policy));
            Assert.Null(Take(throttle, From(visitor), Policy));
            Assert.Null(Take(throttle, From(visitor), new ThrottlePolicy("another", 1, TimeSpan.FromHours(1))));
            Assert.Null(Done(throttle.TakeByAddressAndAsync(From(visitor), Policy, "visitor")));
        }

        // Without any request.
        _app!.Clock.Advance(TimeSpan.FromMinutes(1));
        _app.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(30 + (3 * 30), throttle.Count); // those of an hour; for IPv6 at three prefix lengths
    }

    [Fact]
    public async Task One_network_creates_at_most_its_limit_of_windows()
    {
        var throttle = await StartAsync();
        for (var i = 0; i < 100_000; i++)
        {
            Refusal(throttle, From(Flooding("one /48", i, new Random(i))));
        }

        Assert.InRange(throttle.Count, 3, 1 + (2 * 32));
    }

    [Fact]
    public async Task Creators_keep_their_limits_in_a_flood()
    {
        var throttle = await StartAsync();
        var random = new Random(12);
        for (var i = 0; i < 200_000; i++)
        {
            Take(throttle, From(Flooding("all of IPv4", i, random)), Policy);
        }

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal([null, null, "2"], Enumerable.Range(0, 3).Select(_ => Refusal(throttle, From("203.0.113.1", $"user {i}"))));
        }
    }

    [Fact]
    public async Task The_heaviest_sender_stays_limited_in_a_flood()
    {
        var throttle = await StartAsync();
        var random = new Random(12);
        var policy = new ThrottlePolicy("flooded", 20, TimeSpan.FromHours(1));
        for (var i = 0; i < 20; i++)
        {
            Assert.Null(Take(throttle, From("198.51.100.1"), policy));
            Assert.Null(Take(throttle, From("198.51.100.2", "user"), policy));
        }

        for (var i = 0; i < 200_000; i++)
        {
            Take(throttle, From(Flooding("all of IPv4", i, random)), policy);
            Done(throttle.TakeByAddressAndAsync(From("203.0.113.1"), policy, $"visitor {i}"));
        }

        Assert.NotNull(Take(throttle, From("198.51.100.1"), policy));
        Assert.NotNull(Take(throttle, From("198.51.100.2", "user"), policy));
        Assert.Equal(2 * RouteWindows.Max, throttle.Count);
    }

    [Fact]
    public async Task Visitors_of_one_address_have_separate_limits()
    {
        var throttle = await StartAsync();

        Assert.Equal([false, false, true], Enumerable.Range(0, 3).Select(_ => Take("203.0.113.1", "anna")));
        Assert.False(Take("203.0.113.1", "ben"));
        Assert.False(Take("203.0.113.2", "anna"));
        Assert.Equal([false, false, true], Enumerable.Range(1, 3).Select(host => Take($"2001:db8::{host}", "anna")));

        bool Take(string address, string visitor) => Done(throttle.TakeByAddressAndAsync(From(address), Policy, visitor)) is not null;
    }

    private async Task<Throttle> StartAsync()
    {
        _app = await TestApp.StartAsync(EngineKind.Sqlite);
        return _app.Services.GetRequiredService<Throttle>();
    }

    /// <returns>The limit that the request is over, or null.</returns>
    private static string? Refusal(Throttle throttle, HttpContext http)
    {
        var refusal = Take(throttle, http, Policy);
        Assert.Equal(refusal is not null, http.Response.Headers.ContainsKey("Retry-After"));
        return refusal is null ? null : Headers(http).Limit;
    }

    private static ApiError? Take(Throttle throttle, HttpContext http, ThrottlePolicy policy) => Done(throttle.TakeAsync(http, policy));

    /// <summary>A single instance never waits.</summary>
    private static ApiError? Done(ValueTask<ApiError?> taken)
    {
        Assert.True(taken.IsCompletedSuccessfully);
        return taken.Result;
    }

    private static (string Limit, string Remaining, string Reset) Headers(HttpContext http)
    {
        return (Header("X-RateLimit-Limit"), Header("X-RateLimit-Remaining"), Header("X-RateLimit-Reset"));

        string Header(string name) => http.Response.Headers[name].ToString();
    }

    private static string Flooding(string kind, int i, Random random) => kind switch
    {
        "one /48" => $"2001:db8:1:{random.Next(0x10000):x}::{i >> 16:x}:{i & 0xFFFF:x}",
        "many /48" => $"2a00:{i >> 16:x}:{i & 0xFFFF:x}::1",
        "one /16" => $"100.64.{i / 256 % 256}.{i % 256}",
        _ => $"{random.Next(1, 192)}.{random.Next(256)}.{random.Next(256)}.{random.Next(256)}",
    };

    private static IEnumerable<string> NewVisitors()
    {
        for (var i = 0; i < 30; i++)
        {
            yield return $"2{i:00}.{i}.0.1";
            yield return $"2600:{i}:1::1";
        }
    }

    private static DefaultHttpContext From(string address, string? subject = null)
    {
        var http = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
        if (subject is not null)
        {
            http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", subject)], "test"));
        }

        return http;
    }
}
