using System.Data.Common;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Segments;

/// <summary>Whether a page has many rows in some time, and how far some reach, without counting more than needed.</summary>
internal static class RowCount
{
    private const string Sql = """
        -- count rows of page
        SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @from AND "startedAt" < @to LIMIT @max) AS "sessions")
          + (SELECT COUNT(*) FROM (SELECT 1 FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" >= @from AND "enteredAt" < @to LIMIT @max) AS "views")
        """;

    private const string TimeSql = """
        -- time of row
        SELECT MIN("at") FROM (
          SELECT "at" FROM (SELECT "startedAt" AS "at" FROM "AnalyticsSession"
            WHERE "bioPageId" = @page AND "startedAt" >= @from AND "startedAt" < @to AND {startedAtIsInstant} ORDER BY "startedAt" LIMIT 1 OFFSET @max) AS "session"
          UNION ALL
          SELECT "at" FROM (SELECT "enteredAt" AS "at" FROM "AnalyticsPageView"
            WHERE "bioPageId" = @page AND "enteredAt" >= @from AND "enteredAt" < @to AND {enteredAtIsInstant} ORDER BY "enteredAt" LIMIT 1 OFFSET @max) AS "view"
        ) AS "first"
        """;

    /// <summary>Whether a page has so many sessions and page views from an instant on and before another one.</summary>
    public static async Task<bool> IsAtLeastAsync(
        SqlDialect dialect, DbTransaction snapshot, Guid page, DateTimeOffset from, DateTimeOffset until, int rows,
        CancellationToken cancellationToken) =>
        (await dialect.QueryAsync(
            snapshot, Sql, row => row.GetInt64(0), cancellationToken, ("@page", page), ("@from", from), ("@to", until), ("@max", rows))).Single() >= rows;

    /// <summary>In some time, when the session was that comes after so many, or the page view; whichever was first.</summary>
    /// <returns>Null when there are no more than so many of either.</returns>
    public static async Task<DateTimeOffset?> TimeOfAsync(
        SqlDialect dialect, DbTransaction snapshot, Guid page, DateTimeOffset from, DateTimeOffset until, int rows, CancellationToken cancellationToken) =>
        (await dialect.QueryAsync(
            snapshot,
            TimeSql,
            row => row.IsDBNull(0) ? null as DateTimeOffset? : dialect.ReadInstant(row, 0),
            cancellationToken,
            ("@page", page),
            ("@from", from),
            ("@to", until),
            ("@max", rows))).Single();
}
