using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Checking;

/// <summary>A value that is not valid for its column.</summary>
/// <param name="Page">The page's id as stored, as text.</param>
/// <param name="Table">The table.</param>
/// <param name="Row">The row's key, as text.</param>
/// <param name="Column">The column.</param>
/// <param name="Value">The value as text, up to 80 characters.</param>
internal sealed record MalformedValue(string Page, string Table, string Row, string Column, string Value)
{
    public override string ToString() => $"page {Page}: \"{Table}\", row {Row}: {Column} has the invalid value {Value}";
}

/// <summary>
/// Finds values that something else wrote into the analytics database and that cannot be read. Reports tolerate them: a row with an
/// invalid time is not counted, an invalid number counts as unknown, an invalid link as a click on no link, and damaged rollups as
/// missing.
/// </summary>
internal sealed class MalformedRows(AnalyticsDatabase analytics)
{
    private static readonly TableColumns[] RawTables =
    [
        new("AnalyticsSession", ["id"],
        [
            new("bioPageId", ColumnType.Uuid), new("id", ColumnType.Uuid), new("visitorId", ColumnType.Text),
            new("startedAt", ColumnType.Instant),
            new("lastActivityAt", ColumnType.Instant), new("duration", ColumnType.Integer), new("pageViews", ColumnType.Integer),
            new("bounced", ColumnType.Boolean),
            new("userId", ColumnType.Uuid, true), new(RowsById.ForeignId, ColumnType.Boolean),
            new("lastPageViewId", ColumnType.Uuid, true), new("referrer", ColumnType.Text, true),
            new("referrerDomain", ColumnType.Text, true), new("country", ColumnType.Text, true), new("device", ColumnType.Text, true),
        ]),
        new("AnalyticsPageView", ["id"],
        [
            new("bioPageId", ColumnType.Uuid), new("id", ColumnType.Uuid), new("sessionId", ColumnType.Uuid),
            new("enteredAt", ColumnType.Instant),
            new(RowsById.ForeignId, ColumnType.Boolean), new("linkClicked", ColumnType.Uuid, true), new("duration", ColumnType.Integer, true),
            new("scrollDepth", ColumnType.Integer, true),
        ]),
    ];

    private static readonly TableColumns[] DerivedTables =
    [
        new("RollupPage", ["bioPageId"],
        [
            new("bioPageId", ColumnType.Uuid), new("version", ColumnType.BigInteger), new("sealedFrom", ColumnType.Instant, true),
            new("sealedUntil", ColumnType.Instant, true), new("visitors", ColumnType.Integer), new("shardBits", ColumnType.Integer),
        ]),
        new(
            "Rollup",
            ["grain", "bucket"],
            [new("bioPageId", ColumnType.Uuid), new("grain", ColumnType.Integer), new("bucket", ColumnType.Instant)]),
        new(
            "RollupVisitors",
            ["shard"],
            [new("bioPageId", ColumnType.Uuid), new("shard", ColumnType.Integer), new("visitors", ColumnType.Bytes)]),
        new("OutcomeChange", ["id"],
        [
            new("bioPageId", ColumnType.Uuid), new("id", ColumnType.Uuid), new("sessionId", ColumnType.Uuid),
            new("startedAt", ColumnType.Instant),
        ]),
    ];

    private SqlDialect Dialect => analytics.Dialect;

    /// <summary>Every value found as a page's id in any table, as stored.</summary>
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
    /// <param name="page">The page's id as stored.</param>
    /// <param name="max">At most this many rows per table.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public async IAsyncEnumerable<MalformedValue> FindAsync(
        object page, int max, [EnumeratorCancellation] CancellationToken cancellationToken)
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

    /// <summary>Removes malformed raw rows of a page, at most so many of each table. They have no place that they could be found by.</summary>
    public async Task<int> RemoveAsync(DbTransaction transaction, object page, int max, CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var table in RawTables)
        {
            removed += await Dialect.ExecuteAsync(
                transaction,
                $"""
                -- remove malformed rows
                DELETE FROM "{table.Name}" WHERE "bioPageId" = @page AND ({Conditions(table)}) AND "id" IN (
                  SELECT "id" FROM "{table.Name}" WHERE "bioPageId" = @page AND ({Conditions(table)}) LIMIT @max)
                """,
                cancellationToken, ("@page", page), ("@max", max));
        }

        return removed;
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
                : new MalformedValue(
                    Plain(row.GetString(0)),
                    table.Name,
                    Plain(row.GetString(1)),
                    column.Name,
                    row.GetString(i + 2))).OfType<MalformedValue>().ToList(),
            cancellationToken,
            ("@page", page),
            ("@max", max));
        return [.. rows.SelectMany(values => values)];
    }

    private string Conditions(TableColumns table) => string.Join(" OR ", table.Columns.Select(Condition));

    private string Condition(TableColumn column) => Dialect.IsMalformed(column.Name, column.Type, column.IsNullable);

    /// <summary>Counts are stored as JSON, which SQL conditions cannot inspect.</summary>
    private async Task<List<MalformedValue>> CountsAsync(object page, CancellationToken cancellationToken)
    {
        (string Column, Func<string, bool> IsValue)[] columns = [.. RollupColumn.All.Select(column => (column.Name, column.IsValue)),
            ("returns", RollupColumn.IsReturn)];
        var sql = $"""
            -- all rollups
            SELECT {Dialect.Shown("grain")} || ' ' || {Dialect.Shown("bucket")}, {RollupRow.Columns} FROM "Rollup" WHERE "bioPageId" = @page
            """;
        var rows = await analytics.QueryAloneAsync(
            sql,
            row => columns.Select((column, i) => !row.IsDBNull(i + 1) && Problem(row.GetString(i + 1), column.IsValue) is { } problem
                ? new MalformedValue(
                    Text(page), "Rollup", Plain(row.GetString(0)), column.Column, $"'{Cut(row.GetString(i + 1))}' ({problem})")
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

    // SQLite quotes texts; where a text is the expected type, the quotes are noise.
    private static string Plain(string shown) => shown.Replace("'", "", StringComparison.Ordinal);

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static string Cut(string text) => text.Length > 80 ? text[..80] + "…" : text;

    private sealed record TableColumns(string Name, string[] Key, TableColumn[] Columns);

    private sealed record TableColumn(string Name, ColumnType Type, bool IsNullable = false);
}
