using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Bioscope.Server.Tests;

/// <summary>Requests that the framework's client cannot send.</summary>
public sealed class MalformedRequestTests
{
    private const string Json = "POST /api/v1/analytics/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    private const string Chunked = Json + "Transfer-Encoding: chunked\r\n\r\n";
    private const string Form = "POST /dashboard/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded";
    private const string Unread = "GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static readonly (int Status, string Bytes)[] Requests =
    [
        // Chunk sizes.
        (400, Chunked + "FFFFFFFFFFFFFFFFF\r\n"),
        (400, Chunked + "FFFFFFFFFFFFFFFF\r\n"),
        (400, Chunked + "FFFFFFFF\r\n"),
        (400, Chunked + "80000000\r\n"),
        (400, Chunked + "-1\r\n"),
        (400, Chunked + "zz\r\n"),
        (400, Chunked + "\r\n"),
        (400, Chunked + "2\n{}\n0\n\n"),
        (400, Chunked + "2\r\n{}xx0\r\n\r\n"),
        (400, Form + "\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n"),
        // Trailers.
        (400, Chunked + "2\r\n{}\r\n0\r\na: \0\r\n\r\n"),
        (400, Chunked + "2\r\n{}\r\n0\r\nno trailer\r\n\r\n"),
        (400, Chunked + "2\r\n{}\r\n0\r\n\u00FF: a\r\n\r\n"),
        (431, Chunked + "2\r\n{}\r\n0\r\n" + string.Concat(Enumerable.Repeat("a: b\r\n", 2_000)) + "\r\n"),
        // Lengths.
        (400, Json + "Content-Length: 1111111111111111111111111\r\n\r\n{}"),
        (400, Json + "Content-Length: 9999999999999999999\r\n\r\n{}"),
        (413, Json + "Content-Length: 9223372036854775807\r\n\r\n{}"),
        (400, Json + "Content-Length: -1\r\n\r\n{}"),
        (400, Json + "Content-Length: \r\n\r\n{}"),
        (400, Json + "Content-Length: 2, 2\r\n\r\n{}"),
        (400, Json + "Content-Length: \u00FF\r\n\r\n{}"),
        (400, Json + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}"),
        (400, Json + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
        (400, Json + "Transfer-Encoding: gzip\r\n\r\n{}"),
        // Heads.
        (400, "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
        (400, "GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n"),
        (400, "GET /healthz HTTP/1.1\r\nHost: xn--\r\nConnection: close\r\n\r\n"),
        (400, "GET /@anna HTTP/1.1\r\nHost: xn--a-.example\r\nConnection: close\r\n\r\n"),
        (400, "GET /dashboard/sign-in HTTP/1.1\r\nHost: xn--zzzzzzzzzzzz:5000\r\nConnection: close\r\n\r\n"),
        (400, "GET /healthz HTTP/1.1\r\nHost: x\r\na: \0\r\n\r\n"),
        (400, "GET /healthz HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n"),
        (400, "GET http://[/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        (400, "GET http://y/healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
        (400, "GET /?\0 HTTP/1.1\r\nHost: x\r\n\r\n"),
        (405, "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\nConnection: close\r\n\r\n"),
        (431, "GET /healthz HTTP/1.1\r\nHost: x\r\n" + string.Concat(Enumerable.Repeat("a: b\r\n", 2_000)) + "\r\n"),
        // Other encodings.
        (415, Form + "; charset=utf-7\r\nContent-Length: 1\r\nConnection: close\r\n\r\na"),
        // The response does not depend on a body that is not read.
        (200, Unread + "FFFFFFFFFFFFFFFFF\r\n"),
        (200, Unread + "0\r\na: \0\r\n\r\n"),
        (200, Unread + "zz\r\n"),
    ];

    [Fact]
    public async Task Malformed_requests_get_the_envelope_and_no_log_line()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var cli = Cli.For(databases);
        var (process, http) = await cli.ServeAsync("serve", "--Throttle:Enabled", "false");
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        foreach (var (status, bytes) in Requests)
        {
            var answer = await SendAsync(http.BaseAddress!, bytes);
            var shown = JsonSerializer.Serialize(bytes[..Math.Min(300, bytes.Length)]);
            Assert.True(answer.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{shown} → {answer}");
            Assert.True(answer.Contains("\"success\":false", StringComparison.Ordinal) == (status != 200), $"{shown} → {answer}");
            Assert.True(answer.Contains("\r\nX-Correlation-Id: ", StringComparison.Ordinal), $"{shown} → {answer}");
        }

        await Cli.TerminateAsync(process);
        Assert.Equal("", await output);
    }

    [Fact]
    public async Task A_connection_survives_an_empty_chunked_body()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        var answer = await SendAsync(
            app.Http.BaseAddress!,
            Unread + "0\r\n\r\n" + Unread.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal) + "0\r\n\r\n");

        Assert.Equal(2, answer.Split("HTTP/1.1 200 OK").Length - 1);
    }

    /// <returns>What arrives until the connection ends, or until the response is complete.</returns>
    private static async Task<string> SendAsync(Uri server, string bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes), TestContext.Current.CancellationToken);
        var answer = new StringBuilder();
        var buffer = new byte[8_192];
        try
        {
            while (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var length)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, length));
            }
        }
        catch (IOException e)
        {
            answer.Append(CultureInfo.InvariantCulture, $" ({e.Message})");
        }

        return answer.ToString();
    }
}
