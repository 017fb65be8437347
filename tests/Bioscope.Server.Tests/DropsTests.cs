using System.Globalization;
using System.Text.Json;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Bioscope.Server.Api.Reports;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>What was not counted is reported: by page, day and reason, and nothing else.</summary>
public sealed class DropsTests
{
    [Theory, Engines]
    public async Task Drops_are_counted_by_page_day_and_reason(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        Assert.Equal("""{"days":30,"total":0,"reasons":[],"daily":[]}""", await app.ReportAsync(anna, "drops"));
        Drop(app, anna, DropReason.Bot, 2);
        Drop(app, ben, DropReason.Storage, 9);
        app.Clock.Advance(TimeSpan.FromDays(2));
        Drop(app, anna, DropReason.Bot, 1);
        Drop(app, anna, DropReason.Consent, 3);
        Drop(app, anna, DropReason.Unanswered, 4);

        Assert.Equal(
            """
            {"days":30,"total":10,"reasons":[{"reason":"unanswered","count":4},{"reason":"bot","count":3},{"reason":"consent","count":3}],"daily":[{"day":"2026-04-15T00:00:00.000Z","total":2,"reasons":{"bot":2}},{"day":"2026-04-17T00:00:00.000Z","total":8,"reasons":{"unanswered":4,"consent":3,"bot":1}}]}
            """,
            await app.ReportAsync(anna, "drops"));
        Assert.Equal("9 storage", await LineAsync(app, ben));
        // Whole days; the window touches two of them.
        Assert.Equal("8 unanswered consent bot", await LineAsync(app, anna, "?days=1"));
        Assert.Equal("10 unanswered bot consent", await LineAsync(app, anna, "?days=2"));
    }

    [Theory, Engines]
    public async Task Drops_are_reported_at_once(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        Counter(app).Patience = Support.Patience.Limit;
        await app.PostSessionAsync(creator);
        await app.PostSessionAsync(creator, ("consentAnalytics", "denied"));
        await app.PostSessionAsync(creator, ("trackingToken", new string('0', 32)));
        await app.PostSessionAsync(creator, ("bioPageId", Guid.NewGuid()));

        Assert.Equal("2 consent token", await LineAsync(app, creator));
        Assert.Empty(await app.Analytics.QueryAsync(
            """SELECT 1 FROM "PageDrop" WHERE "bioPageId" <> @page""", _ =>
                1, TestContext.Current.CancellationToken, ("@page", creator.BioPageId)));
    }

    [Theory, Engines]
    public async Task Drops_of_instances_add_up_and_survive_a_stop(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using (var one = await TestApp.StartAsync(databases))
        await using (var two = await TestApp.StartAsync(databases))
        {
            var creator = await one.AddCreatorAsync("anna@example.com");
            for (var i = 0; i < 20; i++)
            {
                Drop(one, creator, DropReason.Consent, 1);
                Drop(two, creator, DropReason.Consent, 2);
                await Task.WhenAll(FlushAsync(one, creator), FlushAsync(two, creator));
            }

            Assert.Equal("60 consent", await LineAsync(two, creator));
            Drop(one, creator, DropReason.Consent, 5);
            Drop(two, creator, DropReason.Bot, 7);
        }

        await using var later = await TestApp.StartAsync(databases);
        var page = (
            await later.Main.QueryAsync(
                """SELECT "id" FROM "BioPage" """, row => later.Main.Dialect.ReadGuid(row, 0), TestContext.Current.CancellationToken))
            .Single();
        var drops = await Drops.ReadAsync(
            ReportScope.Of(later.Services, page, 1, TestApp.Start), TestApp.Start, TestContext.Current.CancellationToken);
        Assert.Equal([new DropCount("consent", 65), new DropCount("bot", 7)], drops.Reasons);
    }

