using System.Collections.Concurrent;
using System.Text;

namespace Bioscope.Engine.Counting;

/// <summary>The statements that windows are counted with. Each is one snapshot, and tells the page's version together with what it reads.</summary>
internal static class WindowSql
{
    // By report and kind; as many as the code has.
    private static readonly ConcurrentDictionary<(string Report, string Kind), string> Texts = new();

    private const string Changes = """
        CAST(SUM("bounces") AS {text}) || ' ' || CAST(SUM("timed") AS {text}) || ' ' || CAST(SUM("seconds") AS {text}) || ' ' || CAST(SUM("pageViews") AS {text})
        """;

    // Where the raw tail begins: at the watermark, if the window starts in what is sealed.
    private const string TailStart = """
        COALESCE((SELECT CASE WHEN "sealedFrom" <= @since AND "sealedUntil" > @since THEN "sealedUntil" END FROM "RollupPage" WHERE "bioPageId" = @page), @since)
        """;

    /// <summary>Rows of (part, value, rows, sealed from, sealed until): part -1 is the page's version, others are measures.</summary>
    public static string Tail(string report, Measure[] measures) => Texts.GetOrAdd((report, "tail"), _ =>
    {
        var sql = new StringBuilder($"""
            -- {report}
            SELECT -1 AS "part", CAST("shardBits" AS {"{text}"}) AS "value", "version" AS "rows", "sealedFrom" AS "from", "sealedUntil" AS "until"
            FROM "RollupPage" WHERE "bioPageId" = @page AND "sealedUntil" IS NOT NULL
            """);
        foreach (var measure in Grouped(measures, $"{{time}} >= {TailStart}"))
        {
            sql.Append("\nUNION ALL\n").Append(measure);
        }

        if (measures.Contains(Measure.Outcomes))
        {
            sql.Append($"""

                UNION ALL
                SELECT {WindowTail.ChangesPart}, {Changes}, COUNT(*), NULL, NULL
                FROM "OutcomeChange" WHERE "bioPageId" = @page AND "startedAt" >= @since AND "startedAt" < {TailStart} HAVING COUNT(*) > 0
                """);
        }

        return sql.ToString();
    });

    /// <summary>As <see cref="Tail"/>, of the whole window and without rollups.</summary>
    public static string Raw(string report, Measure[] measures) => Texts.GetOrAdd((report, "raw"), _ =>
        $"-- {report}\n{string.Join("\nUNION ALL\n", Grouped(measures, "{time} >= @since"))}");

    /// <summary>Rows of (grain, bucket, a column a measure): grain -1 is the page's version, in the first column.</summary>
    public static string Rollups(string report, IReadOnlyList<string> columns) => Texts.GetOrAdd((report, "rollups"), _ =>
    {
        var list = string.Join(", ", columns.Select(column => $"\"{column}\""));
        return $"""
            -- {report} rollups
            SELECT -1 AS "grain", NULL AS "bucket", CAST("version" AS {"{text}"}) AS "c0"{string.Concat(columns.Skip(1).Select((_, i) => $", NULL AS \"c{i + 1}\""))}
            FROM "RollupPage" WHERE "bioPageId" = @page
            UNION ALL
            SELECT "grain", "bucket", {list} FROM "Rollup" WHERE "bioPageId" = @page AND "grain" = 0 AND "bucket" >= @hours AND "bucket" < @days
            UNION ALL
            SELECT "grain", "bucket", {list} FROM "Rollup" WHERE "bioPageId" = @page AND "grain" = 1 AND "bucket" >= @days AND "bucket" < @months
            UNION ALL
            SELECT "grain", "bucket", {list} FROM "Rollup" WHERE "bioPageId" = @page AND "grain" = 2 AND "bucket" >= @returns
            """;
    });

    /// <summary>Rows of (part, at, value): part -1 is the page's version.</summary>
    public static string Edge(string report, Measure[] measures) => Texts.GetOrAdd((report, "edge"), _ =>
    {
        var sql = new StringBuilder($"""
            -- {report} edge
            SELECT -1 AS "part", NULL AS "at", CAST("version" AS {"{text}"}) AS "value" FROM "RollupPage" WHERE "bioPageId" = @page
            """);
        for (var i = 0; i < measures.Length; i++)
        {
            sql.Append("\nUNION ALL\n").Append(measures[i].Select($"{i}, {{time}}, {{value}}", "{time} >= @from AND {time} < @to"));
        }

        if (measures.Contains(Measure.Outcomes))
        {
            sql.Append($"""

                UNION ALL
                SELECT {WindowTail.ChangesPart}, "startedAt", {Changes} FROM "OutcomeChange"
                WHERE "bioPageId" = @page AND "startedAt" >= @from AND "startedAt" < @to GROUP BY "startedAt"
                """);
        }

        return sql.ToString();
    });

    private static IEnumerable<string> Grouped(Measure[] measures, string condition) => measures.Select((measure, i) => $"""
        SELECT {i} AS "part", "value", COUNT(*) AS "rows", NULL AS "from", NULL AS "until"
        FROM ({measure.Select("{value} AS \"value\"", condition)}) AS "row" GROUP BY "value"
        """);
}
