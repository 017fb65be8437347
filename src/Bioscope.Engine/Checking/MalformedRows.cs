using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Checking;

/// <summary>A value that cannot be what its column says.</summary>
/// <param name="Page">What stands as the page's id, as text.</param>
/// <param name="Table">Its table.</param>
/// <param name="Row">The row's own key, as text.</param>
/// <param name="Column">Its column.</param>
/// <param name="Value">The value as text, at most 80 characters.</param>
internal sealed record MalformedValue(string Page, string Table, string Row, string Column, string Value)
{
    public override string ToString() => $"page {Page}: \"{Table}\", row {Row}: {Column} has the invalid value {Value}";
}

/// <summary>
/// Finds what somebody else wrote into the analytics database and no reader can understand. Reports get along with it: a row whose time is none
/// counts nowhere, a number that is none counts as unknown, a link that is none as a click on no link; rollups that are damaged count as not there.
/// </summary>
internal sealed class MalformedRows(AnalyticsDatabase analytics)
{
    private static readonly TableColumns[] RawTables =
    [
        new("AnalyticsSession", ["id"],
        [
            new("bioPageId", ColumnType.Uuid), new("id", ColumnType.Uuid), new("visitorId", ColumnType.Text), new("startedAt", ColumnType.Instant),
            new("lastActivityAt", ColumnType.Instant), new("duration", ColumnType.Integer), new("pageViews", ColumnType.Integer), new("bounced", ColumnType.Boolean),
            new("userId", ColumnType.Uuid, true), new("lastPageViewId", ColumnType.Uuid, true), new("referrer", ColumnType.Text, true),
            new("referrerDomain", ColumnType.Text, true), new("country", ColumnType.Text, true), new("device", ColumnType.Text, true),
        ]),
        new("AnalyticsPageView", ["id"],
        [
            new("bioPageId", ColumnType.Uuid), new("id", ColumnType.Uuid), new("sessionId", ColumnType.Uuid), new("enteredAt", ColumnType.Instant),
            new("linkClicked", ColumnType.Uuid, true), new("duration", ColumnType.Integer, true), new("scrollDepth", ColumnType.Integer, true),
        ]),
    ];

    private static readonly TableColumns[] DerivedTables =
    [
        new("RollupPage", ["bioPageId"],
        [
            new("bioPageId", ColumnType.Uuid), new("version", ColumnType.BigInteger), new("sealedFrom", ColumnType.Instant, true),
            new("sealedUntil", ColumnType.Instant, true), new("visitors", ColumnType.Integer), new("shardBits", ColumnType.Integer),
        ]),
        new("Rollup", ["grain", "bucket"], [new("bioPageId", ColumnType.Uuid), new("grain", ColumnType.Integer), new("bucket", ColumnType.Instant)]),
        new("RollupVisitors", ["shard"], [new("bioPageId", ColumnType.Uuid), new("shard", ColumnType.Integer), new("visitors", ColumnType.Bytes)]),
        new("OutcomeChange", ["id"],
        [
            new("bioPageId", ColumnType.Uuid), new("id", ColumnType.Uuid), new("sessionId", ColumnType.Uuid), new("startedAt", ColumnType.Instant),
        ]),
    ];

    private SqlDialect Dialect => analytics.Dialect;

    /// <summary>All that stands as a page's id anywhere, as it is stored.</summary>
    public async Task<List<object>> PagesAsync(CancellationToken cancellationToken)
    {
        var pages = await analytics.QueryAsync(
            """
            -- pages of derived data
            SELECT "bioPageId" FROM "RollupPage" UNION SELECT "bioPageId" FROM "Rollup"
            UNION SELECT "bioPageId" FROM "RollupVisitors" UNION SELECT "bioPageId" FROM "OutcomeChange"
            """,
            row => row.GetValue(0),
            cancellationToken);
        await foreach (var page in Pages.KeysAsync(analytics, cancellationToken))
        {
            pages.Add(page);
        }

        return [.. pages.Distinct()];
    }

    /// <summary>The malformed values of a page.</summary>
    /// <param name="page">What stands as its id.</param>
    /// <param name="max">At most so many rows of each table.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async IAsyncEnumerable<MalformedValue> FindAsync(object page, int max, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var table in RawTables.Concat(DerivedTables))
        {
            foreach (var value in await FindAsync(table, page, max, cancellationToken))
            {
                yield return value;
            }
        }

