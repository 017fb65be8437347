using System.Text.Json;
using Bioscope.Core;
using Bioscope.Engine.Checking;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Segments;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Bioscope.Server.Tests;

/// <summary>Segments as stored; <see cref="QueryModelTests"/> and <see cref="RollupModelTests"/> check that answers stay exact.</summary>
public sealed class SegmentTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task Verify_names_the_part_of_a_segment_that_differs(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await SegmentedAsync(app);
        Assert.Null(await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancellation));

        await ExecuteAsync(
            app,
            creator,
            """UPDATE "SegmentColumn" SET "bytes" = @bytes WHERE "bioPageId" = @page AND "part" = 'pageViews' AND "number" = 1""",
            [1, 2, 3]);

        Assert.Equal(
            "segment 1, pageViews: the stored data differs from the raw rows",
            await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancellation));
    }

    [Theory, Engines(With = [
        """UPDATE "Segment" SET "looseViews" = "looseViews" + 1 WHERE "number" = 0 => segment 0: kept """,
        """UPDATE "Segment" SET "views" = "views" + 1 WHERE "number" = 4 => segment 4: kept """,
        """UPDATE "RollupPage" SET "segmentedUntil" = NULL => the last segment does not end at the page's segment watermark""",
        """DELETE FROM "Segment" WHERE "number" = 4 => the last segment does not end at the page's segment watermark""",
    ])]
    public async Task Verify_says_how_segments_differ(EngineKind engine, string damageAndDifference)
    {
        var parts = damageAndDifference.Split(" => ");
        await using var app = await TestApp.StartAsync(engine);
        var creator = await SegmentedAsync(app);

        Assert.NotEqual(0, await app.Analytics.ExecuteAsync(parts[0], Cancellation));

        Assert.StartsWith(
            parts[1], await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancellation), StringComparison.Ordinal);
    }

    // Numbers, times and what came before go on from one segment to the next; of five, one does not.
    [Theory, Engines(NotOnCitus = "one takes a time from another row, which Citus does not join", With = [
        """DELETE FROM "Segment" WHERE "number" = 0""",
        """DELETE FROM "Segment" WHERE "number" = 2""",
        """UPDATE "Segment" SET "from" = (SELECT "from" FROM "Segment" WHERE "number" = 1) WHERE "number" = 2""",
        """UPDATE "Segment" SET "until" = "from" WHERE "number" = 4""",
        """UPDATE "Segment" SET "firstSession" = "firstSession" + 1 WHERE "number" = 2""",
        """UPDATE "Segment" SET "firstVisitor" = "firstVisitor" + 1 WHERE "number" = 2""",
        """UPDATE "Segment" SET "sessions" = -1 WHERE "number" = 4""",
        """UPDATE "Segment" SET "visitors" = -1 WHERE "number" = 4""",
        """UPDATE "Segment" SET "views" = -1 WHERE "number" = 2""",
        """UPDATE "Segment" SET "looseViews" = -1 WHERE "number" = 2""",
    ])]
    public async Task Segments_that_do_not_follow_each_other_are_not_counted(EngineKind engine, string damage)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var creator = await SegmentedAsync(app);

        Assert.Equal(1, await app.Analytics.ExecuteAsync(damage, Cancellation));

        Assert.StartsWith(
            "what is kept cannot be read: segment ",
            await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancellation), StringComparison.Ordinal);
        var query =
            System.Text.Json.Nodes.JsonNode.Parse("""{"range":"90d","metrics":["visits","visitors"],"dimensions":["weekday"]}""")!.AsObject();
        await app.AssertAnswersAsync(creator, query, await app.ModelAsync(creator), "damaged");
    }

    [Theory, Engines(With = [0, 1])]
    public async Task Queries_read_raw_rows_if_a_segment_is_damaged(EngineKind engine, int isMissing)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var creator = await SegmentedAsync(app);
        await ExecuteAsync(app, creator, isMissing == 1
            ? """DELETE FROM "SegmentColumn" WHERE "bioPageId" = @page AND "part" = 'place' AND "number" = 2 AND "bytes" <> @bytes"""
            : """UPDATE "SegmentColumn" SET "bytes" = @bytes WHERE "bioPageId" = @page AND "part" = 'place' AND "number" = 2""", [0xA5]);

        var query =
            System.Text.Json.Nodes.JsonNode.Parse(
                """{"range":"90d","metrics":["visits","visitors"],"dimensions":["weekday"]}""")!.AsObject();
        await app.AssertAnswersAsync(creator, query, await app.ModelAsync(creator), "damaged");
    }

    /// <summary>Twenty segments of some 20 KB each, with a budget for a few of them: in portions that is enough, at once it is not.</summary>
    [Theory, Engines]
    public async Task A_question_about_a_large_page_takes_the_memory_of_a_portion(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var creator = await app.AddCreatorAsync();
        var fence = Grain.Hour.Floor(app.Clock.GetUtcNow());
        await app.Analytics.InsertAsync(
            SessionRow.Table, Sessions(creator, fence.AddDays(-400), 60_000, TimeSpan.FromMinutes(9)), Cancellation);
        await Fence.MoveAsync(app.Analytics, fence, Cancellation);
        await new Sealer(app.Analytics).SealAsync(creator.BioPageId, fence, Cancellation, minRows: 0);
        await new Segmenter(app.Analytics) { MinRows = 1, MaxRows = 3_000 }.AdvanceAsync(creator.BioPageId, fence, Cancellation);
        // All bytes that a question takes are taken from a lease, which takes a portion of 256 KB at a time.
        using var memory = new MemoryBudget(300 << 10, atOnce: 1);
        const string Query = """{"range":"all","metrics":["visitors","bounceRate","views"],"dimensions":["weekday"]}""";

        using (var history = new PageHistory(app.Services.GetRequiredService<DamagedPages>()) { MaxRowsAtOnce = 9_000 })
        {
            var answer = await AskAsync(app, creator, history, memory, Query);
            Assert.Equal(["1 17", "2 17", "3 17", "4 17", "5 17", "6 17", "7 17"], answer.Rows.Select(row => $"{row.Dimensions[0]} {row.Metrics[0]}"));
        }

        using (var history = new PageHistory(app.Services.GetRequiredService<DamagedPages>()))
        {
            await Assert.ThrowsAsync<QueryTooLargeException>(() => AskAsync(app, creator, history, memory, Query));
        }
    }

    [Theory, Engines]
    public async Task A_question_about_the_past_reads_nothing_after_the_segments(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (creator, fence) = (await SegmentedAsync(app, hours: 48, count: 48), Grain.Hour.Floor(app.Clock.GetUtcNow()));
        using var history = new PageHistory(app.Services.GetRequiredService<DamagedPages>());

        Assert.Equal(18, await VisitsAsync(until: fence.AddHours(-30)));
        // Had the rows after the segments been read, they would be kept, and the next answer would not know that one of them is away.
        await app.Analytics.ExecuteAsync(
            """
            -- remove a row
            DELETE FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" = @at
            """,
            Cancellation, ("@page", creator.BioPageId), ("@at", fence.AddHours(-1)));
        Assert.Equal(47, await VisitsAsync(until: fence));

        async Task<double> VisitsAsync(DateTimeOffset until)
        {
            using var memory = new MemoryBudget(1 << 20, atOnce: 1);
            var query = $$"""{"range":["{{fence.AddDays(-3):O}}","{{until:O}}"],"metrics":["visits","visitors","bounceRate"]}""";
            return (await AskAsync(app, creator, history, memory, query)).Totals[0];
        }
    }

    /// <summary>Of a large page it would take longer to decompress columns than to read them.</summary>
    [Fact]
    public async Task PostgreSQL_stores_columns_as_they_are()
    {
        PostgresCluster.SkipWhereMissing();
        await using var app = await TestApp.StartAsync(EngineKind.Postgres);
        await using var connection = await app.Analytics.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = """SELECT "attstorage"::text FROM pg_attribute WHERE "attrelid" = '"SegmentColumn"'::regclass AND "attname" = 'bytes'""";
        Assert.Equal("e", await command.ExecuteScalarAsync(Cancellation));
    }

    [Theory, Engines]
    public async Task A_small_last_segment_grows_instead_of_a_new_one(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var fence = Grain.Hour.Floor(app.Clock.GetUtcNow());
        await Fence.MoveAsync(app.Analytics, fence, Cancellation);
        var numbers = new List<string>();
        for (var day = 0; day < 4; day++)
        {
            await app.Analytics.InsertAsync(SessionRow.Table, Sessions(creator, fence.AddDays((2 * day) - 12), 30), Cancellation);
            await new Sealer(app.Analytics).SealAsync(creator.BioPageId, fence.AddDays((2 * day) - 10), Cancellation, minRows: 0);
            await new Segmenter(app.Analytics) { MinRows = 20, MaxRows = 100 }.AdvanceAsync(creator.BioPageId, fence, Cancellation);
            numbers.Add(string.Join(' ', (await SegmentsAsync(app, creator)).Select(segment => segment.Sessions)));
        }

        Assert.Equal(["30", "60", "60 30", "60 60"], numbers);
    }

    [Theory, Engines]
    public async Task A_session_is_in_no_segment_before_it_is_closed(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (creator, fence) = (await SegmentedAsync(app, hours: 30, count: 29), Grain.Hour.Floor(app.Clock.GetUtcNow()));

        var segment = Assert.Single(await SegmentsAsync(app, creator));
        Assert.Equal((fence.AddHours(-24), 6), (segment.Until, segment.Sessions));
    }

    /// <summary>Asks an engine that keeps and takes nothing but of these two.</summary>
    private static async Task<QueryAnswer> AskAsync(TestApp app, Creator creator, PageHistory history, MemoryBudget memory, string query)
    {
        var engine = new QueryEngine(app.Analytics, app.Services.GetRequiredService<RollupReader>(), history, memory, app.Clock);
        var request = QueryReader.Read(JsonDocument.Parse(query).RootElement).Request!;
        return Assert.Single(await engine.AnswerAsync(creator.BioPageId, [request], DateTimeZone.Utc, Naming.None, Cancellation)).Answer;
    }

    // Of visits an hour apart, since some hours.
    private static async Task<Creator> SegmentedAsync(TestApp app, int hours = 480, int count = 200)
    {
        var creator = await app.AddCreatorAsync();
        var fence = Grain.Hour.Floor(app.Clock.GetUtcNow());
        await app.Analytics.InsertAsync(SessionRow.Table, Sessions(creator, fence.AddHours(-hours), count), Cancellation);
        await Fence.MoveAsync(app.Analytics, fence, Cancellation);
        await new Sealer(app.Analytics).SealAsync(creator.BioPageId, fence, Cancellation, minRows: 0);
        await new Segmenter(app.Analytics) { MinRows = 1, MaxRows = 40 }.AdvanceAsync(creator.BioPageId, fence, Cancellation);
        return creator;
    }

    private static SessionRow[] Sessions(Creator creator, DateTimeOffset from, int count, TimeSpan? apart = null) =>
    [
        .. Enumerable.Range(0, count).Select(i => new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = Uuid.Named($"{from:O} {i}"),
            VisitorId = $"visitor {i % 17}",
            CountryCode = i % 3 == 0 ? "DE" : "AT",
            StartedAt = from + (i * (apart ?? TimeSpan.FromHours(1))),
            PageViews = i % 4,
        }),
    ];

    private static async Task<List<Segment>> SegmentsAsync(TestApp app, Creator creator)
    {
        await using var connection = await app.Analytics.OpenAsync(Cancellation);
        await using var snapshot = await app.Analytics.Dialect.BeginSnapshotAsync(connection, Cancellation);
        return await Segment.ReadAsync(app.Analytics.Dialect, snapshot, creator.BioPageId, Cancellation);
    }

    private static async Task ExecuteAsync(TestApp app, Creator creator, string sql, byte[] bytes) =>
        Assert.NotEqual(
            0, await app.Analytics.ExecuteAsync("-- damage\n" + sql, Cancellation, ("@page", creator.BioPageId), ("@bytes", bytes)));
}
