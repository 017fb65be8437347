using Bioscope.Core;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>A batch writes what its events come to, with few statements.</summary>
public sealed class IngestBatchTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>
    /// Events of open, closed, sealed, old and new sessions of several pages, many of the same session and page view, in any order: the rows are
    /// the same whether they come in one batch, in several, or one by one; and by the statements about pages of one shard that Citus gets, which
    /// plain PostgreSQL understands too.
    /// </summary>
    [Theory, Engines(With = [1, 2, 3])]
    public async Task A_batch_changes_what_its_events_change_one_by_one(EngineKind engine, int seed)
    {
        await using var app = await TestApp.StartAsync(engine);
        var worlds = new List<IngestWorld>();
        for (var i = 0; i < 4; i++)
        {
            worlds.Add(await IngestWorld.AddAsync(app));
        }

        await app.StopAsync();
        await Fence.MoveAsync(app.Analytics, app.Clock.GetUtcNow().AddMinutes(-20), Cancelled);
        app.Clock.Advance(TimeSpan.FromSeconds(50));
        var random = new Random(seed);
        var events = Enumerable.Range(0, 300).Select(_ => AnyEvent(random)).ToArray();

        var stored = new List<string>();
        foreach (var (world, size) in worlds.Zip((int[])[300, 40, 1, 200]))
        {
            var ofShards = world == worlds[3] ? await OfShardsAsync(app, world) : null;
            var ids = new List<Guid?>();
            foreach (var batch in events.Chunk(size))
            {
                ids.AddRange(await StoreAsync(app, Array.ConvertAll(batch, make => make(world)), dialect: ofShards));
            }

            stored.Add(string.Concat(ids.Select(id => id is null ? '-' : '+')));
        }

        Assert.Equal(stored[0], stored[1]);
        Assert.Equal(stored[0], stored[2]);
        Assert.Equal(stored[0], stored[3]);
        Assert.Equal(["+", "-"], stored[0].Select(one => $"{one}").Distinct().Order(StringComparer.Ordinal));
        var rows = await worlds[2].RowsAsync();
        Assert.Equal(rows, await worlds[0].RowsAsync());
        Assert.Equal(rows, await worlds[1].RowsAsync());
        Assert.Equal(rows, await worlds[3].RowsAsync());
        Assert.Contains(rows, row => row.StartsWith("change", StringComparison.Ordinal));
    }

    [Theory, Engines]
    public async Task Of_several_reports_about_a_row_the_last_one_wins(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;
        var (first, last) = ((await app.PostPageViewAsync(session))!.Value, (await app.PostPageViewAsync(session))!.Value);
        Guid[] users = [.. Enumerable.Range(0, 5).Select(_ => Guid.NewGuid())];

        await StoreAsync(
            app,
            [
                .. users.Select(user => new VisitorIdentified(session, user)),
                .. Enumerable.Range(0, 9).Select(i => new PageLeft(first, i, i < 5 ? 10 + i : null)),
                new PageLeft(session, 70, 71), new PageLeft(last, 72, null), new PageLeft(session, 73, null),
            ]);

        Assert.Equal([$"{users[^1]}"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "userId"));
        Assert.Equal(
            ["73 71", "8 14"],
            (await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "duration", "scrollDepth")).Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// A row that another page has imported with a row's id and time stays as it is, also where one statement is about rows of both pages.
    /// </summary>
    [Theory, Engines(With = [false, true])]
    public async Task What_another_page_has_imported_with_an_id_is_not_changed(EngineKind engine, bool isOfShards)
    {
        await using var app = await TestApp.StartAsync(engine);
        var world = await IngestWorld.AddAsync(app);
        await world.AddPageAsync();
        await world.AddPageAsync(); // five, so that two are of one of Citus's four shards
        var dialect = isOfShards ? await OfShardsAsync(app, world) : app.Analytics.Dialect;
        var pages = isOfShards && dialect is PostgresDialect spread
            ? spread.Shards.Divide(world.Pages, page => page).First(shard => shard.Count > 1)
            : world.Pages;
        var (mine, others) = (world.FirstOf(pages[0]), world.FirstOf(pages[1]));
        await world.InsertAsync(pages[1], mine.Session, mine.View, "imported", PagedId.TimeOf(mine.Session)!.Value);
        var imported = await RowsOfAsync(pages[1], mine);
        Assert.Equal(2, imported.Count);

        var stored = await StoreAsync(app, [.. EventsOf(mine), .. EventsOf(others)], dialect: dialect);

        Assert.DoesNotContain(null, stored);
        Assert.Equal(imported, await RowsOfAsync(pages[1], mine));
        var changed = await RowsOfAsync(pages[0], mine);
        Assert.StartsWith($"2 {pages[0]} ", changed[0], StringComparison.Ordinal);
        Assert.Equal("70 80", changed[1]);
        Assert.Equal(changed, await RowsOfAsync(pages[1], others));

        IngestEvent[] EventsOf((Guid Session, Guid View) visit) =>
        [
            new PageViewed(visit.Session, "/", null, null), new VisitorIdentified(visit.Session, pages[0]),
            new PageLeft(visit.Session, 50, 60), new PageLeft(visit.View, 70, 80),
        ];

        async Task<List<string>> RowsOfAsync(Guid page, (Guid Session, Guid View) visit) =>
        [
            .. await world.RowsAsync(
                """SELECT "pageViews", "userId", "duration", "lastActivityAt" FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "id" = @id""", page, visit.Session),
            .. await world.RowsAsync(
                """SELECT "duration", "scrollDepth" FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "id" = @id""", page, visit.View),
        ];
    }

    /// <summary>
    /// On PostgreSQL the statements of two servers run beside each other. Both have to wait here for a session that somebody else has locked, with
    /// what they have locked before; if they did not lock in one order, each would then wait for the other, which is an exception.
    /// </summary>
    [Theory, Engines(With = [false, true])]
    public async Task Two_servers_that_write_the_same_sessions_lose_nothing(EngineKind engine, bool isOfShards)
    {
        await using var app = await TestApp.StartAsync(engine);
        var world = await IngestWorld.AddAsync(app);
        var dialect = isOfShards ? await OfShardsAsync(app, world) : app.Analytics.Dialect;
        var random = new Random(1);
        var views = world.Views.Count;
        for (var round = 0; round < 10; round++)
        {
            IngestEvent[][] batches =
            [
                .. Enumerable.Range(0, 2).Select(_ => (IngestEvent[])
                    [.. world.Open.Select(session => new HeartbeatReceived(session)), .. Enumerable.Range(0, 30).Select(i => AnyOpen(random, i))]),
            ];
            views += batches.Sum(events => events.Count(happened => happened is PageViewed or SessionStarted));
            Task<Guid?[]>[] both;
            await using (var connection = await app.Analytics.OpenAsync(Cancelled))
            await using (var transaction = await connection.BeginTransactionAsync(Cancelled))
            {
                await app.Analytics.Dialect.QueryAsync(
                    transaction, """SELECT 1 FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "id" = @id {forUpdate}""", _ => true, Cancelled,
                    ("@page", world.Pages[1]), ("@id", world.Open[6]));
                both = Array.ConvertAll(batches, events => Task.Run(() => StoreAsync(app, events, dialect: dialect)));
                await Patience.UntilAsync(async () => engine != EngineKind.Postgres || await CountAsync("""
                    SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
                    """) == 2);
            }

            Assert.All(await Task.WhenAll(both), stored => Assert.DoesNotContain(null, stored));
        }

        Assert.Equal(views, await world.CountAsync("""SELECT SUM("pageViews") FROM "AnalyticsSession" WHERE "bioPageId" = @page"""));
        Assert.Equal(views, await world.CountAsync("""SELECT COUNT(*) FROM "AnalyticsPageView" WHERE "bioPageId" = @page"""));

        async Task<long> CountAsync(string sql) => (await app.Analytics.QueryAsync(sql, row => row.GetInt64(0), Cancelled)).Single();

        IngestEvent AnyOpen(Random random, int number)
        {
            var session = world.Open[random.Next(world.Open.Count)];
            return random.Next(5) switch
            {
                0 => new HeartbeatReceived(session),
                1 => new PageLeft(session, number, null),
                2 => IngestWorld.Visit(world.Pages[random.Next(3)], $"v{random.Next(5)}", continues: true),
                _ => new PageViewed(session, "/", null, null),
            };
        }
    }

    /// <summary>
    /// One statement changes the rows of a batch, each found by the index, by the plan that is kept: whether it was made for an empty table or for
    /// one with many rows.
    /// </summary>
    [Theory, Engines(NotOnCitus = "its plans are those of the shards, which are PostgreSQL's")]
    public async Task A_batch_changes_its_rows_by_one_statement_and_an_index(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var dialect = app.Analytics.Dialect;
        var (page, at) = (Guid.NewGuid(), app.Clock.GetUtcNow().TruncateToMillisecond());
        Guid[] sessions = Ids(PagedId.NewSession), views = Ids(PagedId.NewPageView);
        var pages = new PageNumbers();
        pages.Add(page);
        await using var connection = await app.Analytics.OpenAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        await AssertPlansAsync(isEmpty: true);
        await dialect.InsertAsync(transaction, SessionRow.Table, [.. sessions.Select((id, i) =>
            new SessionRow { BioPageId = page, Id = id, VisitorId = "v", StartedAt = PagedId.TimeOf(id)!.Value, LastPageViewId = views[i] })], Cancelled);
        await dialect.InsertAsync(transaction, PageViewRow.Table, [.. views.Select((id, i) =>
            new PageViewRow { BioPageId = page, Id = id, SessionId = sessions[i], EnteredAt = PagedId.TimeOf(id)!.Value })], Cancelled);
        await AssertPlansAsync(isEmpty: false);
        await dialect.ExecuteAsync(transaction, "ANALYZE", Cancelled); // has the plans made anew
        await AssertPlansAsync(isEmpty: false);

        Guid[] Ids(Func<Guid, DateTimeOffset, Guid> make) => [.. Enumerable.Range(0, 50_000).Select(i => make(page, at.AddMilliseconds(-i)))];

        async Task AssertPlansAsync(bool isEmpty)
        {
            for (var i = 0; i < 3; i++) // the driver prepares what it sees again
            {
                Guid[] some = [.. sessions[(10 * i)..(10 * i + 10)], .. isEmpty ? await NewSessionsAsync() : []];
                var stored = await new IngestBatch(dialect, transaction, pages, at).WriteAsync(
                    [
                        .. some.Select(id => new PageViewed(id, "/", null, null)), .. some.Select(id => new VisitorIdentified(id, page)),
                        .. views[(40 + 10 * i)..(50 + 10 * i)].Select(id => new PageLeft(id, 5, null)),
                        .. isEmpty ? some.Select(id => new PageLeft(id, 5, null)) : [],
                    ],
                    Cancelled);
                Assert.Equal(isEmpty ? 15 : 30, stored.Count(id => id is not null));
            }

            foreach (var (name, values, index) in engine != EngineKind.Postgres ? [] : ((string, int, string)[])
            [
                ("update session", 7, "AnalyticsSession_bioPageId_startedAt"), ("identify session", 4, "AnalyticsSession_bioPageId_startedAt"),
                ("leave page view", 5, "AnalyticsPageView_bioPageId_enteredAt"), ("end page view", 4, "AnalyticsPageView_bioPageId_enteredAt"),
            ])
            {
                var prepared = Assert.Single(await dialect.QueryAsync(
                    transaction, "SELECT name FROM pg_prepared_statements WHERE statement LIKE @name", row => row.GetString(0), Cancelled,
                    ("@name", $"-- {name}\n%")));
                var plan = await dialect.QueryAsync(
                    transaction, $"""EXPLAIN EXECUTE "{prepared}" ({string.Join(", ", Enumerable.Repeat("'{}'", values))})""", row => row.GetString(0),
                    Cancelled);
                foreach (var part in (string[])
                [
                    "Nested Loop", "Function Scan on each", $"Index Scan using \"{index}\"", " = each.given_at)",
                    "Index Cond: ((\"bioPageId\" = ANY (ARRAY[each.given_page])) AND ",
                ])
                {
                    Assert.Contains(plan, line => line.Contains(part, StringComparison.Ordinal));
                }

                Assert.DoesNotContain(plan, line => line.Contains("Join", StringComparison.Ordinal) || line.Contains("Seq Scan", StringComparison.Ordinal));
            }
        }

        // While nothing is committed, the planner takes the table for empty.
        async Task<Guid[]> NewSessionsAsync()
        {
            var started = Enumerable.Range(0, 5).Select(_ => IngestWorld.Visit(page, "v", continues: false)).ToArray();
            var ids = await new IngestBatch(dialect, transaction, pages, at).WriteAsync(started, Cancelled);
            return [.. ids.Select(id => id!.Value)];
        }
    }

    private static Func<IngestWorld, IngestEvent> AnyEvent(Random random)
    {
        var (kind, session, view, number) = (random.Next(12), random.Next(18), random.Next(18), random.Next(100));
        return kind switch
        {
            < 4 => world => new PageViewed(world.Sessions[session], $"/{number}", null, null),
            < 6 => world => new HeartbeatReceived(world.Sessions[session]),
            6 => world => new PageLeft(world.Sessions[session], number, number % 2 == 0 ? number : null),
            < 9 => world => new PageLeft(world.Views[view], number, number % 2 == 0 ? number : null),
            9 => world => new VisitorIdentified(world.Sessions[session], new Guid(number, 0, 0, new byte[8])),
            10 => world => IngestWorld.Visit(world.Pages[number % 3], $"v{number % 5}", continues: number % 4 > 0),
            _ => world => new HeartbeatReceived(PagedId.NewSession(world.Pages[0], DateTimeOffset.UnixEpoch)),
        };
    }

    /// <summary>The dialect for Citus. On one PostgreSQL the first two pages are as if they were of one shard. SQLite has only its own.</summary>
    private static async Task<SqlDialect> OfShardsAsync(TestApp app, IngestWorld world)
    {
        if (app.Analytics.Dialect is not PostgresDialect)
        {
            return app.Analytics.Dialect;
        }

        if (app.Analytics.Dialect is PostgresDialect { IsDistributed: true } citus)
        {
            using var machines = new PageMachines(app.Analytics, app.Clock);
            await machines.FindAsync(world.Pages, Cancelled);
            return citus;
        }

        var dialect = new PostgresDialect(() => true) { AsksOtherClocks = app.Analytics.Dialect.AsksOtherClocks };
        world.Pages[..2].ForEach(page => dialect.Shards.Set(page, 1));
        return dialect;
    }

    private static async Task<Guid?[]> StoreAsync(TestApp app, IngestEvent[] events, bool findsForeignIds = false, SqlDialect? dialect = null)
    {
        var numbers = await EventRows.PagesOfAsync(events, app.Services.GetRequiredService<NumberedPages>(), Cancelled);
        await using var connection = await app.Analytics.OpenAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        var writing = new IngestBatch(
            dialect ?? app.Analytics.Dialect, transaction, numbers, app.Clock.GetUtcNow(), findsForeignIds || !EventRows.HavePlaces(events, numbers));
        var stored = await writing.WriteAsync(events, Cancelled);
        await transaction.CommitAsync(Cancelled);
        if (writing.NotFound.Count == 0)
        {
            return stored;
        }

        // As the queue does.
        int[] elsewhere = [.. Enumerable.Range(0, events.Length).Where(i => writing.NotFound.Contains(events[i]))];
        var late = await StoreAsync(app, Array.ConvertAll(elsewhere, i => events[i]), findsForeignIds: true, dialect);
        foreach (var (i, id) in elsewhere.Zip(late))
        {
            stored[i] = id;
        }

        return stored;
    }
}
