using System.Text;
using Xunit;

namespace Bioscope.Engine.Tests.Import.From;

public sealed class GoatCounterExportTests
{
    // As version 2.5 and later write it: user agents are no longer stored.
    private const string Version2 = """
        2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,Screen size,Location,FirstVisit,Date
        /,Anna's links,0,,Chrome 131,Windows 10,287fb97cbed4e4f-8e4f5c975b8fee06,0,www.reddit.com/r/links,h,"1280,768,1",US-TX,1,2025-12-01T00:07:10Z
        click-my-shop,My shop,1,,Chrome 131,Windows 10,287fb97cbed4e4f-8e4f5c975b8fee06,0,,,"1280,768,1",US,1,2025-12-01T00:07:44Z
        "/blog","A ""quoted"" title,
        over two lines",false,,Safari 18.1,iOS 18.1,c8b722d57674550-bcd20ab1989d7739,0,Hacker News,g,"390,844,3",DE,1,2025-12-02T10:00:00Z
        signup,Newsletter,1,,Safari 18.1,iOS 18.1,c8b722d57674550-bcd20ab1989d7739,0,,,,DE,1,2025-12-02T10:00:10Z
        /,Anna's links,0,,,,99999,7,,,,US,1,2025-12-02T11:00:00Z
        /,,0,,Firefox 133,Android 15,abc-def,0,spring,c,"1200,1920,1",,1,2025-12-03T11:00:00Z
        /,,0,,Firefox 133,Android 15,abc-aaa,0,,,,,1,yesterday
        """;

    private static readonly string[] Visits =
    [
        "2025-12-01T00:07:10 reddit.com US desktop Chrome Windows 10 / 2p 34s",
        "2025-12-02T10:00:00 DE mobile Safari iOS 18.1 /blog ref=Hacker News 1p 0s",
        "2025-12-03T11:00:00 tablet Firefox Android 15 / ref=spring 1p 0s",
    ];

    [Fact]
    public async Task Sessions_become_visits_and_named_links_clicks()
    {
        var reading = await ExportReading.OfAsync(Version2.Replace("click-my-shop,My shop", "click-1,My shop", StringComparison.Ordinal));

        Assert.Equal("goatcounter", reading.Tool!.Name);
        Assert.Equal(Visits, reading.Visits);
        Assert.Equal(["00:07:10 /", "00:07:44 click", "10:00:00 /blog", "11:00:00 /"], reading.Pages);
        Assert.Equal("A \"quoted\" title,\nover two lines", reading.Views.ElementAt(2).Title);
        Assert.Equal(["1 events that are not clicks on a link of the page"], reading.LeftOut);
        Assert.Equal(1, reading.Target.Bots);
        Assert.Equal(["9: the column Date has no time"], reading.Problems);
    }

    [Fact]
    public async Task Compression_line_ends_and_separators_change_nothing()
    {
        var expected = (await ExportReading.OfAsync(Version2)).Ids.ToList();
        var text = "\uFEFF" + Version2.ReplaceLineEndings("\r\n").Replace("title,\r\n", "title,\n", StringComparison.Ordinal) + "\r\n\r\n";

        Assert.Equal(expected.Count, expected.Distinct().Count());
        Assert.Equal(expected, (await ExportReading.OfAsync([("e.csv.gz", ExportReading.Gzip(Encoding.UTF8.GetBytes(text)))])).Ids);
        Assert.Equal(expected, (await ExportReading.OfAsync([("e.zip", ExportReading.Zip(("e.csv", text)))])).Ids);
    }

    [Fact]
    public async Task Version_1_has_the_user_agent_as_browser()
    {
        var reading = await ExportReading.OfAsync("""
            1Path,Title,Event,Bot,Session,FirstVisit,Referrer,Referrer scheme,Browser,Screen size,Location,Date
            /,Home,false,0,5,true,https://t.co/x,h,"Mozilla/5.0 (iPhone; CPU iPhone OS 13_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1 Mobile/15E148 Safari/604.1","375,667,2",FR,2020-05-01T10:00:00Z
            /,Home,false,0,6,true,,,"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",,US,2020-05-01T10:00:01Z
            """);

        Assert.Equal(["2020-05-01T10:00:00 t.co FR mobile Safari iOS 13.5 / 1p 0s"], reading.Visits);
        Assert.Equal(1, reading.Target.Bots);
    }

    [Fact]
    public async Task A_longer_export_has_the_ids_of_a_shorter_one()
    {
        var lines = Version2.Split('\n');
        var shorter = await ExportReading.OfAsync(string.Join('\n', lines[..2]));
        var longer = await ExportReading.OfAsync(Version2);

        Assert.Subset(longer.Ids.ToHashSet(), shorter.Ids.ToHashSet());
    }

    [Fact]
    public async Task Rows_without_a_session_are_visits_of_their_own()
    {
        const string Header = "2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,Screen size,Location,FirstVisit,Date\n";
        const string Row = "/,,0,,,,0,0,,,,,1,2025-12-03T11:00:00Z\n";
        var two = await ExportReading.OfAsync(Header + Row + Row);

        Assert.Equal(2, two.Sessions.Select(row => row.Id).Distinct().Count());
        Assert.Subset(two.Ids.ToHashSet(), (await ExportReading.OfAsync(Header + Row)).Ids.ToHashSet());
    }

    [Fact]
    public async Task Paths_and_own_hosts_are_respected()
    {
        var reading = await ExportReading.OfAsync(Version2, paths: ["/"], hosts: ["reddit.com"]);

        Assert.Equal(["2025-12-01T00:07:10 US desktop Chrome Windows 10 2p 34s", "2025-12-03T11:00:00 tablet Firefox Android 15 ref=spring 1p 0s"], reading.Visits);
        Assert.Contains("1 of other paths", reading.LeftOut);
    }
}
