using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Server.Commands;

namespace Bioscope.Server.Tests;

/// <summary><c>bioscope repair</c> on rows that were stamped by a clock that was ahead.</summary>
public sealed class RepairTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task Repair_shifts_future_rows_back_once(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var app = await TestApp.StartAsync(databases);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await AddAsync(app, creator.BioPageId, 2_300, Now.AddDays(30).AddHours(-2));
        await AddAsync(app, creator.BioPageId, 70, Now.AddHours(-5));
        await AddAsync(app, other.BioPageId, 70, Now.AddHours(-5));
        await AddAsync(app, default, 3, Now.AddDays(30).AddHours(-2));
        await cli.RunAsync(["rebuild"]);
        var version = await VersionAsync(app, other);

        var dry = await cli.RunAsync(["repair", "--shift", "30d"]);
        var tooLittle = await cli.RunAsync(["repair", "--shift", "29d", "--yes"]);
        var done = await cli.RunAsync(["repair", "--shift", "30d", "--yes"]);
        var again = await cli.RunAsync(["repair", "--shift", "30d", "--yes"]);

        Assert.Contains(
            $"page {creator.BioPageId}: 2,300 sessions and 2,300 page views have future times, the newest",
            dry.Output,
            StringComparison.Ordinal);
        Assert.Contains("no page: 3 sessions and 3 page views", dry.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed. To shift them, add --yes", dry.Output, StringComparison.Ordinal);
        Assert.Equal(1, tooLittle.ExitCode);
        Assert.Contains("Nothing was changed.", tooLittle.Error, StringComparison.Ordinal);
        Assert.Contains("4,606 rows shifted.", done.Output, StringComparison.Ordinal);
        Assert.Contains("no row has a future time", again.Output, StringComparison.Ordinal);
        Assert.Equal(
            2_300,
            (await TimesAsync(app, "AnalyticsSession", "startedAt", creator)).Count(
                at => (at - Now.AddHours(-2)).Duration() < TimeSpan.FromSeconds(1)));
        Assert.Equal(
            2_300,
            (await TimesAsync(app, "AnalyticsPageView", "enteredAt", creator)).Count(
                at => (at - Now.AddHours(-2)).Duration() < TimeSpan.FromSeconds(1)));
        await cli.SucceedAsync(["verify"]);
        await cli.SucceedAsync(["doctor"]);
        Assert.Equal(version, await VersionAsync(app, other)); // unaffected pages stay sealed
    }

    [Theory, Engines]
    public async Task Repair_removes_future_rows_of_a_page_or_time(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var app = await TestApp.StartAsync(databases);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        foreach (var page in (Creator[])[creator, other])
        {
            await AddAsync(app, page.BioPageId, 5, Now.AddDays(400));
            await AddAsync(app, page.BioPageId, 7, Now.AddDays(30));
            await AddAsync(app, page.BioPageId, 9, Now.AddHours(-1));
        }

        var doctor = await cli.RunAsync(["doctor"]);
        await cli.RunAsync(["repair", "--remove", "--yes", "--page", $"{creator.BioPageId}"]);
        await cli.RunAsync(["repair", "--shift=400d1h", "--yes", "--from", $"{Now.AddDays(300):O}"]);

        Assert.Equal(1, doctor.ExitCode);
        Assert.Contains(
            $"page {other.BioPageId}: 12 sessions and 12 page views have future times", doctor.Output, StringComparison.Ordinal);
        Assert.Equal((9, 0), await CountsAsync(app, creator));
        Assert.Equal((14, 7), await CountsAsync(app, other));
        await cli.RunAsync(["repair", "--shift", "30d1h", "--yes", "--to", $"{Now.AddDays(31):O}"]);
        Assert.Equal((21, 0), await CountsAsync(app, other));
        await cli.SucceedAsync(["doctor"]);
    }

    [Fact]
    public async Task Repair_refuses_contradictory_options()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var cli = Cli.For(databases);

        Assert.Contains("is not a duration", (await cli.RunAsync(["repair", "--shift", "a while"])).Error, StringComparison.Ordinal);
        Assert.Contains(
            "cannot be combined", (await cli.RunAsync(["repair", "--shift", "1d", "--remove"])).Error, StringComparison.Ordinal);
        Assert.Contains("no row has a future time", (await cli.RunAsync(["repair"])).Output, StringComparison.Ordinal);
        Assert.Contains("No invalid values.", (await cli.RunAsync(["repair", "--malformed", "--yes"])).Output, StringComparison.Ordinal);
    }

    [Theory, InlineData("30d", 30 * 24 * 3600), InlineData("36h", 36 * 3600), InlineData("1d2h3m4s", 93784), InlineData("5m", 300)]
    [InlineData(
        "",
        null), InlineData("0d",
        null), InlineData("-1d",
        null), InlineData("1h1d",
        null), InlineData("1.5d",
        null), InlineData("999999999d",
        null), InlineData("30",
        null)]
    public void Durations_are_parsed(string text, int? seconds) =>
        Assert.Equal(seconds, (int?)RepairCommand.ParseDuration(text)?.TotalSeconds);

    private static async Task AddAsync(TestApp app, Guid page, int count, DateTimeOffset at)
    {
        var sessions = Enumerable.Range(0, count).Select(i =>
            new SessionRow { BioPageId = page, Id = Guid.NewGuid(), VisitorId = $"visitor {i}", StartedAt = at, PageViews = 1 }).ToList();
        await app.Analytics.InsertAsync(SessionRow.Table, sessions, Cancellation);
        await app.Analytics.InsertAsync(
            PageViewRow.Table, sessions.ConvertAll(session =>
                new PageViewRow { BioPageId = page, Id = Guid.NewGuid(), SessionId = session.Id, EnteredAt = at }), Cancellation);
    }

    private static Task<List<DateTimeOffset>> TimesAsync(TestApp app, string table, string column, Creator creator) => app.Analytics.QueryAsync(
        $"""SELECT "{column}" FROM "{table}" WHERE "bioPageId" = @page""", row =>
            app.Analytics.Dialect.ReadInstant(row, 0), Cancellation, ("@page", creator.BioPageId));

    private static async Task<(int Past, int Future)> CountsAsync(TestApp app, Creator creator)
    {
        var times = await TimesAsync(app, "AnalyticsSession", "startedAt", creator);
        return (times.Count(at => at <= Now), times.Count(at => at > Now));
    }

    private static async Task<long> VersionAsync(TestApp app, Creator creator) => (await app.Analytics.QueryAsync(
        """SELECT "version" FROM "RollupPage" WHERE "bioPageId" = @page""", row =>
            row.GetInt64(0), Cancellation, ("@page", creator.BioPageId))).Single();
}
