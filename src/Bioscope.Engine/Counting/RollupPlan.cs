using System.Globalization;
using System.Text;
using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Questions that rollups answer, at a cost that does not grow with the page: all rows from an instant on, without filters, by what rollups
/// have columns of. All other questions are counted by <see cref="CountScan"/>.
/// </summary>
internal sealed class RollupPlan
{
    private static readonly RollupPlan[] All =
    [
        new("traffic", Dimension.Named("referrerDomain"), [Metric.Visits], [RollupColumn.Sources], Visits),
        new("geo", Dimension.CountryName, [Metric.Visits], [RollupColumn.Countries], Visits),
        new("devices", Dimension.DeviceClass, [Metric.Visits], [RollupColumn.Devices], Visits),
        new("trend", Dimension.Named("day"), [Metric.Views, Metric.Clicks], [RollupColumn.Views, RollupColumn.Clicks], PageViewsByDay),
        new("links", Dimension.Named("link"), [Metric.Clicks, Metric.Views], [RollupColumn.Links, RollupColumn.Views, RollupColumn.Clicks], ClicksByLink),
        new("overview", null, [Metric.Views, Metric.Clicks, Metric.Visitors], [RollupColumn.Views, RollupColumn.Clicks], Totals),
        new(
            "sessions", null, [Metric.Visits, Metric.BounceRate, Metric.VisitDuration, Metric.ViewsPerVisit], [RollupColumn.Outcomes],
            OutcomesOfVisits),
    ];

    private readonly Dimension? _dimension;
    private readonly Metric[] _metrics;

    private RollupPlan(string name, Dimension? dimension, Metric[] metrics, RollupColumn[] columns, Func<RollupCounts, CountResult> result)
    {
        (Name, _dimension, _metrics, Columns, Result) = (name, dimension, metrics, columns, result);
        CountsVisitors = metrics.Contains(Metric.Visitors);
        Sql = new RollupSql(this);
    }

    /// <summary>The published report that asks this: a label of its statements in logs and metrics, nothing else.</summary>
    public string Name { get; }

    /// <summary>The columns that are read.</summary>
    public IReadOnlyList<RollupColumn> Columns { get; }

    /// <summary>Whether distinct visitors are counted.</summary>
    public bool CountsVisitors { get; }

    /// <summary>Its statements.</summary>
    public RollupSql Sql { get; }

    /// <summary>The answer, from what was counted.</summary>
    public Func<RollupCounts, CountResult> Result { get; }

    /// <summary>The column of that name, which the plan reads.</summary>
    public RollupColumn Column(string name) => Columns.First(column => column.Name == name);

    /// <summary>How a question is answered from rollups; null when it cannot be.</summary>
    public static RollupPlan? Of(CountQuery query)
    {
        if (query.Filters.Count > 0 || query.Range.Until < QueryRange.Latest || query.Zone != DateTimeZone.Utc || query.Dimensions.Count > 1)
        {
            return null;
        }

        var dimension = query.Dimensions is [var only] ? only : null;
        return Array.Find(All, plan => plan._dimension == dimension && query.Metrics.All(metric => plan._metrics.Contains(metric)));
    }

    private static CountResult Visits(RollupCounts counts)
    {
        var column = counts.Columns[0];
        return new CountResult(
            [.. column.ByValue.Select(row => Row(row.Key, new Tally { Visits = row.Value }))], new Tally { Visits = column.Total });
    }

    private static CountResult PageViewsByDay(RollupCounts counts)
    {
        var (views, clicks) = (counts.Columns[0], counts.Columns[1]);
        var days = views.ByValue.Select(row =>
        {
            var day = DateTimeOffset.UnixEpoch.AddDays(int.Parse(row.Key, CultureInfo.InvariantCulture));
            return Row(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), PageViews(row.Value, clicks[row.Key]));
        });
        return new CountResult([.. days], PageViews(views.Total, clicks.Total));
    }

    private static CountResult ClicksByLink(RollupCounts counts)
    {
        var links = counts.Columns[0].ByValue.Select(row => Row(row.Key, new Tally { Clicks = row.Value }));
        return new CountResult([.. links], PageViews(counts.Columns[1].Total, counts.Columns[2].Total));
    }

    private static CountResult Totals(RollupCounts counts) =>
        Alone(PageViews(counts.Columns[0].Total, counts.Columns[1].Total) with { Visitors = counts.UniqueVisitors });

    private static CountResult OutcomesOfVisits(RollupCounts counts)
    {
        var outcomes = counts.Columns[0];
        return Alone(new Tally
        {
            Visits = outcomes[Outcome.Sessions],
            Bounces = outcomes[Outcome.Bounces],
            Timed = outcomes[Outcome.Timed],
            Seconds = outcomes[Outcome.Seconds],
            PageViews = outcomes[Outcome.PageViews],
        });
    }

    private static CountResult Alone(Tally totals) => new([new CountRow([], totals)], totals);

    // Rollups count clicks among page views.
    private static Tally PageViews(long all, long clicks) => new() { Views = all - clicks, Clicks = clicks };

    private static CountRow Row(string value, Tally tally) => new([new DimensionValue(value)], tally);
}

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
