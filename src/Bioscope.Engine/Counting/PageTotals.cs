using Bioscope.Core;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>
/// How many visits, views and clicks a page has in a range that is still running. One statement reads what is sealed of it from rollups and
/// the rest from raw rows, so that a list of many pages costs one query for each, however many rows they have.
/// </summary>
/// <param name="Visits">Sessions.</param>
/// <param name="Views">Page views without clicks.</param>
/// <param name="Clicks">Clicks.</param>
public sealed record PageTotals(long Visits, long Views, long Clicks)
{
    // "w": the watermark, if the range starts in what is sealed, and where whole hours, days and months begin. "r": the rollups from there.
    // "s": what is sealed at all. The last three are not counted: a view of the range may belong to an earlier visit, which may be hidden.
    // "e": where the raw rows before them end, as in SealedCounts: a day or a month without finer rollups has few rows, which are read raw.
    private static readonly string Sql = $$"""
        -- page totals
        WITH "w" AS (
          SELECT "sealedFrom" AS "from", "sealedUntil" AS "until",
            CASE WHEN @hours < "sealedUntil" THEN @hours ELSE "sealedUntil" END AS "hours",
            CASE WHEN @days < "sealedUntil" THEN @days ELSE "sealedUntil" END AS "days",
            CASE WHEN @months < "sealedUntil" THEN @months ELSE "sealedUntil" END AS "months"
          FROM "RollupPage" WHERE "bioPageId" = @page AND "sealedFrom" <= @since AND "sealedUntil" > @since AND "sealedUntil" <= @until
        ), "s" AS (
          SELECT "sealedFrom" AS "from", "sealedUntil" AS "until" FROM "RollupPage" WHERE "bioPageId" = @page AND "sealedUntil" <= @until
        ), "r" AS (
          SELECT {{Rollups(Grain.Hour, """ AND "bucket" >= (SELECT "hours" FROM "w") AND "bucket" < (SELECT "days" FROM "w")""")}}
          UNION ALL
          SELECT {{Rollups(Grain.Day, """ AND "bucket" >= (SELECT "days" FROM "w") AND "bucket" < (SELECT "months" FROM "w")""")}}
          UNION ALL
          SELECT {{Rollups(Grain.Month, """ AND "bucket" >= (SELECT "months" FROM "w")""")}}
        ), "e" AS (
          SELECT "until", CASE WHEN EXISTS (SELECT 1 FROM "r" WHERE "grain" = 0) THEN "hours"
            WHEN EXISTS (SELECT 1 FROM "r" WHERE "grain" = 1) THEN "days" ELSE "months" END AS "edge"
          FROM "w"
        )
        SELECT 0 AS "rows", 0 AS "ofClicks", "sources", "views", "clicks" FROM "r"
        UNION ALL
        SELECT {{Sessions("""{time} >= @since AND {time} < (SELECT "edge" FROM "e")""")}}
        UNION ALL
        SELECT {{Sessions("""{time} >= COALESCE((SELECT "until" FROM "e"), @since) AND {time} < @until""")}}
        UNION ALL
        {{PageViews("""{time} >= @since AND {time} < (SELECT "edge" FROM "e")""")}}
        UNION ALL
        {{PageViews("""{time} >= COALESCE((SELECT "until" FROM "e"), @since) AND {time} < @until""")}}
        UNION ALL
        SELECT -1, 1, "sources", NULL, NULL FROM "Rollup" WHERE "bioPageId" = @page AND "grain" = 2 AND "bucket" < @months AND EXISTS (SELECT 1 FROM "s")
        UNION ALL
        SELECT {{Earlier("""{time} < COALESCE((SELECT "from" FROM "s" WHERE "from" <= @since), @since)""")}}
        UNION ALL
        SELECT {{Earlier("""{time} >= (SELECT "until" FROM "s") AND {time} < @since""")}}
        """;

    /// <summary>The totals; null where visits are hidden among them, which the engine has to count.</summary>
    internal static async Task<PageTotals?> ReadAsync(
        AnalyticsDatabase analytics, Guid page, InstantRange range, bool hidesSpam, CancellationToken cancellationToken)
    {
        var since = DateTimeOffset.FromUnixTimeMilliseconds(range.From);
        var (sources, earlier, all, clicks) = (new Counts(), new Counts(), 0L, 0L);
        await analytics.QueryAsync(
            Sql,
            row =>
            {
                var (rows, ofClicks) = (row.GetInt64(0), row.GetInt64(1));
                if (rows < 0)
                {
                    if (!row.IsDBNull(2) && ofClicks == 1)
                    {
                        earlier.AddJson(row.GetString(2));
                    }
                    else if (!row.IsDBNull(2))
                    {
                        earlier.Add(row.GetString(2), 1);
                    }

                    return 0;
                }

                if (!row.IsDBNull(2) && rows > 0)
                {
                    sources.Add(row.GetString(2), rows);
                    return 0;
                }

                (all, clicks) = (all + rows, clicks + ofClicks);
                if (!row.IsDBNull(2))
                {
                    sources.AddJson(row.GetString(2));
                }

                all += row.IsDBNull(3) ? 0 : Counts.FromJson(row.GetString(3)).Total;
                clicks += row.IsDBNull(4) ? 0 : Counts.FromJson(row.GetString(4)).Total;
                return 0;
            },
            cancellationToken,
            ("@page", page), ("@since", since), ("@until", DateTimeOffset.FromUnixTimeMilliseconds(range.Until)),
            ("@hours", Grain.Hour.Ceiling(since)), ("@days", Grain.Day.Ceiling(since)), ("@months", Grain.Month.Ceiling(since)));
        return hidesSpam && sources.ByValue.Keys.Concat(earlier.ByValue.Keys).Any(ReferrerSpam.Has) ? null : new PageTotals(sources.Total, all - clicks, clicks);
    }

    private static string Rollups(Grain grain, string buckets) => $"""
        "grain", "sources", "views", "clicks" FROM "Rollup" WHERE "bioPageId" = @page AND "grain" = {(int)grain}{buckets}
        """;

    private static string Sessions(string condition) => $$"""
        COUNT(*), 0, "value", NULL, NULL FROM ({{RollupColumn.Sources.Raw.Select("""{value} AS "value" """, condition)}}) AS "row" GROUP BY "value"
        """;

    private static string Earlier(string condition) => $$"""
        -1, 0, "value", NULL, NULL FROM ({{RollupColumn.Sources.Raw.Select("""{value} AS "value" """, condition)}}) AS "row" GROUP BY "value"
        """;

    private static string PageViews(string condition) => RollupColumn.Views.Raw.Select(""" COUNT(*), COUNT("linkClicked"), NULL, NULL, NULL """, condition);
}
