using System.Data.Common;
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
    // "w": the watermark, if the range starts in what is sealed, and where whole hours, days and months begin. "s": what is
    // sealed at all. "e": where the raw rows before the rollups end, as in SealedCounts: a day or a month without finer rollups has few
    // rows, which are read raw. The rows of -1 are not counted: a view of the range may belong to an earlier visit, which may be hidden. Those
    // before the watermark are read once for each version of the page ("p").
    private static readonly string Sql = $$"""
        -- page totals
        WITH "w" AS (
          SELECT "sealedFrom" AS "from", "sealedUntil" AS "until",
            CASE WHEN @hours < "sealedUntil" THEN @hours ELSE "sealedUntil" END AS "hours",
            CASE WHEN @days < "sealedUntil" THEN @days ELSE "sealedUntil" END AS "days",
            CASE WHEN @months < "sealedUntil" THEN @months ELSE "sealedUntil" END AS "months"
          FROM "RollupPage" WHERE "bioPageId" = @page AND "sealedFrom" <= @since AND "sealedUntil" > @since AND "sealedUntil" <= @until
        ), "s" AS (
          SELECT "version", "sealedFrom" AS "from", "sealedUntil" AS "until" FROM "RollupPage" WHERE "bioPageId" = @page AND "sealedUntil" <= @until
        ), "e" AS (
          SELECT "until", CASE WHEN EXISTS (SELECT 1 FROM {{Rollups(Grain.Hour, "hours", "days")}}) THEN "hours"
            WHEN EXISTS (SELECT 1 FROM {{Rollups(Grain.Day, "days", "months")}}) THEN "days" ELSE "months" END AS "edge"
          FROM "w"
        ), "p" AS (
          SELECT @months AS "months", COALESCE((SELECT "from" FROM "s" WHERE "from" <= @since), @since) AS "until"
          WHERE NOT EXISTS (SELECT 1 FROM "s" WHERE "version" = @known)
        )
        SELECT 0 AS "rows", 0 AS "ofClicks", "sources", "views", "clicks"
        FROM "w" CROSS JOIN {{Rollups(Grain.Hour, "hours", "days")}}
        UNION ALL
        SELECT 0, 0, "sources", "views", "clicks" FROM "w" CROSS JOIN {{Rollups(Grain.Day, "days", "months")}}
        UNION ALL
        SELECT 0, 0, "sources", "views", "clicks" FROM "w" CROSS JOIN {{Rollups(Grain.Month, "months", null)}}
        UNION ALL
        SELECT {{Sessions("""{time} >= @since AND {time} < (SELECT "edge" FROM "e")""")}}
        UNION ALL
        SELECT {{Sessions("""{time} >= COALESCE((SELECT "until" FROM "e"), @since) AND {time} < @until""")}}
        UNION ALL
        {{PageViews("""{time} >= @since AND {time} < (SELECT "edge" FROM "e")""")}}
        UNION ALL
        {{PageViews("""{time} >= COALESCE((SELECT "until" FROM "e"), @since) AND {time} < @until""")}}
        UNION ALL
        SELECT -1, 1, "sources", NULL, NULL FROM "Rollup"
        WHERE "bioPageId" = @page AND "grain" = 2 AND "bucket" < (SELECT "months" FROM "p") AND EXISTS (SELECT 1 FROM "s")
        UNION ALL
        SELECT {{Earlier("""{time} < (SELECT "until" FROM "p")""")}}
        UNION ALL
        SELECT {{Earlier("""{time} >= (SELECT "until" FROM "s") AND {time} < @since""")}}
        UNION ALL
        SELECT -2, "version", NULL, NULL, NULL FROM "s"
        """;

    /// <summary>The totals; null where visits are hidden among them, which the engine has to count.</summary>
    internal static async Task<PageTotals?> ReadAsync(
        AnalyticsDatabase analytics, PageHistory history, Guid page, InstantRange range, bool hidesSpam, CancellationToken cancellationToken)
    {
        var since = DateTimeOffset.FromUnixTimeMilliseconds(range.From);
        var found = new Found();
        await analytics.QueryAsync(
            Sql,
            row =>
            {
                found.Add(row);
                return 0;
            },
            cancellationToken,
            ("@page", page), ("@since", since), ("@until", DateTimeOffset.FromUnixTimeMilliseconds(range.Until)),
            ("@hours", Grain.Hour.Ceiling(since)), ("@days", Grain.Day.Ceiling(since)), ("@months", Grain.Month.Ceiling(since)),
            ("@known", history.VersionWithoutSpam(page)));
        if (found.HasSpam)
        {
            return hidesSpam ? null : found.Totals;
        }

        if (found.Version is { } version)
        {
            history.KeepVersionWithoutSpam(page, version);
        }

        return found.Totals;
    }

    private static string Rollups(Grain grain, string from, string? until) => $"""
        "Rollup" WHERE "bioPageId" = @page AND "grain" = {(int)grain} AND "bucket" >= "{from}"{(until is null ? "" : $" AND \"bucket\" < \"{until}\"")}
        """;

    private static string Sessions(string condition) => $$"""
        COUNT(*), 0, "value", NULL, NULL FROM ({{RollupColumn.Sources.Raw.Select("""{value} AS "value" """, condition)}}) AS "row" GROUP BY "value"
        """;

    private static string Earlier(string condition) => $$"""
        -1, 0, "value", NULL, NULL FROM ({{RollupColumn.Sources.Raw.Select("""{value} AS "value" """, condition)}}) AS "row" GROUP BY "value"
        """;

    private static string PageViews(string condition) => RollupColumn.Views.Raw.Select(""" COUNT(*), COUNT("linkClicked"), NULL, NULL, NULL """, condition);

    /// <summary>What the rows of the statement come to.</summary>
    private sealed class Found
    {
        private readonly Counts _sources = new(), _earlier = new();
        private long _views, _clicks;

        /// <summary>The page's version, where something is sealed.</summary>
        public long? Version { get; private set; }

        public bool HasSpam => _sources.ByValue.Keys.Concat(_earlier.ByValue.Keys).Any(ReferrerSpam.Has);

        public PageTotals Totals => new(_sources.Total, _views - _clicks, _clicks);

        public void Add(DbDataReader row)
        {
            var (rows, ofClicks) = (row.GetInt64(0), row.GetInt64(1));
            var source = row.IsDBNull(2) ? null : row.GetString(2);
            switch (rows)
            {
                case -2:
                    Version = ofClicks;
                    return;
                case -1 when ofClicks == 1:
                    AddSources(_earlier, source);
                    return;
                case -1:
                    _earlier.Add(source!, 1);
                    return;
                case > 0 when source is not null:
                    _sources.Add(source, rows);
                    return;
            }

            AddSources(_sources, source);
            _views += rows + (row.IsDBNull(3) ? 0 : Counts.FromJson(row.GetString(3)).Total);
            _clicks += ofClicks + (row.IsDBNull(4) ? 0 : Counts.FromJson(row.GetString(4)).Total);
        }

        private static void AddSources(Counts counts, string? json)
        {
            if (json is not null)
            {
                counts.AddJson(json);
            }
        }
    }
}
