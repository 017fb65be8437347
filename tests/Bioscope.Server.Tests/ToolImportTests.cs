using System.Globalization;
using System.IO.Compression;
using System.Text;
using Bioscope.Engine.Checking;
using Bioscope.Engine.Erasing;
using Bioscope.Engine.Import;
using Bioscope.Engine.Import.From;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Server.Accounts;

namespace Bioscope.Server.Tests;

/// <summary>Imports of what other tools export, into real databases.</summary>
public sealed class ToolImportTests
{
    private const string Header =
        "2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,Screen size,Location,FirstVisit,Date\n";

    private const string First = Header +
        "/,Home,0,,Chrome 131,Windows 10,aa-1,0,https://t.co/x,h,\"1280,768,1\",US,1,2026-03-01T10:00:00Z\n" +
        "/,Home,0,,,,bb-2,7,,,,US,1,2026-03-01T10:00:01Z\n";

    private const string Rest =
        "/more,More,0,,Chrome 131,Windows 10,aa-1,0,,,\"1280,768,1\",US,0,2026-03-01T10:05:00Z\n" +
        "/,Home,0,,Safari 18,iOS 18,cc-3,0,Google,g,\"390,844,3\",DE,1,2026-03-02T10:00:00Z\n";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task A_longer_export_adds_only_the_rest_and_grows_the_last_visit(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        Assert.Equal((3L, 0L), await ImportAsync(app, creator.BioPageId, First)); // a visit, its page view, a bot
        await new Sealer(app.Analytics).SealAsync(creator.BioPageId, TestApp.Start, Cancelled);

        Assert.Equal((0L, 3L), await ImportAsync(app, creator.BioPageId, First));
        Assert.Equal((3L, 3L), await ImportAsync(app, creator.BioPageId, First + Rest));
        Assert.Equal((0L, 6L), await ImportAsync(app, creator.BioPageId, First + Rest));

        Assert.Equal(["1", "2"], (await app.SessionColumnAsync(creator.BioPageId, "pageViews")).Order());
        Assert.Equal(["0", "300"], (await app.SessionColumnAsync(creator.BioPageId, "duration")).Order());
        Assert.Null(await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancelled));
        await new Sealer(app.Analytics).SealAsync(creator.BioPageId, TestApp.Start, Cancelled);
        Assert.Null(await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancelled));
        Assert.Contains(
            "\"totalSessions\":2,\"bounceRate\":50,\"avgDuration\":300,\"pagesPerSession\":1.5", await app.ReportAsync(creator, "sessions?days=365"),
            StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Daily_sums_replace_earlier_ones_and_are_shown_apart(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await app.AddSessionAsync(creator, "anna", startedAt: TestApp.Start.AddDays(-3));
        var before = await app.ReportAsync(creator, "overview?days=365");
        const string Days = "\"date\",\"visitors\",\"pageviews\",\"bounces\",\"visits\",\"visit_duration\"\n\"2026-04-01\",5,12,2,6,100\n\"2026-04-02\",7,30,2,8,90\n";

        Assert.Equal((2L, 0L), await ImportAsync(app, creator.BioPageId, Days, "imported_visitors_20260401_20260402.csv"));
        Assert.Equal((0L, 2L), await ImportAsync(app, creator.BioPageId, Days));
        Assert.Equal((1L, 1L), await ImportAsync(app, creator.BioPageId, Days.Replace("7,30,", "7,31,", StringComparison.Ordinal)));

        var page = await visit.ReadAsync("/dashboard?range=30d");
        Assert.Contains("from Plausible, imported as daily sums.", page, StringComparison.Ordinal);
        Assert.Contains("43 views", DashboardVisit.TextOf(page, "class=\"imported\""), StringComparison.Ordinal);
        Assert.Contains("from Plausible", await visit.ReadAsync("/dashboard?range=all"), StringComparison.Ordinal);
        Assert.DoesNotContain("Plausible", await visit.ReadAsync("/dashboard?range=7d"), StringComparison.Ordinal);
        Assert.Equal(before, await app.ReportAsync(creator, "overview?days=365"));
    }

    [Theory, Engines]
    public async Task A_link_is_made_once_and_a_script_never(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        const string List = """{"links":[{"button_id":1,"title":"Shop","link":"https://shop.example/"},{"button_id":1,"title":"x","link":"javascript:alert(1)"}]}""";

        Assert.Equal((1L, 0L), await ImportAsync(app, creator.BioPageId, List, bad: 1));
        Assert.Equal((0L, 1L), await ImportAsync(app, creator.BioPageId, List, bad: 1));
        Assert.Equal(
            ["https://shop.example/"],
            await app.Main.QueryAsync("""SELECT "url" FROM "BioLink" """, row => row.GetString(0), Cancelled));
    }

    [Fact]
    public async Task The_command_says_what_it_did_and_what_cannot_be_known()
    {
        using var cli = new Cli();
        var anna = await cli.RunAsync(["creator", "add", "--handle", "anna", "--email", "anna@example.com"], "battery staple horse\n");
        Assert.True(anna.ExitCode == 0, anna.Error);
        var file = Path.Combine(cli.Folder, "export.csv.gz");
        await using (var gzip = new GZipStream(File.Create(file), CompressionMode.Compress))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(First + Rest), Cancelled);
        }

        var first = await cli.RunAsync(["import", "--page", "@anna", file]);
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.StartsWith("4 rows of GoatCounter: 6 added, 0 existed already, 0 bad\nNot counted: 1 of bots\nWhat cannot be known: ", first.Output, StringComparison.Ordinal);
        Assert.Contains("0 added, 6 existed already", (await cli.RunAsync(["import", "--page", "anna", "--from", "GoatCounter", file])).Output, StringComparison.Ordinal);

        foreach (var (arguments, problem) in ((string[], string)[])
        [
            (["--page", "anna", "--from", "umami", file], "is no export of Umami that can be imported; it looks like one of GoatCounter (--from goatcounter)"),
            (["--page", "ben", file], "there is no page 'ben'"),
            (["--page", "anna", "--from", "paper", file], "'paper' is not one of goatcounter, umami,"),
            (["--from", "umami", file], "--page"),
            (["--page", "anna", "--timezone", "Mars", file], "'Mars' is not the IANA name"),
        ])
        {
            var refused = await cli.RunAsync(["import", .. arguments]);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(problem, refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_import_that_was_killed_gives_the_same_figures_when_repeated()
    {
        using var cli = new Cli();
        await cli.RunAsync(["creator", "add", "--handle", "anna", "--email", "anna@example.com"], "battery staple horse\n");
        var log = Path.Combine(cli.Folder, "access.log");
        await using (var writer = new StreamWriter(log))
        {
            // Each address comes again after an hour, so that visits are stored from the beginning.
            for (var i = 0; i < 100_000; i++)
            {
                await writer.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"10.0.0.{i % 199} - - [{new DateTime(2026, 1, 1).AddSeconds(20 * i):dd/MMM/yyyy:HH:mm:ss} +0000] \"GET /{i % 3} HTTP/1.1\" 200 1 \"-\" \"{TestApp.Phone}\""));
            }
        }

        string[] import = ["import", "--page", "anna", log];
        var killed = cli.Start(import);
        var database = Path.Combine(cli.Folder, "data", "analytics.db-wal");
        while (!killed.HasExited && !(File.Exists(database) && new FileInfo(database).Length > 8 << 20))
        {
            await Task.Delay(5, Cancelled);
        }

        killed.Kill();
        await killed.WaitForExitAsync(Cancelled);
        var repeated = await cli.RunAsync(import);
        var again = await cli.RunAsync(import);

        Assert.Equal(0, repeated.ExitCode);
        var (added, known) = (Count(repeated.Output, " added"), Count(repeated.Output, " existed"));
        Assert.True(known > 0, "it was killed before it stored anything");
        Assert.Equal((0, added + known), (Count(again.Output, " added"), Count(again.Output, " existed")));
        Assert.Equal(0, (await cli.RunAsync(["verify"])).ExitCode);
    }

    [Theory, Engines]
    public async Task Daily_sums_leave_with_their_creator(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        foreach (var creator in (Engine.Creators.Creator[])[anna, ben])
        {
            await ImportAsync(app, creator.BioPageId, "# Start date: 20260401\nNth day,Views,Active users\n0000,3,2\n0001,4,1\n");
        }

        await new Erasure(app.Main, app.Analytics, app.Clock).CreatorAsync(
            new ErasedCreator(anna.UserId, anna.BioPageId, null, null), ErasureOrigin.Operator, Cancelled);

        var far = TestApp.Start.AddYears(1);
        Assert.Empty(await ImportedDay.ReadAsync(app.Analytics, anna.BioPageId, DateTimeOffset.UnixEpoch, far, Cancelled));
        Assert.Equal(
            [3L, 4L], (await ImportedDay.ReadAsync(app.Analytics, ben.BioPageId, DateTimeOffset.UnixEpoch, far, Cancelled)).Select(day => day.PageViews));
    }

    private static int Count(string output, string word)
    {
        var text = output[..output.IndexOf(word, StringComparison.Ordinal)];
        return int.Parse(text[(text.LastIndexOf(' ') + 1)..], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    private static async Task<(long Added, long Known)> ImportAsync(TestApp app, Guid page, string content, string name = "export", int bad = 0)
    {
        var folder = Directory.CreateTempSubdirectory("bioscope-export-");
        try
        {
            var path = Path.Combine(folder.FullName, name);
            await File.WriteAllTextAsync(path, content, Cancelled);
            using var file = ExportFile.Open(path);
            var target = new ImportTarget(Encoding.UTF8.GetBytes(TestApp.VisitorSecret))
            {
                Page = page,
                Latest = app.Clock.GetUtcNow().AddDays(1),
                Hosts = new HashSet<string>(),
                Paths = new HashSet<string>(),
                Links = new Dictionary<string, Guid>(),
                Locate = (row, _) => row,
            };
            var importer = new Importer(app.Main, app.Analytics, Encoding.UTF8.GetBytes(TestApp.VisitorSecret), Passwords.Rule, app.Clock)
            {
                GrowsSessions = true,
                BadLine = (_, _) => { },
                Progress = _ => { },
            };
            var tool = ExportTool.Of(file)!;
            var counts = await importer.RunAsync(ItemsAsync(), Cancelled);
            Assert.Equal(bad, counts.Bad);
            return (counts.Added, counts.Known);

            async IAsyncEnumerable<ImportItem> ItemsAsync()
            {
                await foreach (var item in tool.Read(file.Parts[0], target, Cancelled))
                {
                    yield return item;
                }

                foreach (var item in target.Rest())
                {
                    yield return item;
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