    [Theory, Engines]
    public async Task Drop_counts_are_written_every_five_seconds(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        Drop(app, creator, DropReason.Throttle, 3);
        Assert.Equal(1, Counter(app).Pending);

        await UntilWrittenAsync(app);

        Assert.Equal(["throttle 3"], await app.RowsOfDropsAsync(creator));
    }

    [Theory, Engines]
    public async Task Drop_counts_wait_in_memory_without_a_database(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.Analytics.ExecuteAsync("""ALTER TABLE "PageDrop" RENAME TO "Away" """, TestContext.Current.CancellationToken);
        Drop(app, creator, DropReason.Bot, 2);
        await FlushAsync(app, creator);
        Drop(app, creator, DropReason.Bot, 1);
        await FlushAsync(app, creator);
        await app.Analytics.ExecuteAsync("""ALTER TABLE "Away" RENAME TO "PageDrop" """, TestContext.Current.CancellationToken);

        Assert.Equal("3 bot", await LineAsync(app, creator));
    }

    [Theory, Engines]
    public async Task Drops_of_unknown_pages_are_not_stored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        Drop(app, creator, DropReason.Bot, 1);
        await FlushAsync(app, creator);
        for (var i = 0; i < 3 * DropCounter.MaxPending; i++)
        {
            app.Services.GetRequiredService<IngestMetrics>().Drop(DropReason.Bot, Guid.NewGuid());
        }

        Drop(app, creator, DropReason.Consent, 2);
        Assert.Equal(DropCounter.MaxPending + 1, Counter(app).Pending);
        await UntilWrittenAsync(app);

