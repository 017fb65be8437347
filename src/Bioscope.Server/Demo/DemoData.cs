using System.Data.Common;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Demo;

/// <summary>Stores the demo creators and their traffic in the databases, once.</summary>
internal sealed class DemoData(MainDatabase main, AnalyticsDatabase analytics, TimeProvider clock)
{
    private const string PageSql = """
        -- demo page
        SELECT "id" FROM "BioPage" WHERE "id" = @page
        """;

    private const int VisitsPerTransaction = 10_000;

    /// <summary>The approximate number of sessions that <see cref="MakeAsync"/> creates.</summary>
    public static int Sessions { get; } = DemoCreators.All.Sum(creator => creator.Sessions);

    /// <summary>
    /// Whether all demo data exists. The creators are stored last, so if they exist, their traffic is complete, even after a crash.
    /// </summary>
    public async Task<bool> IsCompleteAsync(CancellationToken cancellationToken)
    {
        foreach (var creator in DemoCreators.All)
        {
            var found = await main.QueryAsync(
                PageSql, row => main.Dialect.ReadGuid(row, 0), cancellationToken, ("@page", creator.BioPageId));
            if (found.Count == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Creates all of it; leftovers of an interrupted attempt are removed first. <paramref name="progress"/> receives the number of
    /// sessions stored so far.
    /// </summary>
    public async Task MakeAsync(Action<int> progress, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var stored = 0;
        foreach (var creator in DemoCreators.All)
        {
            await RemoveTrafficAsync(creator, cancellationToken);
            foreach (var visits in new DemoTraffic(creator, now).Visits().Chunk(VisitsPerTransaction))
            {
                await StoreAsync(creator, visits, cancellationToken);
                progress(stored += visits.Length);
            }
        }

        await StoreCreatorsAsync(now, cancellationToken);
    }

    private async Task RemoveTrafficAsync(DemoCreator creator, CancellationToken cancellationToken)
    {
        foreach (var table in (string[])[SessionRow.Table.Name, PageViewRow.Table.Name])
        {
            await WriteAsync(
                creator,
                transaction => analytics.Dialect.ExecuteAsync(
                    transaction,
                    $"""
                    -- remove demo traffic
                    DELETE FROM "{table}" WHERE "bioPageId" = @page
                    """,
                    cancellationToken,
                    ("@page", creator.BioPageId)),
                cancellationToken);
        }
    }

    private Task<bool> StoreAsync(DemoCreator creator, DemoVisit[] visits, CancellationToken cancellationToken) => WriteAsync(
        creator,
        async transaction =>
            await analytics.Dialect.InsertAsync(
                transaction, SessionRow.Table, Array.ConvertAll(visits, visit => visit.Session), cancellationToken)
            + await analytics.Dialect.InsertAsync(
                transaction, PageViewRow.Table, visits.SelectMany(visit => visit.PageViews).ToList(), cancellationToken),
        cancellationToken);

    private Task<bool> WriteAsync(DemoCreator creator, Func<DbTransaction, Task<int>> write, CancellationToken cancellationToken) => analytics.TransactAsync(
        "demo",
        async transaction =>
        {
            await BackfillGuard.WriteAsync(
                analytics.Dialect, transaction, [(creator.BioPageId, DateTimeOffset.UnixEpoch)], () =>
                    write(transaction), cancellationToken);
            return true;
        },
        cancellationToken);

    private async Task StoreCreatorsAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await main.OpenAsync(cancellationToken);
        await using var transaction = await main.Dialect.BeginExclusiveAsync(connection, cancellationToken);
        foreach (var creator in DemoCreators.All)
        {
            var added = new NewCreator(creator.UserId)
            {
                CreatorId = creator.CreatorId,
                BioPageId = creator.BioPageId,
                Handle = creator.Handle,
                Title = creator.Title,
                Description = creator.Description,
            };
            await CreatorStore.AddAsync(main.Dialect, transaction, added, now, cancellationToken);
            var links = creator.Links.Select((link, i) =>
                new BioLinkRow(creator.LinkId(i), creator.BioPageId, link.Title, link.Url) { Position = i }).ToList();
            await main.Dialect.InsertAsync(transaction, BioLinkRow.Table, links, cancellationToken);
            // In display order, which is that of their time.
            var placements = creator.Placements.Select((place, i) => new PlacementRow(
                creator.PlacementId(place.Slug), creator.BioPageId, place.Slug, place.Source, place.Label, now.AddDays(i - DemoCreators.Days))).ToList();
            await main.Dialect.InsertAsync(transaction, PlacementRow.Table, placements, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }
}
