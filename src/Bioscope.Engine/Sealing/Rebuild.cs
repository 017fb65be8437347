using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// Drops the rollups of pages and seals them again, one page after the other in the order of their ids. Between the two steps a page is
/// read raw. The current page is stored in the database, so that an interrupted rebuild resumes there.
/// </summary>
internal sealed class Rebuild(AnalyticsDatabase analytics)
{
    private const string HasRollupsSql = """
        -- has rollups
        SELECT 1 WHERE EXISTS (SELECT 1 FROM "RollupPage" WHERE "bioPageId" = @page)
          OR EXISTS (SELECT 1 FROM "Rollup" WHERE "bioPageId" = @page) OR EXISTS (SELECT 1 FROM "RollupVisitors" WHERE "bioPageId" = @page)
          OR EXISTS (SELECT 1 FROM "Segment" WHERE "bioPageId" = @page) OR EXISTS (SELECT 1 FROM "SegmentColumn" WHERE "bioPageId" = @page)
          OR EXISTS (SELECT 1 FROM "OutcomeChange" WHERE "bioPageId" = @page)
        """;

    // If several run at once, the furthest position is kept.
    private const string SaveSql = """
        -- save rebuild position
        INSERT INTO "Rebuild" ("id", "page") VALUES (1, @page)
        ON CONFLICT ("id") DO UPDATE SET "page" = excluded."page" WHERE "Rebuild"."page" < excluded."page"
        """;

    private readonly Sealer _sealer = new(analytics);
    private readonly Segmenter _segmenter = new(analytics);

    /// <summary>The page at which a rebuild was interrupted; null when none was.</summary>
    public async Task<Guid?> PositionAsync(CancellationToken cancellationToken) => await analytics.QueryAsync(
        """
        -- rebuild position
        SELECT "page" FROM "Rebuild"
        """,
        row => analytics.Dialect.ReadGuid(row, 0),
        cancellationToken) is [var page] ? page : null;

    /// <summary>Deletes the stored position.</summary>
    public Task EndAsync(CancellationToken cancellationToken) => analytics.ExecuteAsync(
        """
        -- rebuild end
        DELETE FROM "Rebuild"
        """,
        cancellationToken);

    /// <summary>Rebuilds one page, up to the fence.</summary>
    /// <param name="page">The page, which may have no rows or damaged rollups.</param>
    /// <param name="fence">Rows before it are sealed.</param>
    /// <param name="savesPosition">Whether a rebuild interrupted here resumes with this page.</param>
    /// <param name="cancellationToken">At worst leaves the page unsealed; a running server then seals it.</param>
    /// <returns>How many of its raw rows are sealed; 0 when there are so few that they are read raw.</returns>
    public async Task<long> PageAsync(Guid page, DateTimeOffset fence, bool savesPosition, CancellationToken cancellationToken)
    {
        if ((await analytics.QueryAsync(HasRollupsSql, _ => true, cancellationToken, ("@page", page))).Count > 0)
        {
            await analytics.TransactAsync(
                "drop rollups",
                async transaction =>
                {
                    await BackfillGuard.UnsealAsync(analytics.Dialect, transaction, page, cancellationToken);
                    return savesPosition ? await analytics.Dialect.ExecuteAsync(
                        transaction, SaveSql, cancellationToken, ("@page", page)) : 0;
                },
                cancellationToken);
        }

        var rows = await _sealer.SealAsync(page, fence, cancellationToken);
        await _segmenter.AdvanceAsync(page, fence, cancellationToken);
        return rows;
    }
}
