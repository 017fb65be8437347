using System.Data.Common;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;
using NodaTime;

namespace Bioscope.Server.Commands;

/// <summary>
/// The checks of <c>bioscope doctor</c> where Citus has spread the tables of visits: every worker, and each kind of statement once on each. What
/// is written for that is taken back at once.
/// </summary>
internal sealed class DistributionCheck(AnalyticsDatabase analytics, TimeProvider clock, Action<string> good, Action<string> fail)
{
    // So many that each worker has a shard with two.
    private const int MaxPages = 1_000;

    private const string PagesSql = """
        -- two pages of a shard of each worker
        SELECT DISTINCT ON ("nodename", "nodeport") "nodename" || ':' || "nodeport", "shardid", array_agg("page")
        FROM unnest(@pages) AS "some" ("page")
        JOIN pg_dist_shard_placement ON "shardid" = get_shard_id_for_distribution_column('"AnalyticsSession"', "page")
        GROUP BY "nodename", "nodeport", "shardid" HAVING count(*) > 1
        ORDER BY "nodename", "nodeport"
        """;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var distribution = new Distribution(analytics);
        var state = await distribution.ReadAsync(cancellationToken);
        foreach (var problem in state.Problems)
        {
            fail($"analytics: {problem}");
        }

        if (!state.ArePlansOurs)
        {
            fail("analytics: a worker has other settings for plans (enable_seqscan, jit), so reports may read whole shards. To fix: bioscope distribute");
        }

        foreach (var (table, _) in await distribution.MissingAsync(cancellationToken))
        {
            fail($"analytics: \"{table}\" is not distributed, though others are. To fix: stop the servers, and run bioscope distribute");
        }

        good($"analytics: distributed by Citus {state.Version} over {state.Workers.Count} workers");
        var pages = Enumerable.Range(0, MaxPages).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var (worker, shard, pagesOfIt) in await analytics.QueryAloneAsync(
            PagesSql, row => (row.GetString(0), row.GetInt64(1), row.GetFieldValue<Guid[]>(2)), cancellationToken, ("@pages", pages)))
        {
            await CheckWorkerAsync(worker, shard, pagesOfIt[..2], cancellationToken);
        }

        await TryAsync("the statements that ask all workers", async () =>
        {
            await Pages.KnownAsync(analytics, cancellationToken);
        });
    }

    private async Task CheckWorkerAsync(string worker, long shard, Guid[] pages, CancellationToken cancellationToken)
    {
        Array.ForEach(pages, page => analytics.TakeShard(page, shard));
        var failed = false;
        foreach (var (kind, run) in ((string, Func<Task>)[])
        [
            ("a page's visits are stored", () => StoreAsync(pages[..1], cancellationToken)),
            ("several pages' visits are stored", () => StoreAsync(pages, cancellationToken)),
            ("pages are sealed", () => SealAsync(pages[0], cancellationToken)), ("reports are read", () => ReportAsync(pages[0], cancellationToken)),
        ])
        {
            failed |= !await TryAsync($"{worker}, by which {kind}", run);
        }

        if (!failed)
        {
            good($"analytics: {worker} runs each kind of statement");
        }
    }

    private async Task<bool> TryAsync(string what, Func<Task> run)
    {
        try
        {
            await run();
            return true;
        }
        catch (DbException e)
        {
            fail($"analytics: {what}: {e.Message}{(e.SqlState == "0A000" ? ". This is a bug of Bioscope: please report it" : "")}");
            return false;
        }
        catch (IOException e)
        {
            fail($"analytics: {what}: {e.Message}");
            return false;
        }
    }

    /// <summary>Visits with everything that a browser may report of one, as ingestion writes them.</summary>
    private async Task StoreAsync(Guid[] pages, CancellationToken cancellationToken)
    {
        await using var connection = await analytics.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken); // never committed
        var numbers = new PageNumbers();
        Array.ForEach(pages, numbers.Add); // as if they existed, so that ids carry them
        var visits = Array.ConvertAll(pages, page =>
            new SessionStarted(new SessionRow { BioPageId = page, Id = default, VisitorId = "doctor", StartedAt = default }, new FirstView("/", null)) { ContinuesOpenVisit = true });
        await WriteAsync(visits);
        await WriteAsync([.. visits.SelectMany(AfterStart)]);
        foreach (var page in pages)
        {
            await PageDrop.AddAsync(analytics.Dialect, transaction, [new PageDrop(page, Grain.Day.Floor(clock.GetUtcNow()), "bot", 1)], cancellationToken);
        }

        Task WriteAsync(IReadOnlyList<IngestEvent> events) =>
            new IngestBatch(analytics.Dialect, transaction, numbers, clock.GetUtcNow()).WriteAsync(events, cancellationToken);

        static IEnumerable<IngestEvent> AfterStart(SessionStarted visit)
        {
            var session = visit.SessionId!.Value;
            return
            [
                visit with { View = new FirstView("/", null) }, new PageViewed(session, "/", null, Link: null), new HeartbeatReceived(session),
                new VisitorIdentified(session, Guid.NewGuid()), new PageLeft(visit.ViewId!.Value, 1, 1),
            ];
        }
    }

    private async Task SealAsync(Guid page, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var step = await new Sealer(analytics).ReadAsync(page, Fence.Floor(now), minRows: 0, cancellationToken);
        await using var connection = await analytics.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken); // never committed
        await analytics.Dialect.HoldFenceAsync(transaction, cancellationToken);
        if (step is not null)
        {
            await step.WriteAsync(analytics.Dialect, transaction, cancellationToken);
        }

        await BackfillGuard.UnsealAsync(analytics.Dialect, transaction, page, cancellationToken);
    }

    private async Task ReportAsync(Guid page, CancellationToken cancellationToken)
    {
        var until = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var range = new InstantRange(until - (long)TimeSpan.FromDays(30).TotalMilliseconds, until);
        using var memory = new MemoryBudget(1 << 24, atOnce: 1);
        var engine = new QueryEngine(analytics, new RollupReader(analytics), history: null, memory, clock);
        foreach (var dimensions in (string[][])[[], ["country"], ["link"]])
        {
            var query = CountQuery.Canonical(
                page, range, DateTimeZone.Utc, [.. dimensions.Select(name => Dimension.Named(name)!)], [], [Metric.Views], Naming.None);
            await engine.CountAsync(query, cancellationToken);
        }

        var running = new CountQuery(
            page, range with { Until = QueryRange.Latest }, DateTimeZone.Utc, [], [], [Metric.Views, Metric.Clicks, Metric.Visitors]);
        await engine.CountAsync(running, cancellationToken);
        await new PageTails(analytics).ReadAsync(
            RollupPlan.Of(running)!, page, DateTimeOffset.FromUnixTimeMilliseconds(range.From), cancellationToken);
    }
}