        foreach (var value in (await CountsAsync(page, cancellationToken)).Concat(await ShardsAsync(page, cancellationToken)).Take(max))
        {
            yield return value;
        }
    }

    /// <summary>The ids of malformed raw rows of a page, as they are stored; to be removed.</summary>
    public async Task<List<(string Table, object Id)>> RawIdsAsync(DbTransaction transaction, object page, int max, CancellationToken cancellationToken)
    {
        var ids = new List<(string Table, object Id)>();
        foreach (var table in RawTables)
        {
            var sql = $"""
                -- ids of malformed rows
                SELECT "id" FROM "{table.Name}" WHERE "bioPageId" = @page AND ({Conditions(table)}) LIMIT @max
                """;
            ids.AddRange(await Dialect.QueryAsync(
                transaction, sql, row => (table.Name, row.GetValue(0)), cancellationToken, ("@page", page), ("@max", max - ids.Count)));
        }

        return ids;
    }

    private async Task<List<MalformedValue>> FindAsync(TableColumns table, object page, int max, CancellationToken cancellationToken)
    {
        var key = string.Join(" || ' ' || ", table.Key.Select(Dialect.Shown));
        var values = string.Join(", ", table.Columns.Select(column =>
            $"CASE WHEN {Condition(column)} THEN {Dialect.Shown(column.Name)} END"));
        var sql = $"""
            -- malformed rows
            SELECT {Dialect.Shown("bioPageId")}, {key}, {values} FROM "{table.Name}" WHERE "bioPageId" = @page AND ({Conditions(table)}) LIMIT @max
            """;
        var rows = await analytics.QueryAloneAsync(
            sql,
            row => table.Columns.Select((column, i) => row.IsDBNull(i + 2)
                ? null
                : new MalformedValue(Plain(row.GetString(0)), table.Name, Plain(row.GetString(1)), column.Name, row.GetString(i + 2))).OfType<MalformedValue>().ToList(),
            cancellationToken,
            ("@page", page),
            ("@max", max));
        return [.. rows.SelectMany(values => values)];
    }

    private string Conditions(TableColumns table) => string.Join(" OR ", table.Columns.Select(Condition));

    private string Condition(TableColumn column) => Dialect.IsMalformed(column.Name, column.Type, column.IsNullable);

    /// <summary>Counts are kept as JSON, which no condition can look into.</summary>
    private async Task<List<MalformedValue>> CountsAsync(object page, CancellationToken cancellationToken)
    {
        (string Column, Func<string, bool> IsValue)[] columns = [.. Measure.All.Select(measure => (measure.Column, measure.IsValue)), ("returns", Measure.Visitors.IsValue)];
        var sql = $"""
            -- all rollups
            SELECT {Dialect.Shown("grain")} || ' ' || {Dialect.Shown("bucket")}, {RollupRow.Columns} FROM "Rollup" WHERE "bioPageId" = @page
            """;
        var rows = await analytics.QueryAloneAsync(
            sql,
            row => columns.Select((column, i) => !row.IsDBNull(i + 1) && Problem(row.GetString(i + 1), column.IsValue) is { } problem
                ? new MalformedValue(Text(page), "Rollup", Plain(row.GetString(0)), column.Column, $"'{Cut(row.GetString(i + 1))}' ({problem})")
                : null).OfType<MalformedValue>().ToList(),
            cancellationToken,
            ("@page", page));
        return [.. rows.SelectMany(values => values)];

        string? Problem(string json, Func<string, bool> isValue)
        {
            try
            {
                new Counts().AddJson(json, isValue);
                return null;
            }
            catch (Exception e) when (DamagedPages.IsDamage(e, Dialect))
            {
                return Cut(e.Message);
            }
        }
    }

    private Task<List<MalformedValue>> ShardsAsync(object page, CancellationToken cancellationToken) => analytics.QueryAloneAsync(
        $"""
        -- malformed visitors
        SELECT {Dialect.Shown("shard")}, length("visitors") FROM "RollupVisitors" WHERE "bioPageId" = @page AND length("visitors") % {VisitorShard.EntryBytes} <> 0
        """,
        row => new MalformedValue(Text(page), "RollupVisitors", row.GetString(0), "visitors", $"{row.GetInt64(1)} bytes"),
        cancellationToken,
        ("@page", page));

    // SQLite shows texts in quotes; where one is what it should be they are only in the way.
    private static string Plain(string shown) => shown.Replace("'", "", StringComparison.Ordinal);

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static string Cut(string text) => text.Length > 80 ? text[..80] + "…" : text;

    private sealed record TableColumns(string Name, string[] Key, TableColumn[] Columns);

    private sealed record TableColumn(string Name, ColumnType Type, bool IsNullable = false);
}
