using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Checking;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;
using static Bioscope.Server.Tests.Support.PageStates;

namespace Bioscope.Server.Tests;

/// <summary>What is sealed, when, and by which process; <see cref="RollupModelTests"/> checks that reports stay exact.</summary>
public sealed class SealingTests
{
    // A fence far from the running server's: what a test seals up to it is sealed by nothing else.
    private static readonly DateTimeOffset Later = TestApp.Start.AddDays(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task Closed_hours_are_sealed_while_the_server_runs(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "instagram.com", count: 70, startedAt: TestApp.Start.AddMinutes(10));

        app.Clock.Advance(TimeSpan.FromHours(1));
        var state = await UntilAsync(app, creator, state => state.SealedUntil is not null);

        Assert.Equal(TestApp.Start.AddHours(1), state.SealedUntil);
        Assert.Equal("""{"instagram.com":70}""", Assert.Single(await app.Analytics.QueryAsync(
            """SELECT "sources" FROM "Rollup" WHERE "bioPageId" = @page""", row =>
                row.GetString(0), Cancellation, ("@page", creator.BioPageId))));
        Assert.Equal(["instagram.com 70 100%"], await app.TrafficAsync(creator));
        await Patience.UntilAsync(async () => (await app.MetricsAsync())["bioscope_rollups_sealed_rows_total"] == "70");
        Assert.Equal($"{TestApp.Start.AddHours(1).ToUnixTimeSeconds()}", (await app.MetricsAsync())["bioscope_rollups_fence_seconds"]);
    }

    [Theory, Engines]
    public async Task Recounting_damaged_rollups_delays_no_other_page(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creators = (await Task.WhenAll(app.AddCreatorAsync(), app.AddCreatorAsync()))
            .OrderBy(creator => creator.BioPageId.ToString(), StringComparer.Ordinal).ToArray();
        foreach (var creator in creators)
        {
            await app.AddSessionsAsync(creator, "a.example", count: 70, startedAt: TestApp.Start.AddMinutes(10));
            await SealAsync(app, creator, TestApp.Start.AddHours(1));
            await app.AddSessionsAsync(creator, "a.example", count: 70, startedAt: TestApp.Start.AddMinutes(70));
        }

        await app.Analytics.ExecuteAsync(
            $"""UPDATE "Rollup" SET "sources" = '[broken' WHERE "bioPageId" = '{creators[0].BioPageId}'""", Cancellation);

        app.Clock.Advance(TimeSpan.FromHours(2));
        var state = await UntilAsync(app, creators[1], state => state.SealedUntil == TestApp.Start.AddHours(2));

        Assert.Equal(2, state.Version);
        await UntilAsync(app, creators[0], state => state.SealedUntil == TestApp.Start.AddHours(2));
        Assert.Null(await new RollupVerifier(app.Analytics, creators[0].BioPageId).FindDifferenceAsync(Cancellation));
    }

    [Theory, Engines]
    public async Task A_quiet_page_is_not_sealed(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "instagram.com", count: Sealer.MinRows - 1, startedAt: At(6, 1, 8));

