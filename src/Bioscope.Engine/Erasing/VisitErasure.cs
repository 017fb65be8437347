using System.Data.Common;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Erasing;

/// <summary>
/// Erases visits of visitors, and clicks on links, among rows that stay. What is asked is found page by page, because nothing is indexed by
/// visitor; several visitors are found at once. The counts of a page whose sealed past changes are sealed again.
/// </summary>
internal sealed class VisitErasure(AnalyticsDatabase analytics)
{
    private const int MaxRowsAtOnce = 1_000;

    private const string SessionsSql = """
        -- sessions of visitors
        SELECT "id", "startedAt", "visitorId" FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "visitorId" {isAnyOfTexts}
        """;

    private const string ViewsSql = """
        -- views of sessions
        SELECT "id", "enteredAt", "sessionId" FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "sessionId" {isAnyOfIds}
        """;

    private const string ClicksSql = """
        -- clicks to erase
        SELECT "id", "enteredAt", "linkClicked" FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "linkClicked" {isAnyOfIds}
        """;

    private const string ForgetSql = """
        -- forget visitors
        DELETE FROM "AnonymousVisit" WHERE "bioPageId" = @page AND "visitorId" {isAnyOfTexts}
        """;

    /// <summary>Erases the sessions of these visitors with their page views, on one page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="visitors">The visitors' hashes.</param>
    /// <param name="cancellationToken">Ends it between two transactions; what is left can be erased later.</param>
    /// <returns>For each visitor who was there, how many sessions and page views were erased.</returns>
    public async Task<Dictionary<string, (long Sessions, long PageViews)>> VisitorsAsync(
        Guid page, string[] visitors, CancellationToken cancellationToken)
    {
        var dialect = analytics.Dialect;
        var sessions = await analytics.QueryAloneAsync(
            SessionsSql, row => (Row: Read(row), Visitor: row.GetString(2)),
            cancellationToken, ("@page", page), ("@texts", visitors));
        if (sessions.Count == 0)
        {
            return [];
        }

        var visitorOf = sessions.ToDictionary(session => session.Row.Id, session => session.Visitor);
        var views = new List<(Found Row, Guid Session)>();
        foreach (var chunk in sessions.Chunk(MaxRowsAtOnce))
        {
            views.AddRange(await analytics.QueryAloneAsync(
                ViewsSql, row => (Read(row), dialect.ReadGuid(row, 2)),
                cancellationToken, ("@page", page), ("@ids", Array.ConvertAll(chunk, session => session.Row.Id))));
        }

        // Views first: a view without its session would be of nobody, and no later look would find it.
        await DeleteAsync(page, ("AnalyticsPageView", "enteredAt"), views.ConvertAll(view => view.Row), cancellationToken);
        await DeleteAsync(page, ("AnalyticsSession", "startedAt"), sessions.ConvertAll(session => session.Row), cancellationToken);
        await analytics.ExecuteAsync(ForgetSql, cancellationToken, ("@page", page), ("@texts", visitors));
        var viewsOf = views.CountBy(view => visitorOf[view.Session]).ToDictionary();
        return sessions.CountBy(session => session.Visitor).ToDictionary(
            visitor => visitor.Key, visitor => ((long)visitor.Value, (long)viewsOf.GetValueOrDefault(visitor.Key)));
    }

    /// <summary>Erases all clicks on a link.</summary>
    /// <returns>How many they were.</returns>
    public async Task<long> ClicksAsync(Guid page, Guid link, CancellationToken cancellationToken)
    {
        var clicks = await analytics.QueryAloneAsync(
            ClicksSql, row => Read(row),
            cancellationToken, ("@page", page), ("@ids", (Guid[])[link]));
        await DeleteAsync(page, ("AnalyticsPageView", "enteredAt"), clicks, cancellationToken);
        return clicks.Count;
    }

    private Found Read(DbDataReader row) =>
        new(analytics.Dialect.ReadGuid(row, 0), analytics.Dialect.ReadInstantIfSound(row, 1));

    private async Task DeleteAsync(Guid page, (string Name, string Time) table, List<Found> rows, CancellationToken cancellationToken)
    {
        foreach (var chunk in rows.Chunk(MaxRowsAtOnce))
        {
            await analytics.TransactAsync(
                $"erase {table.Name}",
                async transaction =>
                {
                    await analytics.Dialect.BeginErasingAsync(transaction, cancellationToken);
                    await BackfillGuard.WriteAsync(
                        analytics.Dialect,
                        transaction,
                        [(page, chunk.Min(row => row.At) ?? DateTimeOffset.MinValue)],
                        () => RowsById.DeleteAsync(
                            analytics.Dialect, transaction, table, page, Array.ConvertAll(chunk, row => ((object)row.Id, row.At)), cancellationToken),
                        cancellationToken);
                    return 0;
                },
                cancellationToken);
        }
    }

    private readonly record struct Found(Guid Id, DateTimeOffset? At);
}
