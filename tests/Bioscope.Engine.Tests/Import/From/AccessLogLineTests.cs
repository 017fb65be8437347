using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Import.From;
using Xunit;

namespace Bioscope.Engine.Tests.Import.From;

public sealed class AccessLogLineTests
{
    // Address, time, method, address of the request, status; then host, referrer, user agent and language where there are any.
    [Theory]
    [InlineData("""1.2.3.4 - - [01/Mar/2026:12:00:00 +0200] "GET /a?b=c HTTP/2.0" 200 512""", "1.2.3.4 10:00:00 GET /a?b=c 200")]
    [InlineData("""1.2.3.4 - - [01/Mar/2026:12:00:00 -0330] "GET / HTTP/1.1" 304 0 "-" "-" """, "1.2.3.4 15:30:00 GET / 304")]
    [InlineData(
        """1.2.3.4 - anna [01/Mar/2026:12:00:00 +0000] "POST / HTTP/1.1" 500 0 "https://r.example/" "Mozilla" "more" """,
        "1.2.3.4 12:00:00 POST / 500 referrer https://r.example/ agent Mozilla")]
    [InlineData("""2001:db8::1 - - [01/Mar/2026:12:00:00 +0000] "GET /" 200 0""", "2001:db8::1 12:00:00 GET / 200")] // HTTP/0.9
    [InlineData("""a.example:443 1.2.3.4 - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 0""", "1.2.3.4 12:00:00 GET / 200 host a.example:443")]
    [InlineData("""visitor.example - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 0""", "visitor.example 12:00:00 GET / 200")]
    [InlineData(
        """1.2.3.4 - - [01/Mar/2026:12:00:00 +0000] "GET /\x22a\"b\\c HTTP/1.1" 200 0 "" "\x41\xzz\x4" """,
        "1.2.3.4 12:00:00 GET /\"a\"b\\c 200 agent Axzzx4")]
    [InlineData("""1.2.3.4 - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 0 "https://cut.example""", "1.2.3.4 12:00:00 GET / 200")]
    public void The_combined_format_is_read(string line, string read) => Assert.Equal(read, Shown(line));

    [Theory]
    [InlineData("")]
    [InlineData("this is no line")]
    [InlineData("""[01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 0""")]
    [InlineData("""   [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 0""")] // nobody
    [InlineData("""1.2.3.4 - ] - [01/Mar/2026:12:00:00 +0000 "GET / HTTP/1.1" 200 0""")]
    [InlineData("""1.2.3.4 - - [01/Mar/2026:12:00:00] "GET / HTTP/1.1" 200 0""")] // without a zone
    [InlineData("""1.2.3.4 - - [32/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 0""")]
    [InlineData("""1.2.3.4 - - [01/Mrz/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 0""")]
    [InlineData("""1.2.3.4 - - [01/Jan/0001:00:00:00 +0200] "GET / HTTP/1.1" 200 0""")]
    [InlineData("""1.2.3.4 - - [01/Mar/2026:12:00:00 +0000] "-" 408 0""")]
    [InlineData("""1.2.3.4 - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" - 0""")]
    [InlineData("""1.2.3.4 - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1""")]
    [InlineData("""1.2.3.4 - - [01/Mar/2026:12:00:00 +0000] GET / 200""")]
    [InlineData("{")]
    [InlineData("""{"ts":1772366400,"status":200,"uri":"/"}""")] // nobody
    [InlineData("""{"ts":1772366400,"status":200,"remote_addr":"1.2.3.4"}""")]
    [InlineData("""{"ts":1772366400,"remote_addr":"1.2.3.4","uri":"/"}""")]
    [InlineData("""{"status":200,"remote_addr":"1.2.3.4","uri":"/"}""")]
    [InlineData("""{"ts":-1,"status":200,"remote_addr":"1.2.3.4","uri":"/"}""")]
    [InlineData("""{"ts":"soon","status":200,"remote_addr":"1.2.3.4","uri":"/"}""")]
    [InlineData("""{"ts":1772366400,"status":"ok","remote_addr":"1.2.3.4","uri":"/"}""")]
    [InlineData("""{"ts":1772366400,"status":200,"remote_addr":"-","uri":"/"}""")]
    public void What_is_neither_format_is_no_request(string line) =>
        Assert.Null(LogLine.Read(Encoding.UTF8.GetBytes(line), ExportReading.TargetOf()));

