using System.Data.Common;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Segments;

/// <summary>Checks whether a page has many rows in a period, without counting more than needed.</summary>
internal static class RowCount
{
    private const string Sql = """
        -- count rows of page
        SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @from AND "startedAt" < @to LIMIT @max) AS "sessions")
          + (SELECT COUNT(*) FROM (SELECT 1 FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" >= @from AND "enteredAt" < @to LIMIT @max) AS "views")
        """;

    /// <summary>
    /// Whether a page has at least this many sessions and page views from one instant (inclusive) to another (exclusive).
    /// </summary>
    public static async Task<bool> IsAtLeastAsync(
        SqlDialect dialect, DbTransaction snapshot, Guid page, DateTimeOffset from, DateTimeOffset until, int rows,
        CancellationToken cancellationToken) =>
        (await dialect.QueryAsync(
            snapshot, Sql, row =>
                row.GetInt64(0), cancellationToken, ("@page", page), ("@from", from), ("@to", until), ("@max", rows))).Single() >= rows;
}
