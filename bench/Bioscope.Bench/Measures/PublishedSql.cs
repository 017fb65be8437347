using System.Diagnostics;
using Bioscope.Bench.Engines;
using Bioscope.Bench.Load;
using Bioscope.Engine.Storage;

namespace Bioscope.Bench.Measures;

/// <summary>
/// The statements of the published API, on the published indexes, over the same rows in the same engine. Of <c>traffic</c> the text is
/// published; of the others what they count is, and this is the plain way to count it. Timed within this process and without HTTP,
/// which the server's own times include: that favours them.
/// </summary>
internal static class PublishedSql
{
    public const string Measure = "published";
    private const int Days = 365;

    private static readonly (string Table, string Columns)[] Indexes =
    [
        ("AnalyticsSession", "bioPageId,startedAt"),
        ("AnalyticsPageView", "bioPageId,enteredAt"),
    ];

    public static async Task RunAsync(BenchRun run)
    {
        if (!run.FiguresOf(ReportTimes.Measure).Any())
        {
            await ReportTimes.RunAsync(run, [Days]); // both in one run
        }

        await using var analytics = run.Engine.OpenAnalytics();
        await using var connection = await analytics.OpenAsync(run.Cancellation);
        var made = await MakeIndexesAsync(run, analytics.Dialect, connection);
        try
        {
            foreach (var report in BenchRun.Reports)
            {
                var published = await TimeAsync(run, analytics.Dialect, connection, report);
                var @case = ReportTimes.Case(report, Days, run.Population.Hottest.Sessions);
                run.Add(Measure, @case, "published SQL", published, "ms");
                foreach (var ours in run.FiguresOf(ReportTimes.Measure).Where(figure => figure.Case == @case).ToArray())
                {
                    run.Add(Measure, @case, $"faster than it, {ours.Metric}", published / ours.Value, "×");
                }
            }
        }
        finally
        {
            foreach (var name in made)
            {
                await BenchEngine.RunAsync(connection, $"DROP INDEX \"{name}\"", CancellationToken.None);
            }
        }
    }

    private static async Task<double> TimeAsync(BenchRun run, SqlDialect dialect, System.Data.Common.DbConnection connection, string report)
    {
        var since = Core.Days.Since(TimeProvider.System.GetUtcNow(), Days);
        var times = new List<double>();
        for (var i = 0; i < (run.Options.IsQuick ? 1 : 4); i++)
        {
            await using var command = dialect.Command(
                connection, null, Sql(report, dialect), ("@page", run.Population.Hottest.Id), ("@since", since));
            command.CommandTimeout = 0;
            var started = Stopwatch.GetTimestamp();
            await SqlDialect.ReadAsync(command, row => row.GetValue(0), run.Cancellation);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        // The first one fills caches.
        return Median.Of(times.Skip(times.Count > 1 ? 1 : 0));
    }

    /// <summary>Makes those of the published indexes that this version of the server does not have, and returns their names.</summary>
    private static async Task<List<string>> MakeIndexesAsync(BenchRun run, SqlDialect dialect, System.Data.Common.DbConnection connection)
    {
        var made = new List<string>();
        foreach (var (table, columns) in Indexes)
        {
            var there = await dialect.IndexesAsync(connection, table, run.Cancellation);
            if (there.Any(index => index == columns || index.StartsWith(columns + ",", StringComparison.Ordinal)))
            {
                continue;
            }

            made.Add($"bench_{table}");
            await BenchEngine.RunAsync(
                connection, $"""CREATE INDEX "{made[^1]}" ON "{table}" ({string.Join(", ", columns.Split(',').Select(column => $"\"{column}\""))})""", run.Cancellation);
        }

        return made;
    }

    private static string Sql(string report, SqlDialect dialect) => report switch
    {
        "traffic" => GroupOfSessions("referrerDomain", "direct", 15),
        "geo" => GroupOfSessions("country", "Unknown", 20),
        "devices" => GroupOfSessions("device", "unknown", 100),
        "overview" => """
            SELECT
              (SELECT COUNT(*) FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" >= @since),
              (SELECT COUNT(DISTINCT "visitorId") FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @since),
              (SELECT COUNT(*) FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" >= @since AND "linkClicked" IS NOT NULL)
            """,
        "trend" => $"""
            SELECT {Day(dialect)} AS day, COUNT(*), COUNT("linkClicked") FROM "AnalyticsPageView"
            WHERE "bioPageId" = @page AND "enteredAt" >= @since GROUP BY 1 ORDER BY 1
            """,
        "links" => """
            SELECT "linkClicked", COUNT(*) AS clicks FROM "AnalyticsPageView"
            WHERE "bioPageId" = @page AND "enteredAt" >= @since AND "linkClicked" IS NOT NULL GROUP BY "linkClicked" ORDER BY clicks DESC
            """,
        "sessions" => """
            SELECT COUNT(*), COUNT(CASE WHEN "pageViews" < 2 THEN 1 END), AVG(CASE WHEN "duration" > 0 THEN "duration" END), AVG("pageViews")
            FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @since
            """,
        _ => throw new ArgumentOutOfRangeException(nameof(report), report, null),
    };

    private static string GroupOfSessions(string column, string none, int most) => $"""
        SELECT COALESCE("{column}", '{none}') AS value, COUNT(*) AS visits
        FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @since
        GROUP BY "{column}" ORDER BY visits DESC LIMIT {most}
        """;

    private static string Day(SqlDialect dialect) =>
        dialect.Name == "SQLite" ? "\"enteredAt\" / 86400000" : "date_trunc('day', \"enteredAt\")";
}
