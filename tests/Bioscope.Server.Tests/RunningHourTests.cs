using Bioscope.Engine.Checking;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using static Bioscope.Server.Tests.Support.PageStates;

namespace Bioscope.Server.Tests;

/// <summary>A page that gets many rows within an hour is sealed in parts of it, once somebody asks about it. That reports stay exact is for <see cref="RollupModelTests"/>.</summary>
public sealed class RunningHourTests
{
    // A fence that the running server is far from: what a test seals up to it, nobody else does.
    private static readonly DateTimeOffset Hour = new(2026, 7, 14, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task A_page_is_sealed_within_the_hour_when_reports_read_many_rows(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (asked, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        foreach (var creator in (Creator[])[asked, other])
        {
            await app.AddSessionsAsync(creator, "a.example", count: LongTails.MinRows, startedAt: TestApp.Start.AddMinutes(5));
        }

        app.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(["a.example 512 100%"], await app.TrafficAsync(asked));
        var state = await UntilAsync(app, asked, state => state.SealedUntil > TestApp.Start);

        Assert.InRange(state.SealedUntil!.Value, TestApp.Start.AddMinutes(10), app.Clock.GetUtcNow());
        Assert.Equal(state.SealedUntil, await Fence.ReadAsync(app.Analytics, Cancellation));
        Assert.Null((await StateAsync(app, other)).SealedUntil);
        Assert.Equal(["a.example 512 100%"], await app.TrafficAsync(asked));
        Assert.Equal(["a.example 512 100%"], await app.TrafficAsync(other));
        await AssertSoundAsync(app, asked);
    }

    [Theory, Engines]
    public async Task The_fence_stays_at_the_hour_when_reports_read_few_rows(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "a.example", count: LongTails.MinRows - 1, startedAt: TestApp.Start.AddMinutes(5));
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await app.TrafficAsync(creator);

        // Far within the hour, and long enough for two looks after the report.
        await UntilLookedAsync(app, 2);

        Assert.Equal(TestApp.Start, await Fence.ReadAsync(app.Analytics, Cancellation));
    }

    [Theory, Engines(With = [20, 300])] // with and without rollups of hours
    public async Task An_hour_sealed_in_parts_equals_one_sealed_at_once(EngineKind engine, int visits)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creators = new[] { await app.AddCreatorAsync(), await app.AddCreatorAsync() };
        foreach (var creator in creators)
        {
            await AddVisitsAsync(app, creator, 300, Hour.AddDays(-3)); // the month has days
            await AddVisitsAsync(app, creator, visits, Hour.AddHours(-1).AddMinutes(1));
            await AddVisitsAsync(app, creator, visits, Hour.AddMinutes(1));
            await AddVisitsAsync(app, creator, visits, Hour.AddMinutes(20));
            await AddVisitsAsync(app, creator, visits, Hour.AddMinutes(40));
            await AddVisitsAsync(app, creator, visits, Hour.AddMinutes(80));
        }

        await SealAsync(app, creators[0], Hour.AddHours(2));
        foreach (var minutes in (double[])[0, 10, 20.05, 30, 60, 85])
        {
            await SealAsync(app, creators[1], Hour.AddMinutes(minutes));
            await AssertSoundAsync(app, creators[1]);
        }

        await SealAsync(app, creators[1], Hour.AddHours(2));
        var (atOnce, inParts) = (await RollupsAsync(app, creators[0]), await RollupsAsync(app, creators[1]));
        Assert.Equal(visits == 300 ? 3 : 0, atOnce.Count(rollup => rollup.StartsWith("0 07-14", StringComparison.Ordinal)));
        Assert.Equal(atOnce, inParts);
    }

    [Theory, Engines]
    public async Task A_step_adds_to_kept_hours_without_counting_them_anew(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "a.example", count: 600, startedAt: Hour.AddMinutes(1));
        await SealAsync(app, creator, Hour.AddMinutes(10));
        await app.AddSessionsAsync(creator, "b.example", count: 70, startedAt: Hour.AddMinutes(20));
        await app.Analytics.ExecuteAsync("""DELETE FROM "AnalyticsSession" WHERE "referrerDomain" = 'a.example'""", Cancellation);

        await SealAsync(app, creator, Hour.AddMinutes(30));

