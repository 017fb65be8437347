using System.Globalization;
using System.Text;
using System.Text.Json;
using Bioscope.Core;
using Bioscope.Engine.Checking;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Import;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Bioscope.Server.Accounts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bioscope.Server.Tests;

/// <summary>Events find their rows by what ids carry, and rows with other ids by an index of those.</summary>
public sealed class PageInTheIdTests
{
    private static readonly (string Key, string Value) Unthrottled = ("Throttle:Enabled", "false");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task New_ids_carry_their_page_and_time(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        app.Clock.Advance(TimeSpan.FromTicks(12_345_678));
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;
        app.Clock.Advance(TimeSpan.FromTicks(12_345_678));
        var view = (await app.PostPageViewAsync(session))!.Value;

        Assert.Equal((7, creator.BioPageId.ToString()[28..]), (session.Version, session.ToString()[28..]));
        Assert.Equal((false, true), (PagedId.SaysPageView(session), PagedId.SaysPageView(view)));
        Assert.Equal([(session, PagedId.TimeOf(session), false)], await PlacesAsync(app, "AnalyticsSession", "startedAt", creator.BioPageId));
        Assert.Equal([(view, PagedId.TimeOf(view), false)], await PlacesAsync(app, "AnalyticsPageView", "enteredAt", creator.BioPageId));
    }

    [Theory, Engines]
    public async Task Old_and_imported_sessions_accept_events(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var now = app.Clock.GetUtcNow();
        var ben = await app.AddCreatorAsync();
        Func<Guid>[] makes =
        [
            Guid.NewGuid, () => Guid.CreateVersion7(now), () => PagedId.NewSession(creator.BioPageId, now.AddDays(-1)),
            () => PagedId.NewPageView(creator.BioPageId, now.AddDays(-1)), () => PagedId.NewSession(Guid.NewGuid(), now),
            () => PagedId.NewSession(ben.BioPageId, now), () => PagedId.NewPageView(ben.BioPageId, now),
        ];
        foreach (var (session, view) in makes.Zip(makes.Skip(1).Append(makes[0]), (one, other) => (one(), other())))
        {
            await AddVisitAsync(app, creator, session, view);
            await AssertAcceptsEventsAsync(app, creator, session, view);
        }
    }

    /// <summary>Sessions and page views from before ids said which of them they are.</summary>
    [Theory, Engines]
    public async Task An_id_that_says_the_wrong_kind_is_found_all_the_same(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        var creator = await app.AddCreatorAsync();
        Func<Guid, DateTimeOffset, Guid>[] kinds = [PagedId.NewSession, PagedId.NewPageView];
        foreach (var (kindOfSession, kindOfView) in kinds.SelectMany(session => kinds.Select(view => (session, view))))
        {
            var now = app.Clock.GetUtcNow();
            var (session, view) = (kindOfSession(creator.BioPageId, now), kindOfView(creator.BioPageId, now));
            await AddVisitAsync(app, creator, session, view);
            await app.Analytics.ExecuteAsync("""UPDATE "AnalyticsPageView" SET "foreignId" = FALSE WHERE "bioPageId" = @page""", Cancelled, ("@page", creator.BioPageId));

            await AssertAcceptsEventsAsync(app, creator, session, view);
        }
    }

