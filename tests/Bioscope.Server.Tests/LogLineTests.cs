using Bioscope.Server.Web;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bioscope.Server.Tests;

public sealed class LogLineTests
{
    [Fact]
    public void A_log_entry_is_one_line_with_the_correlation_id()
    {
        var scopes = new LoggerExternalScopeProvider();
        using var request = scopes.Push(new CorrelationId.Scope("0189f7a3-5b7c-7d4e-8f90-1234567890ab"));
        using var other = scopes.Push("RemoteIp: 203.0.113.1");

        Assert.Equal(
            "2026-04-15T12:00:00.000Z warn Bioscope: GET /x ↵ 2026 fatal forged failed correlationId=0189f7a3-5b7c-7d4e-8f90-1234567890ab",
            Written("GET /x\r\n2026 fatal forged failed", null, scopes));
        Assert.Contains(
            " System.InvalidOperationException: why",
            Written("failed", new InvalidOperationException("why"), scopes),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_json_log_entry_is_one_object()
    {
        var scopes = new LoggerExternalScopeProvider();
        using var request = scopes.Push(new CorrelationId.Scope("0189f7a3-5b7c-7d4e-8f90-1234567890ab"));
        using var other = scopes.Push("RemoteIp: 203.0.113.1");
        using var text = new StringWriter();
        KeyValuePair<string, object?>[] values = [new("Path", "/\"\n\ud800ü"), new("Milliseconds", 1_234L),
            new("{OriginalFormat}", "{Path} {Milliseconds}")];
        var entry = new LogEntry<IReadOnlyList<KeyValuePair<string, object?>>>(
            LogLevel.Error, "Bioscope", default, values, new InvalidOperationException("why"), (state, _) => $"{state[0].Value} failed");

        new JsonLogLine(new TestClock(TestApp.Start)).Write(entry, scopes, text);

        Assert.Equal(
            """
            {"time":"2026-04-15T12:00:00.000Z","level":"error","category":"Bioscope","message":"/\"\n\uFFFDü failed","values":{"path":"/\"\n\uFFFDü","milliseconds":1234},"correlationId":"0189f7a3-5b7c-7d4e-8f90-1234567890ab","exception":"System.InvalidOperationException: why"}

            """,
            text.ToString());
    }

    private static string Written(string message, Exception? exception, IExternalScopeProvider scopes)
    {
        using var text = new StringWriter();
        var entry = new LogEntry<string>(LogLevel.Warning, "Bioscope", default, message, exception, (state, _) => state);
        new LogLine(new TestClock(TestApp.Start)).Write(entry, scopes, text);
        return Assert.Single(text.ToString().TrimEnd().Split('\n'));
    }
}