        Assert.Equal(Enumerable.Repeat("""{"a.example":600,"b.example":70}""", 3), await app.Analytics.QueryAsync(
            """SELECT "sources" FROM "Rollup" WHERE "bioPageId" = @page ORDER BY "grain" """, row => row.GetString(0), Cancellation, ("@page", creator.BioPageId)));
    }

    [Theory, Engines(With = [10, 600])] // with and without rollups of hours
    public async Task Sessions_that_continue_after_they_are_sealed_are_taken_in(EngineKind engine, int others)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "a.example", count: 300, startedAt: TestApp.Start.AddDays(-2));
        await app.AddSessionsAsync(creator, "a.example", count: others, startedAt: TestApp.Start);
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        var (first, second) = (await app.PostSessionAsync(creator), await app.PostSessionAsync(creator));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await SealNowAsync(app, creator);
        for (var step = 0; step < 3; step++)
        {
            app.Clock.Advance(TimeSpan.FromMinutes(5));
            await app.PostPageViewAsync(first!.Value);
            using var response = await app.SendAsync(HttpMethod.Post, $"session/{second}/heartbeat");
            response.EnsureSuccessStatusCode();
            Assert.Equal(2, (await app.RowsAsync("OutcomeChange", creator.BioPageId, "id")).Count);
            var before = await app.ReportAsync(creator, "sessions");
            await AssertSoundAsync(app, creator);

            await SealNowAsync(app, creator);

            Assert.Empty(await app.RowsAsync("OutcomeChange", creator.BioPageId, "id"));
            Assert.Equal(before, await app.ReportAsync(creator, "sessions"));
            await AssertSoundAsync(app, creator);
        }
    }

    [Theory, Engines]
    public async Task A_window_that_starts_in_the_sealed_part_of_an_hour_is_exact(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var start = TestApp.Start.AddDays(-1);
        // By minute: before the window, in it and sealed, in it and not sealed.
        foreach (var (minute, visitor) in ((int, string)[])[(2, "a"), (3, "b"), (12, "a"), (13, "c"), (14, "c"), (21, "a"), (22, "b"), (23, "d")])
        {
            await AddVisitsAsync(app, creator, 1, start.AddMinutes(minute), _ => visitor);
        }

        await SealAsync(app, creator, start.AddMinutes(20));
        app.Clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Contains("\"uniqueVisitors\":4", await app.ReportAsync(creator, "overview?days=1"), StringComparison.Ordinal);
        Assert.Equal(["direct 6 100%"], await app.TrafficAsync(creator, "?days=1"));
        app.Clock.Advance(TimeSpan.FromMinutes(10.5)); // begins after what is sealed
        Assert.Contains("\"uniqueVisitors\":3", await app.ReportAsync(creator, "overview?days=1"), StringComparison.Ordinal);
        Assert.Equal(["direct 3 100%"], await app.TrafficAsync(creator, "?days=1"));
    }

    [Theory, Engines]
    public async Task A_step_that_is_cut_off_leaves_all_as_it_was(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await AddVisitsAsync(app, creator, 600, Hour.AddMinutes(1));
        await SealAsync(app, creator, Hour.AddMinutes(10));
        await AddVisitsAsync(app, creator, 100, Hour.AddMinutes(20));
        var before = await RollupsAsync(app, creator);
        await using (var connection = await app.Analytics.OpenAsync(Cancellation))
        {
            var step = await new Sealer(app.Analytics).ReadAsync(creator.BioPageId, Hour.AddMinutes(30), minRows: 0, Cancellation);
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            Assert.True(await step!.WriteAsync(app.Analytics.Dialect, transaction, Cancellation));
            await transaction.RollbackAsync(Cancellation);
        }

        Assert.Equal(before, await RollupsAsync(app, creator));
        await AssertSoundAsync(app, creator);
        Assert.Equal(200, await SealAsync(app, creator, Hour.AddMinutes(30)));
        await AssertSoundAsync(app, creator);
    }

    [Theory, Engines]
    public async Task Rows_added_before_the_watermark_of_the_running_hour_are_counted(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "a.example", count: 600, startedAt: TestApp.Start.AddMinutes(5));
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await SealNowAsync(app, creator);

        await app.Analytics.TransactAsync(
            "import",
            async transaction =>
            {
                await BackfillGuard.WriteAsync(
                    app.Analytics.Dialect,
                    transaction,
                    [(creator.BioPageId, TestApp.Start.AddMinutes(7))],
                    () => app.Analytics.Dialect.InsertAsync(
                        transaction, SessionRow.Table, [Visit(creator, "late", TestApp.Start.AddMinutes(7)), Visit(creator, "later", TestApp.Start.AddMinutes(12))], Cancellation),
                    Cancellation);
                return true;
            },
            Cancellation);

        Assert.Equal(["a.example 600 100%", "direct 2 0%"], await app.TrafficAsync(creator));
        var state = await UntilAsync(app, creator, state => state.SealedUntil is not null); // by the running server, up to where the fence is
        Assert.Equal(TestApp.Start.AddMinutes(10), state.SealedUntil);
        Assert.Equal(["a.example 600 100%", "direct 2 0%"], await app.TrafficAsync(creator));
        await AssertSoundAsync(app, creator);
    }

    [Theory, Engines]
    public async Task A_clock_set_back_within_the_hour_unseals_the_hour(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "a.example", count: 600, startedAt: TestApp.Start.AddMinutes(30));
        app.Clock.Advance(TimeSpan.FromMinutes(40));
        await SealNowAsync(app, creator);

        app.Clock.StepTo(TestApp.Start.AddMinutes(20));
        await Keeper(app).LookAsync(onlyBack: true, Cancellation);
        await app.PostSessionAsync(creator);

        Assert.Equal(TestApp.Start, await Fence.ReadAsync(app.Analytics, Cancellation));
        Assert.Equal(["a.example 600 100%", "direct 1 0%"], await app.TrafficAsync(creator));
        Assert.Contains(TestApp.Start.AddMinutes(20), await app.Analytics.QueryAsync(
            """SELECT "startedAt" FROM "AnalyticsSession" WHERE "bioPageId" = @page""",
            row => app.Analytics.Dialect.ReadInstant(row, 0), Cancellation, ("@page", creator.BioPageId)));
        await AssertSoundAsync(app, creator);
    }

    [Theory, Engines]
    public async Task Within_the_hour_the_fence_may_go_to_the_present(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var keeper = Keeper(app);
        Assert.Null(await keeper.WithinHourAsync(Cancellation)); // without rows there is none

        await Fence.MoveAsync(app.Analytics, TestApp.Start, Cancellation);
        app.Clock.Advance(TimeSpan.FromSeconds(2_000.7));
        Assert.Equal((TestApp.Start, TestApp.Start.AddSeconds(2_000)), await keeper.WithinHourAsync(Cancellation));

        app.Clock.Advance(TimeSpan.FromMinutes(30)); // another hour: that is for a witness to say
        Assert.Null(await keeper.WithinHourAsync(Cancellation));
    }

    [Theory, Engines]
    public async Task A_busy_page_moves_the_fence_before_the_next_scan(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (early, late) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await app.AddSessionsAsync(early, "a.example", startedAt: TestApp.Start.AddHours(-7));
        var keeper = Keeper(app);
        await keeper.LookAsync(onlyBack: false, Cancellation); // goes to the newest row's hour, and will not look for ten minutes
        Assert.Equal(TestApp.Start.AddHours(-6), await Fence.ReadAsync(app.Analytics, Cancellation));
        await app.AddSessionsAsync(late, "a.example");

        Assert.False(await keeper.LookAsync(onlyBack: false, Cancellation));
        Assert.False(await keeper.LookAsync(onlyBack: false, Cancellation, [early.BioPageId]));
        Assert.True(await keeper.LookAsync(onlyBack: false, Cancellation, [late.BioPageId]));

        Assert.Equal(TestApp.Start, await Fence.ReadAsync(app.Analytics, Cancellation));
    }

    private static FenceKeeper Keeper(TestApp app) => new(app.Analytics, app.Clock, new ListLogger<RunningHourTests>());

    /// <summary>Up to an instant that the running server does not get to.</summary>
    private static Task<long> SealAsync(TestApp app, Creator creator, DateTimeOffset until) =>
        new Sealer(app.Analytics) { HoldsFence = false }.SealAsync(creator.BioPageId, until, Cancellation, minRows: 0);

    /// <summary>Up to the present, as the running server does; where that one is sealing the page just now, once more.</summary>
    private static async Task SealNowAsync(TestApp app, Creator creator)
    {
        var until = Fence.Floor(app.Clock.GetUtcNow());
        await Fence.MoveAsync(app.Analytics, until, Cancellation);
        await Patience.UntilAsync(async () =>
        {
            await new Sealer(app.Analytics).SealAsync(creator.BioPageId, until, Cancellation, minRows: 0);
            return (await StateAsync(app, creator)).SealedUntil == until;
        });
    }

    /// <summary>Visits of visitors who come again in each call, with a page view each, in the course of some minutes.</summary>
    private static async Task AddVisitsAsync(TestApp app, Creator creator, int count, DateTimeOffset from, Func<int, string>? visitor = null)
    {
        var sessions = Enumerable.Range(0, count).Select(i => Visit(creator, visitor?.Invoke(i) ?? $"visitor {i % 17} {i % (from.Minute + 1)}", from.AddSeconds(i * 400.0 / count))).ToList();
        await app.Analytics.InsertAsync(SessionRow.Table, sessions, Cancellation);
        await app.Analytics.InsertAsync(
            PageViewRow.Table,
            sessions.ConvertAll(session => new PageViewRow { BioPageId = creator.BioPageId, Id = Guid.NewGuid(), SessionId = session.Id, EnteredAt = session.StartedAt }),
            Cancellation);
    }

    private static SessionRow Visit(Creator creator, string visitor, DateTimeOffset at) => new()
    {
        BioPageId = creator.BioPageId,
        Id = Guid.NewGuid(),
        VisitorId = visitor,
        StartedAt = at,
        PageViews = 1,
        Duration = at.Second,
    };

    private static async Task AssertSoundAsync(TestApp app, Creator creator) =>
        Assert.Null(await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancellation));

    /// <summary>Rollups with all their counts, as text.</summary>
    private static async Task<List<string>> RollupsAsync(TestApp app, Creator creator) => await app.Analytics.QueryAsync(
        $"""SELECT "grain", "bucket", {RollupRow.Columns} FROM "Rollup" WHERE "bioPageId" = @page ORDER BY "grain", "bucket" """,
        row => $"{row.GetInt32(0)} {app.Analytics.Dialect.ReadInstant(row, 1):MM-dd HH} {string.Join(' ', Enumerable.Range(2, row.FieldCount - 2).Select(i => row.IsDBNull(i) ? "" : row.GetString(i)))}",
        Cancellation,
        ("@page", creator.BioPageId));
}
