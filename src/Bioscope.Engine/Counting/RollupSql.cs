using System.Text;

namespace Bioscope.Engine.Counting;

/// <summary>
/// The statements that a <see cref="RollupPlan"/> is answered with. Each is one snapshot, and returns the page's version together with the data;
/// the first column says what a row is.
/// </summary>
internal sealed class RollupSql
{
    /// <summary>The row of the page, and those of outcomes that have changed.</summary>
    public const string Page = "page", Changes = "changes";

    private const string SumsOfChanges = """
        CAST(SUM("bounces") AS {text}) || ' ' || CAST(SUM("timed") AS {text}) || ' ' || CAST(SUM("seconds") AS {text}) || ' ' || CAST(SUM("pageViews") AS {text})
        """;

    // Where the raw tail begins: at the watermark, if the window starts in what is sealed.
    private const string TailStart = """
        COALESCE((SELECT CASE WHEN "sealedFrom" <= @since AND "sealedUntil" > @since THEN "sealedUntil" END FROM "RollupPage" WHERE "bioPageId" = @page), @since)
        """;

    private readonly RollupPlan _plan;

    public RollupSql(RollupPlan plan)
    {
        _plan = plan;
        Raw = $"-- {plan.Name}\n{string.Join("\nUNION ALL\n", Grouped("{time} >= @since"))}";
        Tail = TailSql();
        Rollups = RollupsSql();
        Edge = EdgeSql();
    }

    /// <summary>Rows of (kind, value, rows, from, until) of the rows that are not sealed; the page's row has its shard bits, version and watermarks.</summary>
    public string Tail { get; }

    /// <summary>As <see cref="Tail"/>, of the whole window and without the page.</summary>
    public string Raw { get; }

    /// <summary>Rows of (kind, grain, bucket, a column for each of the plan's, sessions and returns where visitors are counted); the page's version is its first column.</summary>
    public string Rollups { get; }

    /// <summary>Rows of (kind, at, value) between two instants.</summary>
    public string Edge { get; }

    /// <summary>The columns of <c>"Rollup"</c> that are read: where visitors are counted, sessions are the sum of their devices.</summary>
    public IEnumerable<string> ColumnNames =>
        [.. _plan.Columns.Select(column => column.Name), .. _plan.CountsVisitors ? [RollupColumn.Devices.Name, "returns"] : Array.Empty<string>()];

    private IEnumerable<RawValue> Values =>
        [.. _plan.Columns.Select(column => column.Raw), .. _plan.CountsVisitors ? [RawValue.Visitors] : Array.Empty<RawValue>()];

    private bool HasOutcomes => _plan.Columns.Contains(RollupColumn.Outcomes);

    private string TailSql()
    {
        var sql = new StringBuilder($"""
            -- {_plan.Name}
            SELECT '{Page}' AS "kind", CAST("shardBits" AS {"{text}"}) AS "value", "version" AS "rows", "sealedFrom" AS "from", "sealedUntil" AS "until"
            FROM "RollupPage" WHERE "bioPageId" = @page AND "sealedUntil" IS NOT NULL
            """);
        foreach (var value in Grouped($"{{time}} >= {TailStart}"))
        {
            sql.Append("\nUNION ALL\n").Append(value);
        }

        return HasOutcomes
            ? sql.Append($"""

                UNION ALL
                SELECT '{Changes}', {SumsOfChanges}, COUNT(*), NULL, NULL
                FROM "OutcomeChange" WHERE "bioPageId" = @page AND "startedAt" >= @since AND "startedAt" < {TailStart} HAVING COUNT(*) > 0
                """).ToString()
            : sql.ToString();
    }

    private string RollupsSql()
    {
        var names = ColumnNames.ToList();
        var list = string.Join(", ", names.Select(column => $"\"{column}\""));
        var nothing = string.Concat(names.Skip(1).Select((_, i) => $", NULL AS \"c{i + 1}\""));
        return $"""
            -- {_plan.Name} rollups
            SELECT '{Page}' AS "kind", NULL AS "grain", NULL AS "bucket", CAST("version" AS {"{text}"}) AS "c0"{nothing} FROM "RollupPage" WHERE "bioPageId" = @page
            UNION ALL
            SELECT 'rollup', "grain", "bucket", {list} FROM "Rollup" WHERE "bioPageId" = @page AND "grain" = 0 AND "bucket" >= @hours AND "bucket" < @days
            UNION ALL
            SELECT 'rollup', "grain", "bucket", {list} FROM "Rollup" WHERE "bioPageId" = @page AND "grain" = 1 AND "bucket" >= @days AND "bucket" < @months
            UNION ALL
            SELECT 'rollup', "grain", "bucket", {list} FROM "Rollup" WHERE "bioPageId" = @page AND "grain" = 2 AND "bucket" >= @returns
            """;
    }

    private string EdgeSql()
    {
        var sql = new StringBuilder($"""
            -- {_plan.Name} edge
            SELECT '{Page}' AS "kind", NULL AS "at", CAST("version" AS {"{text}"}) AS "value" FROM "RollupPage" WHERE "bioPageId" = @page
            """);
        foreach (var value in Values)
        {
            sql.Append("\nUNION ALL\n").Append(value.Select($"'{value.Name}', {{time}}, {{value}}", "{time} >= @from AND {time} < @to"));
        }

        return HasOutcomes
            ? sql.Append($"""

                UNION ALL
                SELECT '{Changes}', "startedAt", {SumsOfChanges} FROM "OutcomeChange"
                WHERE "bioPageId" = @page AND "startedAt" >= @from AND "startedAt" < @to GROUP BY "startedAt"
                """).ToString()
            : sql.ToString();
    }

    private IEnumerable<string> Grouped(string condition) => Values.Select(value => $"""
        SELECT '{value.Name}' AS "kind", "value", COUNT(*) AS "rows", NULL AS "from", NULL AS "until"
        FROM ({value.Select("{value} AS \"value\"", condition)}) AS "row" GROUP BY "value"
        """);
}