        Assert.Equal("3 consent bot", await LineAsync(app, creator));
        Assert.Equal(
            2, (await app.Analytics.QueryAsync("""SELECT 1 FROM "PageDrop" """, _ => 1, TestContext.Current.CancellationToken)).Count);
    }

    [Theory, Engines]
    public async Task A_drop_count_stops_at_its_maximum(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await StoreAsync(app, creator, TestApp.Start, PageDrop.MaxCount - 1);
        Drop(app, creator, DropReason.Bot, 5);
        await FlushAsync(app, creator);
        Drop(app, creator, DropReason.Bot, 5);

        Assert.Equal($"{PageDrop.MaxCount} bot", await LineAsync(app, creator));
        await app.Analytics.ExecuteAsync(
            """UPDATE "PageDrop" SET "count" = @count WHERE "bioPageId" = @page""", TestContext.Current.CancellationToken,
            ("@count", long.MaxValue), ("@page", creator.BioPageId));
        Drop(app, creator, DropReason.Bot, 5);
        Assert.Equal($"{PageDrop.MaxCount} bot", await LineAsync(app, creator));
    }

    [Theory, Engines]
    public async Task Drops_older_than_any_report_are_deleted(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var today = new DateTimeOffset(TestApp.Start.Date, TimeSpan.Zero);
        foreach (var days in (int[])[367, 366, 365])
        {
            await StoreAsync(app, creator, today.AddDays(-days), days);
        }

        await UntilWrittenAsync(app);
        await app.AddSessionsAsync(creator, null); // the fence moves only with rows, which are checked every ten minutes
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await Patience.UntilAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return (await app.RowsOfDropsAsync(creator)).Count <= 2;
        });

        Assert.Equal(["bot 365", "bot 366"], (await app.RowsOfDropsAsync(creator)).Order(StringComparer.Ordinal));
        Assert.Equal("365 bot", await LineAsync(app, creator, "?days=365"));
    }

    [Theory]
    [InlineData("2026-04-15T12:00:00Z", "2026-04-15T11:00:00Z", "2025-04-14")]
    [InlineData("2027-05-20T12:00:00Z", "2026-04-15T11:00:00Z", "2025-04-14")] // the clock is ahead
    [InlineData("2026-03-16T12:00:00Z", "2026-04-15T11:00:00Z", "2025-03-15")] // the clock is behind
    public void Drops_expire_by_the_earlier_of_clock_and_fence(string now, string fence, string kept) => Assert.Equal(
        DateTimeOffset.Parse(kept + "T00:00:00Z", CultureInfo.InvariantCulture),
        DropCounter.FirstKeptDay(
            DateTimeOffset.Parse(now, CultureInfo.InvariantCulture), DateTimeOffset.Parse(fence, CultureInfo.InvariantCulture)));

    [Theory, Engines]
    public async Task The_dashboard_lists_what_was_not_counted(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        Assert.DoesNotContain("not counted", await visit.ReadAsync("/dashboard"), StringComparison.Ordinal);
        Drop(app, creator, DropReason.Token, 1);

        // also before the first visit
        Assert.Contains("1 visit was not counted: 1 without a valid token.", await visit.ReadAsync("/dashboard"), StringComparison.Ordinal);
        await app.AddSessionAsync(creator);
        Drop(app, creator, DropReason.Consent, 1_200);
        Drop(app, creator, DropReason.Unanswered, 80);
        Drop(app, creator, DropReason.Session, 12);
        Drop(app, creator, DropReason.Throttle, 30);
        var page = await visit.ReadAsync("/dashboard?days=7");

        Assert.Contains(
            "<summary>1,281 visits were not counted: 1,200 refused, 80 did not answer, 1 without a valid token. 42 events were not " +
            "counted: 30 over a limit, 12 of no open visit.</summary>",
            page,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "1,200 refused The visitor said no", DashboardVisit.TextOf(page, "data-drop=\"consent\""), StringComparison.Ordinal);
        app.Clock.Advance(TimeSpan.FromDays(1));
        Assert.DoesNotContain("not counted", await visit.ReadAsync("/dashboard?days=today"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_drop_reason_has_a_text_in_the_dashboard()
    {
        Assert.Equal(
            Enum.GetValues<DropReason>().Select(PageDrop.NameOf).Order(StringComparer.Ordinal),
            Server.Dashboard.Blocks.NotCounted.Reasons.Order(StringComparer.Ordinal));
    }

    private static DropCounter Counter(TestApp app) => app.Services.GetRequiredService<DropCounter>();

    private static Task FlushAsync(TestApp app, Creator creator) => Counter(app).TryFlushAsync(creator.BioPageId);

    private static void Drop(TestApp app, Creator creator, DropReason reason, int times)
    {
        Counter(app).Patience = Support.Patience.Limit; // the machine may be busy
        for (var i = 0; i < times; i++)
        {
            app.Services.GetRequiredService<IngestMetrics>().Drop(reason, creator.BioPageId);
        }
    }

    private static Task<int> StoreAsync(TestApp app, Creator creator, DateTimeOffset day, long count) => app.Analytics.InsertAsync(
        PageDrop.Table, [new PageDrop(creator.BioPageId, new DateTimeOffset(day.UtcDateTime.Date, TimeSpan.Zero), "bot", count)],
        TestContext.Current.CancellationToken);

    private static Task UntilWrittenAsync(TestApp app) => Patience.UntilAsync(() =>
    {
        app.Clock.Advance(TimeSpan.FromMilliseconds(500));
        return Counter(app).Pending == 0;
    });

    /// <summary>The total, and the reasons in their order.</summary>
    private static async Task<string> LineAsync(TestApp app, Creator creator, string query = "")
    {
        var data = JsonDocument.Parse(await app.ReportAsync(creator, "drops" + query)).RootElement;
        return $"{data.GetProperty("total")} " +
            $"{string.Join(' ', data.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetProperty("reason").GetString()))}";
    }
}

file static class DropRows
{
    public static Task<List<string>> RowsOfDropsAsync(this TestApp app, Creator creator) => app.Analytics.QueryAsync(
        """SELECT "reason", "count" FROM "PageDrop" WHERE "bioPageId" = @page""",
        row => $"{row.GetString(0)} {row.GetInt64(1)}",
        TestContext.Current.CancellationToken,
        ("@page", creator.BioPageId));
}
