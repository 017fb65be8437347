using Bioscope.Core;
using Bioscope.Engine.Checking;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;
using Npgsql;

namespace Bioscope.Server.Tests;

/// <summary>
/// How far the fence may advance, and on which evidence. With real processes whose clock is wrong: <see cref="FaketimeTests"/>.
/// </summary>
public sealed class FenceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task Without_rows_the_fence_does_not_move(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);

        Assert.False(await LookAsync(app));

        Assert.Null(await Fence.ReadAsync(app.Analytics, Cancellation));
    }

    [Theory, Engines]
    public async Task The_fence_stays_within_an_hour_of_the_newest_row(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await app.AddSessionsAsync(await app.AddCreatorAsync(), "a.example", startedAt: TestApp.Start.AddDays(-3));
        await app.AddPageViewsAsync(await app.AddCreatorAsync(), enteredAt: TestApp.Start.AddHours(-5).AddMinutes(20));
        app.Clock.Advance(TimeSpan.FromDays(30));

        await LookAsync(app);
        Assert.Equal(TestApp.Start.AddHours(-4), await Fence.ReadAsync(app.Analytics, Cancellation));

        await app.AddSessionsAsync(await app.AddCreatorAsync(), "a.example", startedAt: app.Clock.GetUtcNow().AddMinutes(-30));
        await LookAsync(app);
        Assert.Equal(app.Clock.GetUtcNow(), await Fence.ReadAsync(app.Analytics, Cancellation));
    }

    [Theory, Engines]
    public async Task An_idle_server_checks_for_rows_every_ten_minutes(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var keeper = new FenceKeeper(app.Analytics, app.Clock, new ListLogger<FenceTests>());
        await keeper.LookAsync(onlyBack: false, Cancellation);
        await app.AddSessionsAsync(await app.AddCreatorAsync(), "a.example"); // as an import does

        app.Clock.Advance(TimeSpan.FromMinutes(9));
        Assert.False(await keeper.LookAsync(onlyBack: false, Cancellation));
        app.Clock.Advance(TimeSpan.FromMinutes(1));

        await Patience.UntilAsync(async () =>
            await keeper.LookAsync(onlyBack: false, Cancellation) || await Fence.ReadAsync(app.Analytics, Cancellation) is not null);
        Assert.Equal(TestApp.Start, await Fence.ReadAsync(app.Analytics, Cancellation));
    }

    [Theory, Engines]
    public async Task A_future_fence_is_moved_back_and_pages_unsealed(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (ahead, before) = (await PageAsync(app, TestApp.Start.AddHours(-3)), await PageAsync(app, TestApp.Start.AddHours(-3)));
        await Fence.MoveAsync(app.Analytics, TestApp.Start.AddDays(30), Cancellation);
        await new Sealer(app.Analytics).SealAsync(ahead.BioPageId, TestApp.Start.AddDays(30), Cancellation);
        await new Sealer(app.Analytics).SealAsync(before.BioPageId, TestApp.Start.AddHours(-2), Cancellation);
        var log = new ListLogger<FenceTests>();
        var keeper = new FenceKeeper(app.Analytics, app.Clock, log);

        Assert.True(await keeper.LookAsync(onlyBack: true, Cancellation));
        Assert.False(await keeper.LookAsync(onlyBack: true, Cancellation));

        Assert.Equal(TestApp.Start.AddHours(-2), await Fence.ReadAsync(app.Analytics, Cancellation));
        Assert.Equal(
            "The clock was ahead: hours were sealed up to 2026-05-15 12:00:00Z, and it is 2026-04-15 12:00:00Z. The fence was moved " +
            "back to 2026-04-15 10:00:00Z, and 1 pages are counted anew; " +
            "visits are stamped with the real time again. 'bioscope doctor' names visits that were stored with future times",
            Assert.Single(log.Lines));
        Assert.Equal(
            (null, TestApp.Start.AddHours(-2)), ((await StateAsync(app, ahead)).SealedUntil, (await StateAsync(app, before)).SealedUntil));
        foreach (var creator in (Creator[])[ahead, before])
        {
            await app.PostSessionAsync(creator);
            Assert.Equal(TestApp.Start, await NewestAsync(app, creator));
            Assert.Equal(["a.example 70 99%", "direct 1 1%"], await app.TrafficAsync(creator));
            await new Sealer(app.Analytics).SealAsync(creator.BioPageId, TestApp.Start.AddHours(-2), Cancellation);
            Assert.Null(await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancellation));
            Assert.Equal(["a.example 70 99%", "direct 1 1%"], await app.TrafficAsync(creator));
        }
    }

    [Theory, Engines]
    public async Task A_running_server_moves_the_fence_back_by_itself(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await PageAsync(app, TestApp.Start.AddHours(-3));
        await Fence.MoveAsync(app.Analytics, TestApp.Start.AddDays(400), Cancellation);

        await Patience.UntilAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(10));
            return await Fence.ReadAsync(app.Analytics, Cancellation) < TestApp.Start.AddDays(1);
        });
        await app.PostSessionAsync(creator);

        Assert.InRange(await NewestAsync(app, creator), TestApp.Start, app.Clock.GetUtcNow());
    }

    [Theory, Engines]
    public async Task Sealing_respects_a_fence_that_was_moved_back(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await PageAsync(app, TestApp.Start.AddHours(-3));
        var ahead = TestApp.Start.AddDays(30);
        await Fence.MoveAsync(app.Analytics, ahead, Cancellation);

        await LookAsync(app);

        // by a process that read it before
        Assert.Equal(0, await new Sealer(app.Analytics).SealAsync(creator.BioPageId, ahead, Cancellation));
        Assert.True(!((await StateAsync(app, creator)).SealedUntil > TestApp.Start)); // the server may have sealed it up to the fence
    }

    [Theory, Engines]
    public async Task An_invalid_fence_is_corrected(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await PageAsync(app, TestApp.Start.AddHours(-3));
        await Fence.MoveAsync(app.Analytics, TestApp.Start, Cancellation);
        await new Sealer(app.Analytics).SealAsync(creator.BioPageId, TestApp.Start, Cancellation);
        await app.Analytics.ExecuteAsync(
            engine == EngineKind.Sqlite ? """UPDATE "Fence" SET "at" = 'soon'""" : """UPDATE "Fence" SET "at" = 'infinity'""",
            Cancellation);

        await app.PostSessionAsync(creator);
        await LookAsync(app);

        Assert.Equal(TestApp.Start.AddHours(0), await Fence.ReadAsync(app.Analytics, Cancellation));
        Assert.Equal(TestApp.Start, await NewestAsync(app, creator));
        Assert.Equal(["a.example 70 99%", "direct 1 1%"], await app.TrafficAsync(creator));
    }

    [Fact]
    public async Task Files_newer_than_the_clock_delay_sealing_ten_minutes()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        var written = TimeProvider.System.GetUtcNow();
        await MakeAsync(databases, written.AddHours(-1));
        await using var analytics = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        var (clock, log) = (new TestClock(written.AddDays(-30)), new ListLogger<FenceTests>());
        var keeper = new FenceKeeper(analytics, clock, log);

        Assert.False(await keeper.LookAsync(onlyBack: false, Cancellation));
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.False(await keeper.LookAsync(onlyBack: false, Cancellation));
        Assert.Contains(
            "the clock may be what is wrong: the database's files were written later than that, and so were visits",
            Assert.Single(log.Lines),
            StringComparison.Ordinal);
        clock.StepTo(clock.GetUtcNow().AddHours(2)); // it is being corrected
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.False(await keeper.LookAsync(onlyBack: false, Cancellation));
        Assert.True(keeper.IsInDoubt);
        Assert.Equal(Grain.Hour.Floor(written), await Fence.ReadAsync(analytics, Cancellation));

        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.True(await keeper.LookAsync(onlyBack: false, Cancellation));
        Assert.True(await Fence.ReadAsync(analytics, Cancellation) <= clock.GetUtcNow());
        Assert.Equal(2, log.Lines.Count);
    }

    [Fact]
    public async Task A_clock_before_the_release_date_is_not_trusted()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await MakeAsync(databases, TimeProvider.System.GetUtcNow().AddHours(-1));
        await using var analytics = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        var (clock, log) = (new TestClock(TestApp.Start), new ListLogger<FenceTests>());
        var keeper = new FenceKeeper(analytics, clock, log);

        for (var look = 0; look < 5; look++)
        {
            Assert.False(await keeper.LookAsync(onlyBack: false, Cancellation));
            clock.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.True(keeper.IsInDoubt);
        Assert.Contains("it is before this version was made", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instances_with_different_clocks_use_the_database_time()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        // A function of the same name shadows PostgreSQL's own, so that the test sets its time.
        var connection = databases.Settings["ConnectionStrings:Analytics"]!;
        await using (var source = NpgsqlDataSource.Create(connection))
        {
            await using var command = source.CreateCommand("""
                CREATE TABLE "ServerTime" ("at" timestamptz);
                INSERT INTO "ServerTime" VALUES ('2026-07-15T12:00:00Z');
                CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT "at" FROM public."ServerTime"'
                """);
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        var server = new DateTimeOffset(2026, 7, 15, 12, 0, 0, TimeSpan.Zero);
        var fake = ("ConnectionStrings:Analytics", connection + ";Search Path=public,pg_catalog");
        await using var right = await TestApp.StartAsync(databases, fake);
        await using var ahead = await TestApp.StartAsync(databases, fake);
        (right.Analytics.Dialect.AsksOtherClocks, ahead.Analytics.Dialect.AsksOtherClocks) = (true, true);
        right.Clock.StepTo(server.AddSeconds(30));
        ahead.Clock.StepTo(server.AddDays(30));
        var creator = await right.AddCreatorAsync();

        await right.PostSessionAsync(creator);
        await ahead.PostSessionAsync(creator);
        await LookAsync(right);
        var log = await LookTwiceAsync(ahead);

        Assert.Equal(
            [server.ToUnixTimeSeconds(), server.AddSeconds(30).ToUnixTimeSeconds()],
            (await TimesAsync(right, creator)).Select(at => at.ToUnixTimeSeconds()));
        Assert.Equal(server, await Fence.ReadAsync(right.Analytics, Cancellation));
        Assert.StartsWith(
            "This machine's clock says 2026-08-14 12:00:00Z, the database server's 2026-07-15 12:00:00Z.",
            Assert.Single(log),
            StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Sessions_without_a_page_are_deleted_after_a_day(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await app.StopAsync(); // a server that runs might remove some of them first
        var nobody = new Creator(default, default, default);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "a.example", startedAt: TestApp.Start.AddDays(-3));
        await app.AddSessionsAsync(nobody, null, count: 2_500, startedAt: TestApp.Start.AddHours(-24).AddMilliseconds(-1));
        await app.AddSessionsAsync(nobody, "kept.example", count: 2, startedAt: TestApp.Start.AddHours(-24));
        await app.AddPageViewsAsync(nobody, count: 1_200, enteredAt: TestApp.Start.AddHours(-25));
        var late = await app.AddSessionAsync(nobody, duration: 20 * 3600, startedAt: TestApp.Start.AddHours(-25));
        await app.Analytics.InsertAsync(PageViewRow.Table, [
            new() { BioPageId = default, Id = Guid.NewGuid(), SessionId = late, EnteredAt = TestApp.Start.AddHours(-5) },
            new() { BioPageId = default, Id = Guid.NewGuid(), SessionId = Guid.NewGuid(), EnteredAt = TestApp.Start.AddHours(-5) },
        ], Cancellation);

        await app.AddSessionsAsync(new Creator(default, default, NoPage.All[15]), null, startedAt: TestApp.Start.AddHours(-25));

        Assert.Equal(2_502, await Unassigned.PurgeAsync(app.Analytics, TestApp.Start, Cancellation));

        Assert.Equal(["kept.example", "kept.example"], await app.SessionColumnAsync(Guid.Empty, "referrerDomain"));
        Assert.Single(await app.RowsAsync("AnalyticsPageView", Guid.Empty, "id"));
        Assert.Single(await app.SessionColumnAsync(creator.BioPageId, "id"));
    }

    private static Task<bool> LookAsync(TestApp app) =>
        new FenceKeeper(app.Analytics, app.Clock, new ListLogger<FenceTests>()).LookAsync(onlyBack: false, Cancellation);

    private static async Task<IEnumerable<string>> LookTwiceAsync(TestApp app)
    {
        var log = new ListLogger<FenceTests>();
        var keeper = new FenceKeeper(app.Analytics, app.Clock, log);
        await keeper.LookAsync(onlyBack: false, Cancellation);
        await keeper.LookAsync(onlyBack: false, Cancellation);
        return log.Lines;
    }

    /// <summary>A database with sealed hours and a visit, without a running server.</summary>
    private static async Task MakeAsync(TestDatabases databases, DateTimeOffset at)
    {
        await using var analytics = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        await Migrator.MigrateAsync([analytics], TimeProvider.System, Cancellation);
        await analytics.InsertAsync(SessionRow.Table, [new() { BioPageId = Guid.NewGuid(), Id = Guid.NewGuid(), VisitorId = "v", StartedAt = at }], Cancellation);
        await Fence.MoveAsync(analytics, Grain.Hour.Floor(at.AddHours(1)), Cancellation);
    }

    /// <summary>A page with enough rows to be sealed.</summary>
    private static async Task<Creator> PageAsync(TestApp app, DateTimeOffset at)
    {
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "a.example", count: 70, startedAt: at);
        return creator;
    }

    private static async Task<List<DateTimeOffset>> TimesAsync(TestApp app, Creator creator) => await app.Analytics.QueryAsync(
        """SELECT "startedAt" FROM "AnalyticsSession" WHERE "bioPageId" = @page ORDER BY "startedAt" """,
        row => app.Analytics.Dialect.ReadInstant(row, 0), Cancellation, ("@page", creator.BioPageId));

    private static async Task<DateTimeOffset> NewestAsync(TestApp app, Creator creator) => (await TimesAsync(app, creator))[^1];

    private static async Task<PageState> StateAsync(TestApp app, Creator creator)
    {
        await using var connection = await app.Analytics.OpenAsync(Cancellation);
        await using var snapshot = await app.Analytics.Dialect.BeginSnapshotAsync(connection, Cancellation);
        return await PageState.ReadAsync(app.Analytics.Dialect, snapshot, creator.BioPageId, Cancellation);
    }
}
