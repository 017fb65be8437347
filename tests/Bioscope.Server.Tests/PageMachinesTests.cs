using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bioscope.Server.Tests;

/// <summary>Where pages are on several machines, each machine's events are written by themselves.</summary>
public sealed class PageMachinesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A trigger refuses what is of one page, as a worker of Citus that is away does.</summary>
    [Theory, Engines(NotOnCitus = "a trigger refuses here what a worker would")]
    public async Task A_machine_that_is_away_refuses_only_its_own_events(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await using var writers = await Writers.StartAsync(app, ben.BioPageId);
        var writer = writers.Writer;
        var before = (await writer.WriteAsync(New(anna)))!.Value;
        Assert.NotNull(await writer.WriteAsync(New(ben)));
        if (engine == EngineKind.Postgres)
        {
            await RefuseAsync(app, ben.BioPageId);
        }

        IngestEvent[] events = [.. Enumerable.Range(0, 200).Select(i => (i % 3) switch
        {
            0 => New(anna),
            1 => new PageViewed(before, "/", null, null),
            _ => (IngestEvent)New(ben),
        })];
        var stored = await Task.WhenAll(events.Select(writer.WriteAsync));

        Assert.All(events.Zip(stored), one => Assert.Equal(
            engine == EngineKind.Sqlite || one.First is not SessionStarted started || started.Session.BioPageId == anna.BioPageId,
            one.Second is not null));
        Assert.True(writer.IsTaking);
        if (engine == EngineKind.Postgres)
        {
            await RefuseAsync(app, anna.BioPageId);
            Assert.Null(await writer.WriteAsync(New(anna)));
            Assert.False(writer.IsTaking);
        }
    }

    /// <summary>A session whose id does not say its page is looked for on all machines, after those that are where they should be.</summary>
    [Theory, Engines]
    public async Task Old_and_forged_ids_are_looked_for_on_all_machines(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var now = app.Clock.GetUtcNow();
        Guid[] ids = [Guid.NewGuid(), Core.PagedId.NewSession(ben.BioPageId, now.AddDays(-1))]; // one says another page
        await app.Analytics.InsertAsync(
            SessionRow.Table,
            [.. ids.Select(id => new SessionRow { BioPageId = anna.BioPageId, Id = id, VisitorId = $"{id}", StartedAt = now, LastActivityAt = now })],
            Cancelled);
        await using var writers = await Writers.StartAsync(app, ben.BioPageId);
        var own = (await writers.Writer.WriteAsync(New(anna)))!.Value;

        foreach (var id in (Guid[])[.. ids, own])
        {
            var view = await writers.Writer.WriteAsync(new PageViewed(id, "/", null, null));
            Assert.NotNull(view);
            Assert.Equal(view, await writers.Writer.WriteAsync(new PageLeft(view.Value, 7, null)));
            Assert.Equal(id, await writers.Writer.WriteAsync(new HeartbeatReceived(id)));
        }

        Assert.Null(await writers.Writer.WriteAsync(new HeartbeatReceived(Core.PagedId.NewSession(anna.BioPageId, now))));
        Assert.Null(await writers.Writer.WriteAsync(new HeartbeatReceived(Guid.NewGuid())));
        Assert.Equal(
            ids.Append(own).Select(id => $"{id} 1").Order(StringComparer.Ordinal),
            (await app.RowsAsync("AnalyticsSession", anna.BioPageId, "id", "pageViews")).Order(StringComparer.Ordinal));
        Assert.Equal(["7", "7", "7"], await app.RowsAsync("AnalyticsPageView", anna.BioPageId, "duration"));
    }

    [Theory, Engines]
    public async Task A_visit_continues_on_its_machine(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        await using var writers = await Writers.StartAsync(app, Guid.Empty);

        var first = await writers.Writer.WriteAsync(New(anna) with { ContinuesOpenVisit = true });
        var second = await writers.Writer.WriteAsync(New(anna) with { ContinuesOpenVisit = true });

        Assert.NotNull(first);
        Assert.Equal(first, second);
    }

    /// <summary>A commit in two phases, which takes several times as long, leaves a record of each machine.</summary>
    [Theory, Engines]
    public async Task A_batch_of_many_pages_is_committed_in_one_step(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creators = new List<Creator>();
        for (var i = 0; i < 12; i++)
        {
            creators.Add(await app.AddCreatorAsync());
        }

        await using var writers = await Writers.StartAsync(app, Guid.Empty);
        Assert.NotNull(await writers.Writer.WriteAsync(New(creators[0])));
        var before = await RecordsAsync(app);
        var stored = await Task.WhenAll(Enumerable.Range(0, 240).Select(i => writers.Writer.WriteAsync(New(creators[i % creators.Count]))));
        var viewed = await Task.WhenAll(stored.Select(session => writers.Writer.WriteAsync(new PageViewed(session!.Value, "/", null, null))));

        Assert.DoesNotContain(null, viewed);
        Assert.InRange(await RecordsAsync(app), 0, before);
        Assert.Equal(240, (await app.Analytics.QueryAsync("""SELECT "id" FROM "AnalyticsPageView" """, row => row.GetValue(0), Cancelled)).Count);
    }

    private static async Task<long> RecordsAsync(TestApp app) => app.Analytics.Dialect.IsDistributed
        ? (await app.Analytics.QueryAsync("SELECT count(*) FROM pg_dist_transaction", row => row.GetInt64(0), Cancelled))[0]
        : 0;

    private static SessionStarted New(Creator creator) =>
        new(new SessionRow { BioPageId = creator.BioPageId, Id = default, VisitorId = "v", StartedAt = default });

    private static Task<int> RefuseAsync(TestApp app, Guid page) => app.Analytics.ExecuteAsync(
        $"""
        CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'connection to the remote node failed' USING ERRCODE = '08006'; END $$;
        CREATE TRIGGER "refuse{page:N}" BEFORE INSERT ON "AnalyticsSession" FOR EACH ROW WHEN (NEW."bioPageId" = '{page}') EXECUTE FUNCTION refuse()
        """,
        Cancelled);

    /// <summary>No part is with two writers, and a completed queue is emptied.</summary>
    [Fact]
    public async Task Parts_of_a_queue_are_taken_side_by_side_and_in_order()
    {
        var waiting = new WaitingEvents(100);
        var events = Enumerable.Range(0, 100).Select(i => (Part: i % 5, Event: new HeartbeatReceived(new Guid(i, 0, 0, new byte[8])))).ToArray();
        foreach (var (part, happened) in events)
        {
            Assert.True(waiting.TryAdd(happened, part));
        }

        Assert.False(waiting.TryAdd(events[0].Event, 0));
        waiting.Complete();
        Assert.False(waiting.TryAdd(events[0].Event, 0));
        var taken = new ConcurrentQueue<(int Part, int Order)>();
        var (now, batches, most) = (new ConcurrentDictionary<int, bool>(), 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => waiting.TakeEachAsync(7, TimeSpan.Zero, async some =>
        {
            var parts = some.Select(happened => Of(happened).Part).Distinct().ToList();
            Assert.All(parts, part => Assert.True(now.TryAdd(part, true)));
            most = Math.Max(most, Interlocked.Increment(ref batches));
            await Task.Yield();
            some.ForEach(happened => taken.Enqueue(Of(happened)));
            Interlocked.Decrement(ref batches);
            Assert.All(parts, part => Assert.True(now.TryRemove(part, out var _)));
        })));

        Assert.Equal(0, waiting.Count);
        Assert.InRange(most, 1, 3);
        Assert.All(
            Enumerable.Range(0, 5), part => Assert.Equal(Enumerable.Range(0, 20), taken.Where(one => one.Part == part).Select(one => one.Order)));

        static (int Part, int Order) Of(IngestEvent happened)
        {
            var number = BitConverter.ToInt32(((HeartbeatReceived)happened).SessionId.ToByteArray());
            return (number % 5, number / 5);
        }
    }

    [Fact]
    public async Task Parts_that_wait_are_taken_together_with_what_comes_soon()
    {
        var waiting = new WaitingEvents(100);
        var batches = new ConcurrentQueue<int>();
        waiting.TryAdd(new HeartbeatReceived(Guid.NewGuid()), part: 0);
        var taking = waiting.TakeEachAsync(7, TimeSpan.FromMilliseconds(500), some =>
        {
            batches.Enqueue(some.Count);
            return Task.CompletedTask;
        });
        for (var i = 1; i < 10; i++)
        {
            waiting.TryAdd(new HeartbeatReceived(Guid.NewGuid()), part: i % 4);
        }

        waiting.Complete();
        await taking;

        Assert.Equal([7, 3], batches);
    }

    [Fact]
    public void All_that_wait_are_refused_together()
    {
        var waiting = new WaitingEvents(10);
        foreach (var part in Enumerable.Range(0, 4))
        {
            waiting.TryAdd(new HeartbeatReceived(Guid.NewGuid()), part);
        }

        List<IngestEvent> taken = [];
        waiting.TakeAll(taken);

        Assert.Equal((4, 0), (taken.Count, waiting.Count));
    }

    /// <summary>A writer for two machines, of which one has one page.</summary>
    private sealed class Writers(IngestWriter writer, PageMachines machines, ServiceProvider services) : IAsyncDisposable
    {
        public IngestWriter Writer => writer;

        public static async Task<Writers> StartAsync(TestApp app, Guid other)
        {
            var machines = app.Analytics.Dialect.IsDistributed ? new PageMachines(app.Analytics, app.Clock) : new TwoMachines(app, other);
            var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
            var writer = new IngestWriter(
                app.Analytics, app.Services.GetRequiredService<NumberedPages>(), machines,
                new IngestMetrics(services.GetRequiredService<IMeterFactory>(), app.Clock), app.Clock, NullLogger<IngestWriter>.Instance);
            await writer.StartAsync(Cancelled);
            return new Writers(writer, machines, services);
        }

        public async ValueTask DisposeAsync()
        {
            await writer.StopAsync(Cancelled);
            writer.Dispose();
            machines.Dispose();
            await services.DisposeAsync();
        }
    }

    private sealed class TwoMachines(TestApp app, Guid other) : PageMachines(app.Analytics, app.Clock)
    {
        public override bool AreSeveral => true;

        public override Task<IReadOnlyDictionary<Guid, PlaceOfPage>> FindAsync(IEnumerable<Guid> pages, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<Guid, PlaceOfPage>>(pages.Distinct().ToDictionary(
                page => page, page => new PlaceOfPage(page == other ? 2 : 1, page.GetHashCode() & 7, 2)));
    }
}
