using System.Text;
using Xunit;

namespace Bioscope.Engine.Tests.Import.From;

public sealed class AccessLogTests
{
    private const string Phone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

    private static readonly string Combined = $"""
        203.0.113.7 - - [01/Mar/2026:12:00:00 +0200] "GET /?utm_source=letter HTTP/2.0" 200 512 "https://www.google.com/" "{Phone}"
        203.0.113.7 - - [01/Mar/2026:12:00:01 +0200] "GET /style.css HTTP/2.0" 200 99 "https://anna.example/" "{Phone}"
        203.0.113.7 - - [01/Mar/2026:12:29:00 +0200] "GET /more/ HTTP/2.0" 304 0 "https://anna.example/" "{Phone}" "extra"
        203.0.113.7 - - [01/Mar/2026:13:00:00 +0200] "GET / HTTP/2.0" 200 512 "https://anna.example/more" "{Phone}"
        198.51.100.9 - anna [01/Mar/2026:13:00:01 +0200] "GET / HTTP/2.0" 200 512 "-" "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
        198.51.100.9 - - [01/Mar/2026:13:00:02 +0200] "GET / HTTP/2.0" 200 512 "-" "-"
        198.51.100.9 - - [01/Mar/2026:13:00:03 +0200] "GET /wp-login.php HTTP/1.1" 404 0 "-" "{Phone}"
        198.51.100.9 - - [01/Mar/2026:13:00:04 +0200] "POST / HTTP/1.1" 200 0 "-" "{Phone}"
        this is no line
        198.51.100.9 - - [01/Mar/2026:13:00:05 +0200] "\x16\x03\x01" 400 0 "-" "-"
        """;

    [Fact]
    public async Task Loads_of_pages_become_visits_with_half_an_hour_between()
    {
        var reading = await ExportReading.OfAsync(Combined, hosts: ["anna.example"]);

        Assert.Equal("access-log", reading.Tool!.Name);
        Assert.Equal(
            [
                "2026-03-01T10:00:00 google.com DE mobile Safari iOS 17.5 / utm=letter 2p 1740s",
                "2026-03-01T11:00:00 DE mobile Safari iOS 17.5 / 1p 0s",
            ],
            reading.Visits);
        Assert.Equal(["10:00:00 /", "10:29:00 /more", "11:00:00 /"], reading.Pages);
        Assert.Equal(2, reading.Target.Bots);
        Assert.Equal(["1 requests for files that are no page", "2 requests that are no GET, or were not answered with 200 or 304"], reading.LeftOut);
        Assert.Equal(
            ["9: this is no line of an access log in the combined format or in JSON", "10: this is no line of an access log in the combined format or in JSON"],
            reading.Problems);
        Assert.Single(reading.Sessions.Select(row => row.VisitorId).Distinct());
    }

    [Fact]
    public async Task Addresses_are_stored_nowhere()
    {
        var reading = await ExportReading.OfAsync(Combined);

        Assert.DoesNotContain("203.0.113", string.Join('\n', reading.Items.Select(item => item.Row?.ToString())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_of_caddy_and_nginx_is_read_as_the_combined_format_is()
    {
        var caddy = $$$"""
            {"level":"info","ts":1772359200.123,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"10.0.0.1","client_ip":"203.0.113.7","method":"GET","host":"anna.example:443","uri":"/?ref=x","headers":{"User-Agent":["{{{Phone}}}"],"Referer":["https://t.co/x"],"Accept-Language":["de,en;q=0.5"]}},"status":200}
            {"level":"info","ts":"2026-03-01T10:10:00Z","request":{"remote_ip":"203.0.113.7","method":"GET","host":"other.example","uri":"/","headers":{"User-Agent":["{{{Phone}}}"]}},"status":200}
            {"level":"info","ts":1772359800,"request":{"remote_ip":"203.0.113.7","method":"GET","host":"www.anna.example","uri":"/more","headers":{"User-Agent":["{{{Phone}}}"],"Referer":["https://anna.example/"]}},"status":200}
            {"time_local":"01/Mar/2026:12:20:00 +0200","remote_addr":"203.0.113.7","request":"GET /third HTTP/1.1","status":"200","http_referer":"-","http_user_agent":"{{{Phone}}}"}
            """;
        var reading = await ExportReading.OfAsync([("access.json.gz", ExportReading.Gzip(Encoding.UTF8.GetBytes(caddy)))], hosts: ["anna.example"]);

        Assert.Equal(["2026-03-01T10:00:00 t.co DE mobile Safari iOS 17.5 de / ref=x 3p 1199s"], reading.Visits);
        Assert.Equal(["1 of other hosts"], reading.LeftOut);
    }

    [Fact]
    public async Task A_visit_that_two_files_have_is_one()
    {
        var lines = Combined.Split('\n');
        var whole = await ExportReading.OfAsync(Combined);
        var parts = await ExportReading.OfAsync(
            [("access.log.1", Encoding.UTF8.GetBytes(string.Join('\n', lines[..2]))), ("access.log", Encoding.UTF8.GetBytes(string.Join('\n', lines[2..])))]);

        Assert.Equal(whole.Ids, parts.Ids);
    }

    [Fact]
    public async Task Many_visits_at_once_stay_whole()
    {
        // More than are kept open: those that are idle are finished.
        var log = new StringBuilder();
        for (var i = 0; i < 60_000; i++)
        {
            foreach (var path in (string[])["/", "/more"])
            {
                log.Append($"10.{i >> 16}.{(i >> 8) & 255}.{i & 255} - - [{new DateTime(2026, 3, 1).AddSeconds(i):dd/MMM/yyyy:HH:mm:ss} +0000] \"GET {path} HTTP/1.1\" 200 1 \"-\" \"{Phone}\"\n");
            }
        }

        var reading = await ExportReading.OfAsync(log.ToString());

        Assert.Equal(60_000, reading.Sessions.Count(row => row.PageViews == 2));
        Assert.Equal(120_000, reading.Views.Select(row => row.Id).Distinct().Count());
    }
}