    /// <summary>Only an import makes such ids. The row that is where the id says goes first; of two, the session for an id that says so.</summary>
    [Theory, Engines]
    public async Task An_id_of_a_session_and_of_a_page_view_is_one_of_them(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        foreach (var (make, isSame, page, expected) in ((Func<Guid, DateTimeOffset, Guid>, bool, Creator, string)[])
        [
            (PagedId.NewSession, true, anna, "last"), (PagedId.NewPageView, true, anna, "same"),
            (PagedId.NewSession, false, anna, "last"), (PagedId.NewPageView, false, anna, "last"),
            (PagedId.NewSession, false, ben, "last"), (PagedId.NewPageView, false, ben, "last"),
        ])
        {
            app.Clock.Advance(TimeSpan.FromMinutes(1));
            var now = app.Clock.GetUtcNow();
            var (id, other) = (make(anna.BioPageId, now), PagedId.NewSession(page.BioPageId, now));
            await AddVisitAsync(app, anna, id, PagedId.NewPageView(anna.BioPageId, now));
            await app.Analytics.InsertAsync(
                SessionRow.Table, [new SessionRow { BioPageId = page.BioPageId, Id = other, VisitorId = "v", StartedAt = now, PageViews = 1 }], Cancelled);
            await app.Analytics.InsertAsync(
                PageViewRow.Table,
                [new PageViewRow { BioPageId = page.BioPageId, Id = id, SessionId = other, EnteredAt = isSame ? now : now.AddSeconds(-5) }], Cancelled);

            foreach (var companion in (Guid?[])[null, Guid.NewGuid()]) // alone, and in a batch that looks everywhere
            {
                var duration = companion is null ? 3 : 4;
                await StoreAsync(app, [new PageLeft(id, duration, null), .. companion is { } foreign ? (IngestEvent[])[new HeartbeatReceived(foreign)] : []]);
                var changed = await app.Analytics.QueryAsync(
                    """SELECT "id" FROM "AnalyticsPageView" WHERE "bioPageId" IN (@anna, @ben) AND "duration" = @duration AND "enteredAt" > @after""",
                    row => app.Analytics.Dialect.ReadGuid(row, 0), Cancelled,
                    ("@anna", anna.BioPageId), ("@ben", ben.BioPageId), ("@duration", duration), ("@after", now.AddSeconds(-30)));
                Assert.Equal(expected, Assert.Single(changed) == id ? "same" : "last");
            }
        }
    }

    /// <summary>Where an id says which it is, nothing else is looked for, so that it takes one look.</summary>
    [Theory, Engines]
    public async Task What_an_id_says_is_looked_for_first(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var now = app.Clock.GetUtcNow();
        var (session, wrong) = (PagedId.NewSession(creator.BioPageId, now), PagedId.NewSession(creator.BioPageId, now));
        var view = PagedId.NewPageView(creator.BioPageId, now);
        await AddVisitAsync(app, creator, session, view);
        await AddVisitAsync(app, creator, PagedId.NewPageView(creator.BioPageId, now), wrong);
        var pages = new PageNumbers();
        pages.Add(creator.BioPageId);
        await using var connection = await app.Analytics.OpenAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);

