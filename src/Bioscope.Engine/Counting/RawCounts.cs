using System.Data.Common;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>Counts raw rows of a page by hour, for sealing, rebuilding and verifying.</summary>
internal static class RawCounts
{
    /// <summary>The hours from <paramref name="from"/> to <paramref name="to"/> that have rows, by number since 1970.</summary>
    public static async Task<SortedDictionary<int, Rollup>> ByHourAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, DateTimeOffset from, DateTimeOffset to,
        CancellationToken cancellationToken)
    {
        var hours = new SortedDictionary<int, Rollup>();
        foreach (var column in RollupColumn.All)
        {
            var sql = $"""
                -- count {column.Name}
                SELECT "hour", "value", COUNT(*) FROM ({column.Raw.Select("""{hour} AS "hour", {value} AS "value" """, "{time} >= @from AND {time} < @to")}) AS "row"
                GROUP BY "hour", "value"
                """;
            foreach (var (hour, value, rows) in await dialect.QueryAsync(
                transaction, sql, row => ((int)row.GetInt64(0), row.GetString(1), row.GetInt64(2)), cancellationToken, ("@page", page),
                ("@from", from), ("@to", to)))
            {
                if (!hours.TryGetValue(hour, out var rollup))
                {
                    hours[hour] = rollup = new Rollup();
                }

                column.Add(rollup[column], value, rows);
            }
        }

        return hours;
    }

    /// <summary>How many sessions each visitor had in each hour, in time order.</summary>
    public static Task<List<(VisitorKey Visitor, int Hour, long Sessions)>> VisitsAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, DateTimeOffset from, DateTimeOffset to,
        CancellationToken cancellationToken) =>
        dialect.QueryAsync(
            transaction,
            $$"""
            -- count visits
            SELECT "visitor", "hour", COUNT(*) FROM (
              SELECT {{VisitorKey.Sql}} AS "visitor", {hourOfStartedAt} AS "hour" FROM "AnalyticsSession"
              WHERE "bioPageId" = @page AND "startedAt" >= @from AND "startedAt" < @to AND {startedAtIsInstant}
            ) AS "visit" GROUP BY "visitor", "hour" ORDER BY "hour"
            """,
            row => (VisitorKey.Of(row.GetString(0)), (int)row.GetInt64(1), row.GetInt64(2)),
            cancellationToken,
            ("@page", page),
            ("@from", from),
            ("@to", to));

    public static DateTimeOffset Start(int hour) => DateTimeOffset.UnixEpoch.AddHours(hour);

    public static int Number(DateTimeOffset hour) => (int)(hour.ToUnixTimeSeconds() / 3600);
}
