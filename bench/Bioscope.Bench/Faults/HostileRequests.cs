using System.Globalization;
using System.Net;
using System.Text;
using Bioscope.Bench.Load;
using Bioscope.Core;

namespace Bioscope.Bench.Faults;

/// <summary>Makes the requests: number and seed decide all of one but times and tokens, which must hold when it is sent.</summary>
internal sealed class HostileRequests(int seed)
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "BREW"];

    private static readonly string[] Reports = ["traffic", "overview", "trend", "geo", "devices", "links", "sessions", "export", "drops"];

    private static readonly string[] Kinds = ["visit", "view", "click", "alive", "leave", "refused", "unanswered", "VISIT", ""];

    private static readonly string[] Queries =
    [
        "", "?days=30", "?days=365", "?days=-1", "?days=1e3", "?days=%00", "?days=99999999999999999999", "?days=7&days=8", "?days[]=1",
        "?type=traffic", "?type=overview&days=7", "?type=%FF",
        "?type=../../etc", "?period=30&source=x", "?lang=xx", "?%", "?=&=&&", "?a=%E2%82", "?range=custom&from=0000-00-00&to=9999-99-99",
        "?since=1;DROP",
    ];

    private static readonly string[] OtherTargets =
    [
        "/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/bioscope.js", "/dashboard", "/dashboard/sign-in",
        "/dashboard/export", "/dashboard/live", "/dashboard/sign-out",
        "/dashboard/demo/lumi/x", "/favicon.ico", "/@", "/@%00", "/@%2e%2e%2f", "/@FAULT0", "/@fault1/", "/%2e%2e/%2e%2e/etc/passwd",
        "/api", "/api/v1", "/api/v2/x", "//", "/;a=b", "/api/v1/analytics/session/",
        "/hi", "/hi/", "/HI", "/wp-login.php", "/.git/config", "/a%2Fb", "/\u00fc", "/%ff", "/dashboard/live?x", "/dashboard.css",
        "/dashboard.js", "/world.svg",
    ];

    public HostileRequest Make(int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        return random.Next(100) switch
        {
            < 30 => Ingest(random, number),
            < 45 => Report(random, number),
            < 60 => Edit(random, number),
            < 70 => Account(random, number),
            < 82 => Anything(random, number),
            < 97 => new HostileFraming(random, number).Make(),
            < 99 => Whole(random, number, "aborted", Sending.Aborted),
            _ => Whole(random, number, "slow", Sending.Slow),
        };
    }

    /// <summary>The bytes of a request that HTTP understands.</summary>
    public static byte[] Bytes(
        Random random, int number, string method, string target, string? authorization, byte[]? body, string? contentType = "application/json")
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{method} {target} HTTP/1.1\r\nHost: {Host(random)}\r\nUser-Agent: {UserAgent(random)}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"X-Correlation-Id: {HostileRequest.CorrelationId(number)}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"X-Forwarded-For: {Address(random)}\r\n");
        if (authorization is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Authorization: {authorization}\r\n");
        }

        if (random.Next(5) == 0)
        {
            head.Append(OddHeader(random));
        }

        if (body is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Type: {contentType}\r\nContent-Length: {body.Length}\r\n");
        }

        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. body ?? []];
    }

    public static FaultPage Page(Random random) => FaultWorld.AllPages[random.Next(FaultWorld.AllPages.Count)];

    private static HostileRequest Ingest(Random random, int number)
    {
        var page = Page(random);
        var id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddMilliseconds(random.NextInt64(4_000_000_000_000)));
        var (method, route, valid) = random.Next(6) switch
        {
            0 or 1 => ("POST", "session", Session(page, number % 5_000)),
            2 => ("POST", "pageview", $$"""{"sessionId":"{{id}}","path":"/","title":"x","linkClicked":"{{Uuid.Named($"made up {number}")}}"}"""),
            3 => (random.Next(2) == 0 ? "POST" : "PATCH", $"session/{Id(random, id)}/heartbeat", ""),
            4 => (random.Next(2) == 0 ? "POST" : "PATCH", $"pageview/{Id(random, id)}/leave", """{"duration":30,"scrollDepth":50}"""),
            _ => ("POST", "/hi", $$"""
                {"kind":"{{Kinds[random.Next(Kinds.Length)]}}","visitor":"{{number % 5_000}}","consent":"granted","page":"{{page.Id}}",
                "token":"{{page.TrackingToken}}","session":"{{id}}","view":"{{id}}","link":"{{page.Links[0]}}","duration":3}
                """),
        };
        var target = route[0] == '/' ? route : "/api/v1/analytics/" + route;
        var body = new HostileBodies(random).Next(valid);
        return Ordinary(number, "ingest", method, Bytes(random, number, method, target, null, body, ContentType(random)), random);
    }

    private static HostileRequest Report(Random random, int number)
    {
        var tokens = new HostileTokens(random);
        var isForged = random.Next(2) == 0;
        var target = $"/api/v1/creators/analytics/{Reports[random.Next(Reports.Length)]}{Queries[random.Next(Queries.Length)]}";
        var bytes = Bytes(random, number, "GET", target, isForged ? tokens.Forged() : tokens.Good(), null);
        return Ordinary(number, isForged ? "forged" : "report", "GET", bytes, random);
    }

    private static HostileRequest Edit(Random random, int number)
    {
        var tokens = new HostileTokens(random);
        var (mine, other) = (Page(random), Page(random));
        var isOthers = mine != other && random.Next(2) == 0;
        var link = (isOthers ? other : mine).Links[random.Next(mine.Links.Count)].ToString();
        var (method, route, valid) = random.Next(7) switch
        {
            0 => ("PUT", $"links/{link}", """{"title":"Shop","url":"https://shop.example/","active":true}"""),
            1 => ("GET", $"links/{link}", ""),
            // Own ones stay, so that clicks have links.
            2 when isOthers => ("DELETE", $"links/{link}", ""),
            3 => ("GET", "links", ""),
            4 when !isOthers => ("PUT", "links/order", $$"""{"ids":["{{link}}"]}"""),
            5 when !isOthers => ("PUT", "", """{"handle":"no spaces","title":"x","description":"y"}"""),
            _ when isOthers => ("PUT", $"links/{link}", """{"title":"Taken over","url":"https://evil.example/"}"""),
            _ => ("POST", "links", """{"title":"","url":"javascript:alert(1)"}"""),
        };
        var body = method == "GET" ? null : new HostileBodies(random).Next(valid);
        var target = $"/api/v1/creators/bio{(route.Length > 0 ? "/" : "")}{route}";
        var kind = isOthers && route.Contains(link, StringComparison.Ordinal) ? "other creator's" : "edit";
        var bytes = Bytes(random, number, method, target, $"Bearer {mine.AccessToken}", body, ContentType(random));
        return Ordinary(number, kind, method, bytes, random);
    }

    private static HostileRequest Account(Random random, int number)
    {
        var bodies = new HostileBodies(random);
        var (target, valid) = random.Next(5) switch
        {
            // Passwords are slow on purpose, so there are few that are looked at.
            0 when random.Next(50) == 0 => ("/api/v1/auth/login", """{"email":"nobody@example.com","password":"a wrong password"}"""),
            0 => ("/api/v1/auth/login", """{"email":"nobody@example.com","password":""}"""),
            1 => ("/api/v1/auth/refresh", $$"""{"refreshToken":"{{new string('A', 64)}}"}"""),
            2 => ("/api/v1/auth/logout", ""),
            3 => ("/dashboard/sign-in", "email=a%40b.c&password=x&form=x"),
            _ => ("/dashboard/sign-out", "form=%00"),
        };
        var type = target[1] == 'd' ? "application/x-www-form-urlencoded" : ContentType(random);
        return Ordinary(number, "account", "POST", Bytes(random, number, "POST", target, null, bodies.Next(valid), type), random);
    }

    private static HostileRequest Anything(Random random, int number)
    {
        var method = Methods[random.Next(Methods.Length)];
        var target = random.Next(4) switch
        {
            0 => OtherTargets[random.Next(OtherTargets.Length)] + Queries[random.Next(Queries.Length)],
            1 => "/api/v1/creators/analytics/" + Reports[random.Next(Reports.Length)],
            2 => $"/@{Page(random).Handle}",
            _ => OtherTargets[random.Next(OtherTargets.Length)],
        };
        var body = method is "GET" or "HEAD" or "TRACE" or "get" ? null : new HostileBodies(random).Next("{}");
        var authorization = random.Next(3) == 0 ? new HostileTokens(random).Forged() : null;
        return Ordinary(number, "anything", method, Bytes(random, number, method, target, authorization, body, ContentType(random)), random);
    }

    private static HostileRequest Whole(Random random, int number, string kind, Sending sending)
    {
        var body = Encoding.UTF8.GetBytes(Session(Page(random), number));
        return new HostileRequest(number, kind, "POST", Bytes(random, number, "POST", "/api/v1/analytics/session", null, body), sending);
    }

    private static string Session(FaultPage page, int visitor) => $$"""
        {"visitorId":"{{visitor}}","consentAnalytics":"granted","bioPageId":"{{page.Id}}","trackingToken":"{{page.TrackingToken}}",
        "referrer":"https://t.co/x","url":"https://bio.example/?utm_source=x"}
        """;

    private static HostileRequest Ordinary(int number, string kind, string method, byte[] bytes, Random random) =>
        // Some come straight from other addresses, on connections of their own.
        random.Next(20) == 0
            ? new HostileRequest(number, kind, method, bytes, Sending.Alone) { From = Loopback(random) }
            : new HostileRequest(number, kind, method, bytes, Sending.Whole);

    private static IPAddress Loopback(Random random) => new([127, (byte)random.Next(1, 255), (byte)random.Next(256), (byte)random.Next(1, 255)]);

    private static string Id(Random random, Guid id) => random.Next(5) switch
    {
        0 => "not-an-id",
        1 => "%00",
        2 => new string('a', random.Next(1, 3_000)),
        3 => id.ToString("N"),
        _ => id.ToString("D"),
    };

    private static string Host(Random random) => random.Next(30) switch
    {
        0 => "evil.example:1",
        1 => "[::1]:80",
        2 => "xn--",
        _ => "bench",
    };

    private static string UserAgent(Random random) => random.Next(8) switch
    {
        0 => "",
        1 => new string('M', random.Next(1, 3_000)),
        2 => "Mozilla/5.0 (\xFF\xFE" + (char)random.Next(0x80, 0x100) + ")",
        3 => "Googlebot/2.1",
        _ => LoadFile.UserAgent,
    };

    private static string Address(Random random) => random.Next(12) switch
    {
        0 => "unknown",
        1 => string.Join(", ", Enumerable.Repeat("10.0.0.1", random.Next(1, 200))),
        2 => "::ffff:1.2.3.4",
        3 => "2001:db8::%25eth0",
        4 => "999.1.1.1:99999999",
        < 8 => string.Create(
            CultureInfo.InvariantCulture, $"2001:db8:{random.Next(65_536):x}:{random.Next(65_536):x}::{random.Next(65_536):x}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{random.Next(1, 224)}.{random.Next(256)}.{random.Next(256)}.{random.Next(256)}"),
    };

    private static string? ContentType(Random random) => random.Next(10) switch
    {
        0 => "text/plain",
        1 => "application/json; charset=utf-7",
        2 => "application/xml",
        3 => ";;;",
        4 => "text/plain;charset=UTF-8",
        _ => "application/json",
    };

    private static string OddHeader(Random random) => random.Next(12) switch
    {
        0 => "Content-Encoding: gzip\r\n",
        1 => "Accept: text/html\r\n",
        2 => "Accept-Encoding: br;q=9, \xFF\r\n",
        3 => "Origin: null\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x\r\n",
        4 => "Cookie: " + string.Concat(Enumerable.Repeat("bioscope_session=AAAA; ", random.Next(1, 200))) + "\r\n",
        5 => "If-None-Match: \"" + new string('e', random.Next(2_000)) + "\"\r\nIf-Modified-Since: never\r\n",
        6 => "Expect: 100-continue\r\n",
        7 => "Accept-Language: " + string.Join(',', Enumerable.Repeat("de;q=0.5", random.Next(1, 300))) + "\r\n",
        8 => "X-Correlation-Id: not-a-uuid\r\n",
        9 => "Range: bytes=0-1,2-3\r\n",
        10 => "Sec-GPC: 1\r\nDNT: 1\r\nSec-Fetch-Site: cross-site\r\n",
        _ => "CF-Connecting-IP: 1.2.3.4.5\r\nForwarded: for=\"_x\"\r\n",
    };
}