        foreach (var (id, finds, findsEverywhere) in ((Guid, int, int)[])[(session, 1, 1), (view, 1, 1), (wrong, 0, 1)])
        {
            foreach (var everywhere in (bool[])[false, true])
            {
                var rows = new EventRows(app.Analytics.Dialect, transaction, pages, everywhere);
                Assert.Equal(everywhere ? findsEverywhere : finds, (await rows.FindAsync([new PageLeft(id, 1, null)], Cancelled)).Sessions.Count);
                Assert.Equal(id == view || (everywhere && id == wrong), rows.Views.ContainsKey(id));
            }
        }
    }

    /// <summary>Repair changes times, so the ids of those rows no longer say them.</summary>
    [Theory, Engines]
    public async Task Shifted_sessions_accept_events(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var id = (await app.PostSessionAsync(creator))!.Value;
        var view = (await app.PostPageViewAsync(id))!.Value;
        var now = app.Clock.GetUtcNow();
        await new FutureRows(app.Analytics, now.AddMinutes(-1), now.AddYears(1)).RepairAsync(
            creator.BioPageId, TimeSpan.FromMinutes(5), _ => { }, Cancelled);
        var shifted = now.TruncateToMillisecond().AddMinutes(-5);
        Assert.Equal([(id, shifted, true)], await PlacesAsync(app, "AnalyticsSession", "startedAt", creator.BioPageId));
        Assert.Equal([(view, shifted, true)], await PlacesAsync(app, "AnalyticsPageView", "enteredAt", creator.BioPageId));

        await AssertAcceptsEventsAsync(app, creator, id, view, earlier: 300);
    }

    /// <summary>Nobody can look it up by its number, so its ids are ordinary ones.</summary>
    [Theory, Engines]
    public async Task Sessions_of_a_page_that_does_not_exist_accept_events(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var page = new Creator(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var id = (await app.PostSessionAsync(page))!.Value;
        var view = (await app.PostPageViewAsync(id))!.Value;
        Assert.NotEqual(PagedId.NumberOf(page.BioPageId), PagedId.NumberOf(id));

        await AssertAcceptsEventsAsync(app, page, id, view);
    }

    [Theory, Engines]
    public async Task Sessions_without_a_page_accept_events(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var id = (await app.PostSessionAsync(new Creator(default, default, default), ("bioPageId", null), ("trackingToken", null)))!.Value;
        var view = (await app.PostPageViewAsync(id))!.Value;
        var none = NoPage.Numbered(PagedId.NumberOf(id))[0];
        Assert.Equal(PagedId.NumberOf(id), PagedId.NumberOf(view));

        await AssertAcceptsEventsAsync(app, new Creator(Guid.NewGuid(), Guid.NewGuid(), none), id, view);
    }

    [Theory, Engines]
    public async Task Pages_may_share_a_number(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await CreatorWithPageAsync(app, "11111111-1111-4111-8111-1111deadbeef"), await CreatorWithPageAsync(app, "22222222-2222-4222-8222-2222deadbeef"));
        var ids = new List<Guid>();
        foreach (var creator in (Creator[])[anna, ben])
        {
            ids.Add((await app.PostSessionAsync(creator))!.Value);
            Assert.NotNull(await app.PostPageViewAsync(ids[^1]));
        }

        Assert.Equal(ids.Select(id => $"{id} 1"), [.. await PageViewsAsync(app, anna), .. await PageViewsAsync(app, ben)]);
        Assert.Equal(PagedId.NumberOf(ids[0]), PagedId.NumberOf(ids[1]));
    }

    [Theory, Engines]
    public async Task A_forged_id_changes_nothing_and_is_a_drop(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var (own, other) = ((await app.PostSessionAsync(anna))!.Value, (await app.PostSessionAsync(ben))!.Value);
        var text = own.ToString();
        Guid[] forged =
        [
            Guid.Parse(text[..28] + other.ToString()[28..]), // another page's number
            Guid.Parse("f" + text[1..]), Guid.Parse("e677d21f" + text[8..]), // the far future
            Guid.Parse(text[..14] + "4" + text[15..]), Guid.Parse(text[..19] + "f" + text[20..]), // another version, another variant
            Guid.Parse(text[..28] + "00000000"), PagedId.NewSession(anna.BioPageId, app.Clock.GetUtcNow()), Guid.NewGuid(), Guid.Empty, Guid.AllBitsSet,
        ];
        foreach (var id in forged)
        {
            Assert.Null(await app.PostPageViewAsync(id));
            foreach (var route in (string[])["session/{0}/heartbeat", "pageview/{0}/leave"])
            {
                using var response = await app.SendAsync(HttpMethod.Patch, string.Format(CultureInfo.InvariantCulture, route, id), route[0] == 'p' ? """{"duration":5}""" : null);
                response.EnsureSuccessStatusCode();
            }
        }

        Assert.Equal([$"{own} 0", $"{other} 0"], [.. await PageViewsAsync(app, anna), .. await PageViewsAsync(app, ben)]);
        Assert.Equal(["0", "0"], [.. await app.SessionColumnAsync(anna.BioPageId, "duration"), .. await app.SessionColumnAsync(ben.BioPageId, "duration")]);
        Assert.NotNull(await app.PostPageViewAsync(own));
        Assert.Equal(3 * forged.Length, (await app.MetricsAsync()).Where(metric =>
            metric.Key.Contains("drops", StringComparison.Ordinal) && metric.Key.Contains("\"session\"", StringComparison.Ordinal)).Sum(
            metric => int.Parse(metric.Value, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task An_instance_finds_what_another_one_stored()
    {
        await using var cluster = await Cluster.StartAsync(2, Unthrottled);
        var creator = await cluster.Apps[0].AddCreatorAsync();
        var id = (await cluster.Apps[0].PostSessionAsync(creator))!.Value;
        var view = (await cluster.Apps[0].PostPageViewAsync(id))!.Value;

        await AssertAcceptsEventsAsync(cluster.Apps[1], creator, id, view);
    }

    /// <summary>Ids of an export carry their place where it is imported again, and are known whatever the line says of their time.</summary>
    [Theory, Engines]
    public async Task An_import_of_the_own_export_adds_nothing(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;
        var view = (await app.PostPageViewAsync(session))!.Value;
        var now = app.Clock.GetUtcNow();
        app.Clock.Advance(TimeSpan.FromHours(1));

        foreach (var at in (DateTimeOffset[])[now, now.AddMinutes(-1), now.AddMinutes(1)])
        {
            Assert.Equal(new ImportCounts(2, 0, 2, 0), await ImportAsync(app, Lines(creator.BioPageId, session, view, at)));
        }

        // On another page they are other rows, once.
        var ben = await app.AddCreatorAsync();
        Assert.Equal(new ImportCounts(2, 2, 0, 0), await ImportAsync(app, Lines(ben.BioPageId, session, view, now)));
        Assert.Equal(new ImportCounts(2, 0, 2, 0), await ImportAsync(app, Lines(ben.BioPageId, session, view, now.AddMinutes(1))));
        Assert.Equal([(session, now.TruncateToMillisecond(), true)], await PlacesAsync(app, "AnalyticsSession", "startedAt", ben.BioPageId));

        // Erased rows come back where their ids say, once.
        await app.Analytics.ExecuteAsync("""DELETE FROM "AnalyticsSession" """, Cancelled);
        await app.Analytics.ExecuteAsync("""DELETE FROM "AnalyticsPageView" """, Cancelled);
        var lines = Lines(creator.BioPageId, session, view, now);
        Assert.Equal(new ImportCounts(6, 2, 4, 0), await ImportAsync(app, $"{lines}\n{Lines(creator.BioPageId, session, view, now.AddMinutes(1))}\n{lines}"));
        Assert.Equal([(session, now.TruncateToMillisecond(), false)], await PlacesAsync(app, "AnalyticsSession", "startedAt", creator.BioPageId));
        Assert.Equal([(view, now.TruncateToMillisecond(), false)], await PlacesAsync(app, "AnalyticsPageView", "enteredAt", creator.BioPageId));
    }

    [Theory, Engines]
    public async Task Of_simultaneous_imports_each_row_is_added_once(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var now = app.Clock.GetUtcNow();
        var ids = Enumerable.Range(0, 300).Select(i => i % 3 == 0 ? Guid.NewGuid() : PagedId.NewSession(creator.BioPageId, now.AddMinutes(-i))).ToList();

        var counts = await Task.WhenAll(Enumerable.Range(0, 4).Select(import => ImportAsync(app, string.Join('\n', ids.Select((id, i) =>
            SessionLine(creator.BioPageId, id, now.AddMinutes(i % 3 == 1 ? -i : -i - import)))))));

        Assert.Equal((300, 900), (counts.Sum(count => count.Added), counts.Sum(count => count.Known)));
        Assert.Equal(ids.Order(), (await app.SessionColumnAsync(creator.BioPageId, "id")).Select(id => Guid.Parse(id!)).Order());
    }

    /// <summary>The statements that find rows by id use an index: both parts of each.</summary>
    [Theory, Engines(NotOnCitus = "its plans are those of the shards, which are PostgreSQL's")]
    public async Task Rows_are_found_by_an_index(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var dialect = app.Analytics.Dialect;
        var (page, ids) = (Guid.NewGuid(), Enumerable.Range(0, 10).Select(_ => Guid.NewGuid()).ToArray());
        ids[0] = PagedId.NewSession(page, app.Clock.GetUtcNow());
        await using var connection = await app.Analytics.OpenAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        var ends = app.Clock.GetUtcNow();
        await dialect.InsertAsync(transaction, SessionRow.Table, [.. Enumerable.Range(0, 5_000).Select(i =>
            new SessionRow { BioPageId = page, Id = Guid.NewGuid(), VisitorId = "v", StartedAt = ends.AddSeconds(-i) })], Cancelled);
        await dialect.InsertAsync(transaction, PageViewRow.Table, [.. Enumerable.Range(0, 5_000).Select(i =>
            new PageViewRow { BioPageId = page, Id = Guid.NewGuid(), SessionId = default, EnteredAt = ends.AddSeconds(-i) })], Cancelled);
        if (engine == EngineKind.Postgres)
        {
            await dialect.ExecuteAsync(transaction, "ANALYZE", Cancelled);
        }

        foreach (var (table, time, one) in ((string, string, string)[])[("AnalyticsSession", "startedAt", RowsById.IsSession), ("AnalyticsPageView", "enteredAt", RowsById.IsPageView)])
        {
            var many = await PlanAsync(RowsById.Sql("plan", "\"id\"", table, time, "TRUE"), RowsById.Values(page, ids));
            Assert.Contains($"{table}_foreignId", many, StringComparison.Ordinal);
            Assert.Contains(ByTime(table, time), many, StringComparison.Ordinal);
            Assert.Contains(ByTime(table, time), await PlanAsync($"""SELECT 1 FROM "{table}" WHERE {one}""", new RowKey(page, app.Clock.GetUtcNow(), ids[0]).Values), StringComparison.Ordinal);
            Assert.Contains($"{table}_foreignId", await PlanAsync(
                $$"""SELECT 1 FROM "{{table}}" WHERE "id" {isAnyOfIds} AND "foreignId" """, ("@ids", ids)), StringComparison.Ordinal);
            Assert.Contains($"{table}_foreignId", await PlanAsync(
                $"""UPDATE "{table}" SET "duration" = 1 WHERE {RowsById.IsForeign}""", ("@page", page), ("@id", ids[0])), StringComparison.Ordinal);
        }

        string ByTime(string table, string time) => engine == EngineKind.Postgres
            ? $"{table}_bioPageId_{time} on" : $"SEARCH {table} USING PRIMARY KEY (bioPageId=? AND {time}=?";

        async Task<string> PlanAsync(string sql, params (string, object?)[] values) => (await dialect.QueryAsync(
            transaction, (engine == EngineKind.Postgres ? "EXPLAIN " : "EXPLAIN QUERY PLAN ") + sql,
            row => Convert.ToString(row.GetValue(row.FieldCount - 1), CultureInfo.InvariantCulture)!, Cancelled, values))
            .Aggregate("", (all, line) => $"{all}\n{line.Replace("\"", "", StringComparison.Ordinal)}");
    }

    /// <summary>
    /// The rows of a batch are found by one statement, each by the index, by the plan that is kept: whether it was made for an empty table or for
    /// one with many rows.
    /// </summary>
    [Theory, Engines(NotOnCitus = "it asks for one page at a time")]
    public async Task A_batch_finds_its_rows_by_one_statement_and_an_index(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var dialect = app.Analytics.Dialect;
        var (page, at) = (Guid.NewGuid(), app.Clock.GetUtcNow().TruncateToMillisecond());
        var (sessions, views) = (Ids(PagedId.NewSession), Ids(PagedId.NewPageView));
        var pages = new PageNumbers();
        pages.Add(page);
        await using var connection = await app.Analytics.OpenAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        await AssertPlansAsync(found: 0);
        await dialect.InsertAsync(transaction, SessionRow.Table, [.. sessions.Select((id, i) =>
            new SessionRow { BioPageId = page, Id = id, VisitorId = "v", StartedAt = at.AddSeconds(-i) })], Cancelled);
        await dialect.InsertAsync(transaction, PageViewRow.Table, [.. views.Select((id, i) =>
            new PageViewRow { BioPageId = page, Id = id, SessionId = sessions[i], EnteredAt = at.AddSeconds(-i) })], Cancelled);
        await AssertPlansAsync(found: 15);
        await dialect.ExecuteAsync(transaction, "ANALYZE", Cancelled); // has the plans made anew
        await AssertPlansAsync(found: 15);

        Guid[] Ids(Func<Guid, DateTimeOffset, Guid> make) => [.. Enumerable.Range(0, 100_000).Select(i => make(page, at.AddSeconds(-i)))];

        async Task AssertPlansAsync(int found)
        {
            for (var i = 0; i < 6; i++) // the driver prepares what it sees again
            {
                var rows = new EventRows(dialect, transaction, pages, findsForeignIds: i % 2 == 0);
                IEnumerable<IngestEvent> events = [.. sessions[..10].Select(id => new HeartbeatReceived(id)), .. views[10..15].Select(id => new PageLeft(id, 1, null))];
                Assert.Equal(found, (await rows.FindAsync([.. events], Cancelled)).Sessions.Count);
            }

            foreach (var (name, index) in engine != EngineKind.Postgres ? [] : ((string, string)[])
            [
                ("session of event", "AnalyticsSession_bioPageId_startedAt"), ("page views of events", "AnalyticsPageView_bioPageId_enteredAt"),
                ("page views or sessions of events", "AnalyticsPageView_bioPageId_enteredAt"),
            ])
            {
                var prepared = Assert.Single(await dialect.QueryAsync(
                    transaction, "SELECT name FROM pg_prepared_statements WHERE statement LIKE @name", row => row.GetString(0), Cancelled, ("@name", $"-- {name}\n%")));
                var plan = await dialect.QueryAsync(
                    transaction, $"""EXPLAIN EXECUTE "{prepared}" ('{"{}"}', '{"{}"}', '{"{}"}')""", row => row.GetString(0), Cancelled);
                foreach (var part in (string[])["Nested Loop", "Function Scan on each", $"Index Scan using \"{index}\"", "(\"bioPageId\" = each.page)"])
                {
                    Assert.Contains(plan, line => line.Contains(part, StringComparison.Ordinal));
                }

                Assert.DoesNotContain(plan, line => line.Contains("Join", StringComparison.Ordinal) || line.Contains("Seq Scan", StringComparison.Ordinal));
            }
        }
    }

    [Theory, Engines]
    public async Task A_page_is_found_by_its_number_by_an_index(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await using var connection = await app.Main.OpenAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        if (engine != EngineKind.Sqlite)
        {
            await app.Main.Dialect.ExecuteAsync(transaction, "SET LOCAL enable_seqscan = off", Cancelled);
        }

        var plan = await app.Main.Dialect.QueryAsync(
            transaction,
            (engine != EngineKind.Sqlite ? "EXPLAIN " : "EXPLAIN QUERY PLAN ") + """SELECT "id" FROM "BioPage" WHERE substr(CAST("id" AS {text}), 29) {isAnyOfTexts}""",
            row => Convert.ToString(row.GetValue(row.FieldCount - 1), CultureInfo.InvariantCulture)!, Cancelled, ("@texts", (string[])["deadbeef"]));

        Assert.Contains(plan, line => line.Contains("BioPage_number", StringComparison.Ordinal));
    }

    // A click, a heartbeat, and two ways to leave: what each changes is in the rows.
    private static async Task AssertAcceptsEventsAsync(TestApp app, Creator creator, Guid session, Guid view, int earlier = 0)
    {
        app.Clock.Advance(TimeSpan.FromSeconds(40));
        Assert.NotNull(await app.PostPageViewAsync(session));
        Assert.Equal($"{40 + earlier}", await DurationOfAsync(view));
        await SendAsync($"session/{session}/heartbeat", null);
        await SendAsync($"pageview/{view}/leave", """{"duration":7,"scrollDepth":50}""");
        Assert.Equal("7", await DurationOfAsync(view));
        await SendAsync($"pageview/{session}/leave", """{"duration":9,"scrollDepth":60}""");

        var rows = await app.RowsAsync("AnalyticsSession", creator.BioPageId, "id", "pageViews", "duration");
        Assert.Contains($"{session} 2 30", rows);
        var last = (await app.RowsAsync("AnalyticsSession", creator.BioPageId, "id", "lastPageViewId")).Single(row => row.StartsWith($"{session}", StringComparison.Ordinal));
        Assert.Equal("9", await DurationOfAsync(Guid.Parse(last.Split(' ')[1])));

        async Task<string> DurationOfAsync(Guid id) => (await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "id", "duration"))
            .Single(row => row.StartsWith($"{id}", StringComparison.Ordinal)).Split(' ')[1];

        async Task SendAsync(string route, string? json)
        {
            using var response = await app.SendAsync(HttpMethod.Patch, route, json);
            response.EnsureSuccessStatusCode();
        }
    }

    private static async Task AddVisitAsync(TestApp app, Creator creator, Guid session, Guid view)
    {
        var now = app.Clock.GetUtcNow();
        await app.Analytics.InsertAsync(
            SessionRow.Table,
            [new SessionRow { BioPageId = creator.BioPageId, Id = session, VisitorId = "v", StartedAt = now, PageViews = 1, LastPageViewId = view }],
            Cancelled);
        await app.Analytics.InsertAsync(
            PageViewRow.Table, [new PageViewRow { BioPageId = creator.BioPageId, Id = view, SessionId = session, EnteredAt = now }], Cancelled);
    }

    // As the writer has it: all in one batch.
    private static async Task StoreAsync(TestApp app, List<IngestEvent> events)
    {
        using var pages = new NumberedPages(app.Main, app.Clock);
        await new IngestQueue(app.Analytics, pages, app.Services.GetRequiredService<IngestMetrics>(), app.Clock, NullLogger<IngestWriter>.Instance)
        {
            Stored = _ => { },
        }.StoreAsync(events);
    }

    private static Task<List<(Guid, DateTimeOffset?, bool)>> PlacesAsync(TestApp app, string table, string time, Guid page) => app.Analytics.QueryAsync(
        $"""SELECT "id", "{time}", "foreignId" FROM "{table}" WHERE "bioPageId" = @page ORDER BY "id" """,
        row => (app.Analytics.Dialect.ReadGuid(row, 0), (DateTimeOffset?)app.Analytics.Dialect.ReadInstant(row, 1), Convert.ToBoolean(row.GetValue(2), CultureInfo.InvariantCulture)),
        Cancelled, ("@page", page));

    private static Task<List<string>> PageViewsAsync(TestApp app, Creator creator) => app.RowsAsync("AnalyticsSession", creator.BioPageId, "id", "pageViews");

    private static async Task<Creator> CreatorWithPageAsync(TestApp app, string page)
    {
        await using var connection = await app.Main.OpenAsync(Cancelled);
        await using var transaction = await app.Main.Dialect.BeginExclusiveAsync(connection, Cancelled);
        var (creator, _) = await CreatorStore.AddAsync(
            app.Main.Dialect, transaction, new NewCreator(Guid.NewGuid()) { BioPageId = Guid.Parse(page) }, app.Clock.GetUtcNow(), Cancelled);
        await transaction.CommitAsync(Cancelled);
        return creator;
    }

    private static string SessionLine(Guid page, Guid id, DateTimeOffset at) => JsonSerializer.Serialize(
        new { type = "session", id, bioPageId = page, visitorId = "v", startedAt = at.ToText(), pageViews = 1 });

    private static string Lines(Guid page, Guid session, Guid view, DateTimeOffset at) => $"{SessionLine(page, session, at)}\n{JsonSerializer.Serialize(
        new { type = "pageview", id = view, bioPageId = page, sessionId = session, enteredAt = at.ToText() })}";

    private static Task<ImportCounts> ImportAsync(TestApp app, string lines) =>
        new Importer(app.Main, app.Analytics, Encoding.UTF8.GetBytes(TestApp.VisitorSecret), Passwords.Rule, app.Clock)
        {
            BadLine = (number, problem) => Assert.Fail($"{number}: {problem}"),
            Progress = _ => { },
        }.RunAsync(new MemoryStream(Encoding.UTF8.GetBytes(lines)), Cancelled);
}
