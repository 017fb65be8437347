using System.Globalization;
using System.Text;

namespace Bioscope.Bench.Faults;

/// <summary>Requests whose framing is wrong. Where they end is not sure, so each has a connection of its own and may be hung up on.</summary>
internal sealed class HostileFraming(Random random, int number)
{
    private const string Path = "/api/v1/analytics/session";

    // What a size of a chunk must not be.
    private static readonly string[] ChunkSizes =
    [
        "FFFFFFFFFFFFFFFF", "7FFFFFFFFFFFFFFF", "100000000", "-1", "", "zz", "0x5", "5;x=y", " 5", "5 ", "+5", "5\t", "00000000000000000000005",
    ];

    private static readonly string[] Lengths =
    [
        "9999999999999999999999999", "18446744073709551616", "9223372036854775807", "9223372036854775808", "-1", "+5", "0x5", "5, 5",
        "5, 6", "", " ", "5.0", "1e3", "\u0665", "5abc",
    ];

    private static readonly string[] Lines =
    [
        "GET / HTTP/0.9", "GET / HTTP/1.0", "GET / HTTP/2.0", "GET / HTTP/9.9", "GET / HTTP/1.1 ", "GET  / HTTP/1.1", "GET /", "GET", "",
        " GET / HTTP/1.1", "GET\t/\tHTTP/1.1", "G\0T / HTTP/1.1",
        "GET /\0 HTTP/1.1", "GET /%00 HTTP/1.1", "GET /%zz HTTP/1.1", "GET http://evil.example/ HTTP/1.1", "GET //evil.example/ HTTP/1.1",
        "CONNECT evil.example:443 HTTP/1.1", "OPTIONS * HTTP/1.1",
        "GET * HTTP/1.1", "PRI * HTTP/2.0\r\n\r\nSM", "GET /\u00e9 HTTP/1.1", "GET ?x HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.1\r",
        "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc",
    ];

    private static readonly string[] Heads =
    [
        "No colon here", ": no name", "Space Name: x", "Name : x", "X: a\r\n folded", "X: \0", "X: a\nY: b", "X: a\rY: b", "Host: b",
        "Transfer-Encoding: gzip", "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: xchunked", "Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA",
        "Connection: Host, close", "Upgrade: websocket\r\nConnection: Upgrade",
        "Trailer: Content-Length", "Expect: 200-maybe", "X-Forwarded-For: \u00ff", "Authorization: Bearer", "Authorization: Basic Og==",
        "Cookie: =;;=", "Keep-Alive: timeout=99999999999",
    ];

    public HostileRequest Make()
    {
        var (kind, text) = random.Next(10) switch
        {
            0 => ("chunk size", Chunked(ChunkSizes[random.Next(ChunkSizes.Length)])),
            1 => ("content length", $"POST {Path} HTTP/1.1\r\n{Json}Content-Length: {Lengths[random.Next(Lengths.Length)]}\r\n\r\n{{}}"),
            2 => ("both lengths", Chunked("2", "Content-Length: 4\r\n")),
            3 or 4 => ("request line", $"{Lines[random.Next(Lines.Length)]}\r\nHost: bench\r\n\r\n"),
            5 or 6 => ("header", $"GET /healthz HTTP/1.1\r\nHost: bench\r\n{Heads[random.Next(Heads.Length)]}\r\n\r\n"),
            7 => ("large head", Large()),
            8 => ("pipelined", string.Concat(Enumerable.Repeat($"GET /healthz HTTP/1.1\r\n{Json}\r\n", random.Next(2, 40)))),
            _ => ("no HTTP", ""),
        };
        var bytes = kind == "no HTTP" ? new HostileBodies(random).Garbage(random.Next(1, 4_000)) : Encoding.Latin1.GetBytes(text);
        var isMutated = random.Next(6) == 0;
        return new HostileRequest(number, kind, "GET", isMutated ? new HostileBodies(random).Mutated(bytes) : bytes, Sending.Alone)
        {
            MustBeAnswered = kind is "content length" or "pipelined" or "large head" && !isMutated,
        };
    }

    private string Json => $"Host: bench\r\nX-Correlation-Id: {HostileRequest.CorrelationId(number)}\r\nContent-Type: application/json\r\n";

    private string Chunked(string size, string header = "") =>
        $"POST {Path} HTTP/1.1\r\n{Json}{header}Transfer-Encoding: chunked\r\n\r\n{size}\r\n{{}}\r\n{(random.Next(2) == 0 ? "0\r\n\r\n" : "")}";

    private static string Header(int number) => string.Create(CultureInfo.InvariantCulture, $"X-{number}: x\r\n");

    private string Large() => random.Next(3) switch
    {
        0 => $"GET /{new string('a', random.Next(1_000, 200_000))} HTTP/1.1\r\nHost: bench\r\n\r\n",
        1 => $"GET / HTTP/1.1\r\nHost: bench\r\nX: {new string('x', random.Next(1_000, 600_000))}\r\n\r\n",
        _ => "GET / HTTP/1.1\r\nHost: bench\r\n" + string.Concat(Enumerable.Range(0, random.Next(10, 2_000)).Select(Header)) + "\r\n",
    };
}