        Assert.Equal(0, await SealAsync(app, creator, Later));
        Assert.Null((await StateAsync(app, creator)).SealedUntil);
    }

    [Theory, Engines]
    public async Task Days_and_hours_are_stored_only_with_enough_rows(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        // May: few. June: enough for days, of which only the 10th has enough for hours.
        await app.AddSessionsAsync(creator, "may.example", count: 70, startedAt: At(5, 10, 8));
        await app.AddSessionsAsync(creator, "june.example", count: 20, startedAt: At(6, 1, 8));
        await app.AddSessionsAsync(creator, "june.example", count: 500, startedAt: At(6, 10, 8));
        await app.AddSessionsAsync(creator, "june.example", count: 12, startedAt: At(6, 10, 21));

        Assert.Equal(602, await SealAsync(app, creator, Later));

        Assert.Equal(
            ["0 06-10 08 500", "0 06-10 21 12", "1 06-01 00 20", "1 06-10 00 512", "2 05-01 00 70", "2 06-01 00 532"],
            await RollupsAsync(app, creator));
    }

    [Theory, Engines]
    public async Task A_growing_month_gets_its_missing_days(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "a.example", count: 100, startedAt: At(6, 2, 8));
        await SealAsync(app, creator, At(6, 3, 0));
        Assert.Equal(["2 06-01 00 100"], await RollupsAsync(app, creator));

        await app.AddSessionsAsync(creator, "a.example", count: 160, startedAt: At(6, 9, 8));
        await SealAsync(app, creator, At(6, 10, 0));

        Assert.Equal(["1 06-02 00 100", "1 06-09 00 160", "2 06-01 00 260"], await RollupsAsync(app, creator));
    }

    [Theory, Engines]
    public async Task Many_small_steps_give_the_same_rollups_as_one(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creators = new[] { await app.AddCreatorAsync(), await app.AddCreatorAsync() };
        foreach (var creator in creators)
        {
            await app.AddSessionsAsync(creator, "a.example", count: 700, startedAt: At(6, 10, 8)); // more in one hour than one step takes
            for (var hour = 9; hour < 20; hour++)
            {
                await app.AddSessionsAsync(creator, "b.example", count: 30, startedAt: At(6, 10, hour));
            }
        }

        Assert.Equal(1_030, await SealAsync(app, creators[0], Later));
        Assert.Equal(
            1_030,
            await new Sealer(app.Analytics) { MaxRowsInStep = 100, HoldsFence = false }.SealAsync(
                creators[1].BioPageId, Later, Cancellation));

        // none before that hour, 700, 90, 90, 90, 60
        Assert.Equal((1, 6), ((await StateAsync(app, creators[0])).Version, (await StateAsync(app, creators[1])).Version));
        Assert.Equal(await RollupsAsync(app, creators[0]), await RollupsAsync(app, creators[1]));
    }

    [Theory, Engines]
    public async Task One_of_many_simultaneous_sealers_seals(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "a.example", count: 300, startedAt: At(6, 1, 8));

        var sealedRows = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => SealAsync(app, creator, Later))));

        Assert.Equal(300, sealedRows.Sum());
        Assert.Equal(1, (await StateAsync(app, creator)).Version);
        Assert.Equal(["2 06-01 00 300"], (await RollupsAsync(app, creator))[^1..]);
    }

    [Fact]
    public async Task Of_several_instances_one_goes_through_the_pages()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        var apps = new List<TestApp> { await TestApp.StartAsync(databases) };
        try
        {
            var creator = await apps[0].AddCreatorAsync();
            await apps[0].AddSessionsAsync(creator, "a.example", count: 70, startedAt: TestApp.Start.AddMinutes(-10));
            apps[0].Clock.Advance(TimeSpan.FromMinutes(11));
            await UntilAsync(apps[0], creator, state => state.SealedUntil == TestApp.Start);
            await Patience.UntilAsync(async () => (await Fence.ReadBothAsync(apps[0].Analytics, Cancellation))?.IsSealed == true);

            // A rolling start.
            for (var i = 0; i < 4; i++)
            {
                apps.Add(await TestApp.StartAsync(databases));
            }

            await AllLookAsync();
            Assert.Equal(1, await RoundsAsync());

            // As one leaves it that dies in the middle; somebody else is at work, and then dies too.
            await apps[0].Analytics.ExecuteAsync("""UPDATE "Fence" SET "sealedUntil" = NULL""", Cancellation);
            Assert.True(await apps[0].Analytics.TryAloneAsync(SoleWork.Sealing, AllLookAsync, Cancellation));
            Assert.Equal(1, await RoundsAsync());
            await AllLookAsync();
            await Patience.UntilAsync(async () => (await Fence.ReadBothAsync(apps[0].Analytics, Cancellation))?.IsSealed == true);
            await AllLookAsync();
            Assert.Equal(2, await RoundsAsync());
        }
        finally
        {
            foreach (var app in apps)
            {
                await app.DisposeAsync();
            }
        }

        async Task AllLookAsync()
        {
            foreach (var app in apps)
            {
                await UntilLookedAsync(app, 2);
            }
        }

        async Task<int> RoundsAsync() => (await Task.WhenAll(apps.Select(app => app.MetricAsync("bioscope_rollups_rounds_total"))))
            .Sum(rounds => int.Parse(rounds ?? "0", CultureInfo.InvariantCulture));
    }

    [Theory, Engines]
    public async Task Only_one_instance_reports_a_moved_fence(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        app.Clock.Advance(TimeSpan.FromHours(1.5));

        var moved = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Fence.MoveAsync(app.Analytics, TestApp.Start.AddHours(1.5).AddSeconds(17.9), Cancellation))));

        Assert.Single(moved, true);
        Assert.Equal(TestApp.Start.AddHours(1.5).AddSeconds(17), await Fence.ReadAsync(app.Analytics, Cancellation));
    }

    [Theory, Engines]
    public async Task After_a_clock_step_back_rows_get_the_fences_time(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await Fence.MoveAsync(app.Analytics, TestApp.Start, Cancellation);

        app.Clock.StepTo(TestApp.Start.AddMinutes(-4));
        await app.PostSessionAsync(creator);

        var stored = Assert.Single(await app.Analytics.QueryAsync(
            """SELECT "startedAt" FROM "AnalyticsSession" WHERE "bioPageId" = @page""",
            row => app.Analytics.Dialect.ReadInstant(row, 0), Cancellation, ("@page", creator.BioPageId)));
        Assert.Equal(TestApp.Start, stored);
        Assert.False(await Fence.MoveAsync(app.Analytics, app.Clock.GetUtcNow(), Cancellation));
    }

    [Theory, Engines]
    public async Task The_fence_stays_while_a_batch_is_written(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await Fence.MoveAsync(app.Analytics, TestApp.Start, Cancellation);
        Task<bool> moving;
        await using (var connection = await app.Analytics.OpenAsync(Cancellation))
        {
            await using var batch = await connection.BeginTransactionAsync(Cancellation);
            Assert.Equal(TestApp.Start, (await app.Analytics.Dialect.HoldFenceAsync(batch, Cancellation)).At);

            moving = Task.Run(() => Fence.MoveAsync(app.Analytics, TestApp.Start.AddHours(1), Cancellation));

            Assert.Equal(TestApp.Start, await Fence.ReadAsync(app.Analytics, Cancellation));
            Assert.False(moving.IsCompletedSuccessfully);
            await batch.CommitAsync(Cancellation);
        }

        Assert.True(await moving);
    }

    [Theory, Engines]
    public async Task A_start_after_a_month_of_downtime_seals_the_backlog(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        Creator creator;
        await using (var before = await TestApp.StartAsync(databases))
        {
            creator = await before.AddCreatorAsync();
            await before.Analytics.InsertAsync(SessionRow.Table, [.. Enumerable.Range(0, 150).Select(i => new SessionRow
            {
                BioPageId = creator.BioPageId, Id = Guid.NewGuid(), VisitorId = $"visitor {i}",
                ReferrerDomain = i < 100 ? "a.example" : "b.example", StartedAt = TestApp.Start.AddDays(i < 100 ? -31 : -1),
            })], Cancellation); // at once: it is sealing already
        }

        await using var after = await TestApp.StartAsync(databases);
        var state = await UntilAsync(after, creator, state => state.SealedUntil is not null);

        Assert.Equal(TestApp.Start.AddDays(-1).AddHours(1), state.SealedUntil); // no later than the newest row
        Assert.Equal(["a.example 100 67%", "b.example 50 33%"], await after.TrafficAsync(creator, "?days=32"));
    }

    [Theory, Engines]
    public async Task Rollups_older_than_any_report_are_dropped(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "old.example", count: 100, startedAt: At(3, 10, 8));
        await SealAsync(app, creator, TestApp.Start);
        Assert.Equal(["2 03-01 00 100"], await RollupsAsync(app, creator));

        await app.AddSessionsAsync(creator, "new.example", count: 100, startedAt: TestApp.Start.AddDays(399));
        await SealAsync(app, creator, TestApp.Start.AddDays(400));

        Assert.Equal(["2 05-01 00 100"], await RollupsAsync(app, creator));
        Assert.Equal(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero), (await StateAsync(app, creator)).SealedFrom);
    }

    [Theory, Engines]
    public async Task The_number_of_shards_grows_with_the_visitors(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var hours = 0;
        foreach (var visitors in (int[])[90, 50, 2_000, 4_000])
        {
            var start = TestApp.Start.AddHours(hours++);
            await app.Analytics.InsertAsync(SessionRow.Table, [.. Enumerable.Range(0, visitors).Select(i => new SessionRow
            {
                BioPageId = creator.BioPageId, Id = Guid.NewGuid(), VisitorId = $"visitor {i}", StartedAt = start,
            })], Cancellation);
            await SealAsync(app, creator, start.AddHours(1), minRows: 0);
            await Patience.UntilAsync(async () => (await StateAsync(app, creator)).SealedUntil == start.AddHours(1));
        }

        var state = await StateAsync(app, creator);
        Assert.Equal((4_000, 6), (state.Visitors, state.ShardBits));
        var stored = await app.Analytics.QueryAsync(
            """SELECT "shard", "visitors" FROM "RollupVisitors" WHERE "bioPageId" = @page""",
            row => (Shard: row.GetInt32(0), Entries: VisitorShard.Entries(row.GetFieldValue<byte[]>(1)).ToList()), Cancellation,
            ("@page", creator.BioPageId));
        Assert.Equal(4_000, stored.SelectMany(shard => shard.Entries).DistinctBy(entry => entry.Visitor).Count());
        Assert.Equal(4_000, stored.Sum(shard => shard.Entries.Count));
        Assert.All(stored, shard => Assert.All(shard.Entries, entry => Assert.Equal(shard.Shard, entry.Visitor.Shard(6))));
        Assert.All(
            stored.SelectMany(shard => shard.Entries), entry => Assert.Equal(RawCounts.Number(TestApp.Start.AddHours(3)), entry.LastHour));
    }

    [Theory, Engines]
    public async Task A_window_starting_before_the_sealed_range_is_read_raw(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        // The clock was ahead when the page was sealed: all of July is older than a report could look back from there.
        await app.AddSessionsAsync(creator, "july.example", count: 100, startedAt: new DateTimeOffset(2025, 7, 1, 8, 0, 0, TimeSpan.Zero));
        await app.AddSessionsAsync(creator, "june.example", count: 100, startedAt: At(6, 1, 8));
        await SealAsync(app, creator, Later.AddDays(30));
        Assert.Equal(new DateTimeOffset(2025, 8, 1, 0, 0, 0, TimeSpan.Zero), (await StateAsync(app, creator)).SealedFrom);

        Assert.Equal(["july.example 100 50%", "june.example 100 50%"], await app.TrafficAsync(creator, "?days=365"));
    }

    [Theory, Engines]
    public async Task Splitting_thousands_of_shards_loses_no_visitor(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var page = PageState.New(Guid.NewGuid()) with { SealedUntil = TestApp.Start, ShardBits = 11 };
        var visitors = Enumerable.Range(0, 5_000).Select(i => VisitorKey.Of($"visitor {i}")).ToHashSet();
        await using var connection = await app.Analytics.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var shards = await VisitorShards.ReadAsync(app.Analytics.Dialect, transaction, page, visitors, Cancellation);
        Assert.All(visitors, visitor => Assert.Null(shards.Visit(visitor, 7)));
        await shards.WriteAsync(app.Analytics.Dialect, transaction, page, bits: 11, Cancellation);

        await (await VisitorShards.ReadAsync(app.Analytics.Dialect, transaction, page, visitors, Cancellation))
            .WriteAsync(app.Analytics.Dialect, transaction, page, bits: 13, Cancellation);

        var split = await VisitorShards.ReadAsync(app.Analytics.Dialect, transaction, page with { ShardBits = 13 }, visitors, Cancellation);
        Assert.All(visitors, visitor => Assert.Equal(7, split.Visit(visitor, 8)));
    }

    private static Task<long> SealAsync(TestApp app, Creator creator, DateTimeOffset fence, int minRows = Sealer.MinRows) =>
        new Sealer(app.Analytics) { HoldsFence = false }.SealAsync(creator.BioPageId, Grain.Hour.Floor(fence), Cancellation, minRows);

    private static DateTimeOffset At(int month, int day, int hour) => new(2026, month, day, hour, 30, 0, TimeSpan.Zero);

    /// <summary>Rollups as <c>grain month-day hour sessions</c>.</summary>
    private static async Task<List<string>> RollupsAsync(TestApp app, Creator creator) => await app.Analytics.QueryAsync(
        """SELECT "grain", "bucket", "devices" FROM "Rollup" WHERE "bioPageId" = @page ORDER BY "grain", "bucket" """,
        row => $"{row.GetInt32(0)} {app.Analytics.Dialect.ReadInstant(row, 1):MM-dd HH} {Counts.FromJson(row.GetString(2)).Total}",
        Cancellation,
        ("@page", creator.BioPageId));
}
