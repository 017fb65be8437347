using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Bioscope.Server.Tests;

/// <summary>What the real server logs during normal operation and failures.</summary>
public sealed class LogTests
{
    [Theory, InlineData("text"), InlineData("json")]
    public async Task No_log_line_has_a_client_address(string format)
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var cli = Cli.For(databases);
        cli.Environment["Logging__LogLevel__Default"] = "Trace";
        cli.Environment["Logging__LogLevel__Microsoft.AspNetCore"] = "Trace"; // more than anyone would want
        cli.Environment["Log__Format"] = format;
        cli.Environment["Proxies__Trusted"] = "127.0.0.1";
        cli.Environment["Throttle__Session"] = "1";
        var (process, http) = await cli.ServeAsync("serve");
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var session = new { visitorId = "v", consentAnalytics = "granted" };
        string[] clients = ["203.0.113.77", "2001:db8:77::7"];
        foreach (var client in clients)
        {
            http.DefaultRequestHeaders.Remove("X-Forwarded-For");
            http.DefaultRequestHeaders.Add("X-Forwarded-For", client);
            Assert.Equal(HttpStatusCode.OK, (await PostAsync(session)).StatusCode);
            Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(session)).StatusCode);
            Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(new { visitorId = 1 })).StatusCode);
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                (await http.GetAsync("/api/v1/creators/analytics/traffic", TestContext.Current.CancellationToken)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/nothing", TestContext.Current.CancellationToken)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/metrics", TestContext.Current.CancellationToken)).StatusCode);
        }

        var port = await BreakAsync(databases, http, session);
        await Cli.TerminateAsync(process);

        var lines = (await output).TrimEnd('\n').Split('\n');
        Assert.Contains(lines, line =>
            line.Contains("were not stored", StringComparison.Ordinal) || line.Contains("could not be stored", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("database does not answer", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotContain(clients, client => line.Contains(client, StringComparison.OrdinalIgnoreCase)));
        Assert.All(lines, line => Assert.DoesNotContain($":{port}", line, StringComparison.Ordinal));
        if (format == "json")
        {
            Assert.All(lines, line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString());
        }

        Task<HttpResponseMessage> PostAsync(object body) =>
            http.PostAsJsonAsync("/api/v1/analytics/session", body, TestContext.Current.CancellationToken);
    }

    /// <summary>
    /// Makes a write and a check fail over a separate connection; returns that connection's port, which identifies the client's socket.
    /// </summary>
    private static async Task<int> BreakAsync(TestDatabases databases, HttpClient http, object session)
    {
        await using var analytics = new Engine.Storage.AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        await analytics.ExecuteAsync("""ALTER TABLE "AnalyticsSession" RENAME TO "Away" """, TestContext.Current.CancellationToken);
        using var client = new TcpClient();
        await client.ConnectAsync(http.BaseAddress!.Host, http.BaseAddress.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        var body = JsonSerializer.Serialize(session);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /api/v1/analytics/session HTTP/1.1\r\nHost: x\r\nUser-Agent: {TestApp.Phone}\r\nContent-Type: " +
                $"application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"
                + "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\nGET /%00 HTTP/1.1\r\nHost: x\r\n\r\n"),
            TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var answers = await reader.ReadToEndAsync(TestContext.Current.CancellationToken); // the last request ends the connection
        Assert.Equal(["200", "503", "400"], answers.Split("HTTP/1.1 ")[1..].Select(answer => answer[..3]));
        return ((IPEndPoint)client.Client.LocalEndPoint!).Port;
    }
}