    [Theory]
    [InlineData(
        """{"ts":1772366400.5,"request":{"client_ip":"1.2.3.4","remote_ip":"9.9.9.9","method":"HEAD","uri":"/a","host":"a.example","headers":{"Referer":["https://r.example/"],"User-Agent":["Mozilla"],"Accept-Language":["de"]}},"status":200}""",
        "1.2.3.4 12:00:00 HEAD /a 200 host a.example referrer https://r.example/ agent Mozilla language de")]
    [InlineData("""{"ts":1772366400,"request":{"remote_addr":"1.2.3.4:5123","uri":"/"},"status":200}""", "1.2.3.4 12:00:00 GET / 200")]
    [InlineData("""{"ts":1772366400,"request":{"remote_addr":"[2001:db8::1]:443","uri":"/"},"status":200}""", "2001:db8::1 12:00:00 GET / 200")]
    [InlineData("""{"ts":1772366400,"remote_addr":"2001:db8::1","uri":"/","status":200}""", "2001:db8::1 12:00:00 GET / 200")]
    [InlineData(
        """{"StartUTC":"2026-03-01T12:00:00.123456789Z","ClientHost":"1.2.3.4","RequestPath":"/t","RequestMethod":"PUT","RequestHost":"a.example","DownstreamStatus":201,"request_User-Agent":"Mozilla","request_Referer":"https://r.example/"}""",
        "1.2.3.4 12:00:00 PUT /t 201 host a.example referrer https://r.example/ agent Mozilla")]
    [InlineData("""{"time_local":"01/Mar/2026:14:00:00 +0200","remote_addr":"1.2.3.4","request":"PUT /n HTTP/1.1","status":"204"}""", "1.2.3.4 12:00:00 PUT /n 204")]
    [InlineData("""{"msec":"1772366400.123","remote_addr":"1.2.3.4","request":"GET /n HTTP/1.1","status":200}""", "1.2.3.4 12:00:00 GET /n 200")]
    [InlineData("""{"timestamp":1772366400123,"ip":"1.2.3.4","url":"/","status":200}""", "1.2.3.4 12:00:00 GET / 200")] // in milliseconds
    [InlineData("""{"time":"2026/03/01 12:00:00","ip":"1.2.3.4","path":"/","status_code":200}""", "1.2.3.4 12:00:00 GET / 200")]
    [InlineData("""  {"ts":1772366400,"ip":"1.2.3.4","url":"https://a.example/x?y=/z","status":200}""", "1.2.3.4 12:00:00 GET /x?y=/z 200")]
    [InlineData("""{"ts":1772366400,"ip":"1.2.3.4","url":"https://a.example","status":200}""", "1.2.3.4 12:00:00 GET / 200")]
    [InlineData("""{"ts":1772366400,"ip":"1.2.3.4","url":"https://a.example?next=/b","status":200}""", "1.2.3.4 12:00:00 GET /?next=/b 200")]
    [InlineData("""{"ts":1772366400,"ip":"1.2.3.4","url":"/","status":200,"referrer":"-","agent":""}""", "1.2.3.4 12:00:00 GET / 200")]
    public void Json_of_several_servers_is_read(string line, string read) => Assert.Equal(read, Shown(line));

    [Fact]
    public void A_time_without_a_zone_is_in_that_of_the_import() => Assert.Equal(
        "2026-03-01T11:00:00.000Z",
        LogLine.Read(
            """{"time":"2026-03-01 12:00:00","ip":"1.2.3.4","path":"/","status":200}"""u8.ToArray(), ExportReading.TargetOf("Europe/Berlin"))!.At.ToText());

    private static string Shown(string line)
    {
        if (LogLine.Read(Encoding.UTF8.GetBytes(line), ExportReading.TargetOf()) is not { } read)
        {
            return "none";
        }

        Assert.Equal(("2026-03-01", TimeSpan.Zero), (read.At.ToText()[..10], read.At.Offset));
        return $"{read.Address} {read.At.ToText()[11..19]} {read.Method} {read.Uri} {read.Status}{Named("host", read.Host)}"
            + $"{Named("referrer", read.Referrer)}{Named("agent", read.Agent)}{Named("language", read.Language)}";
    }

    private static string Named(string name, string? text) => text is null ? "" : $" {name} {text}";
}
