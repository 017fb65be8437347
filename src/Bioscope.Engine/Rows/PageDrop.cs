using System.Data.Common;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Rows;

/// <summary>One row of <c>"PageDrop"</c>: how many visits or events of a page were dropped on a UTC day, for one reason.</summary>
/// <param name="BioPageId">An existing page.</param>
/// <param name="Day">The day's midnight, UTC.</param>
/// <param name="Reason">Its name in the metrics.</param>
/// <param name="Count">From 1 to <see cref="MaxCount"/>.</param>
internal sealed record PageDrop(Guid BioPageId, DateTimeOffset Day, string Reason, long Count)
{
    /// <summary>
    /// Where a count saturates: over eleven million per second, all day. All reasons of all days in the longest window then add up to
    /// less than 2^53, the largest whole number on which JSON parsers agree.
    /// </summary>
    public const long MaxCount = 1_000_000_000_000;

    private const string AddSql = """
        -- count drops
        INSERT INTO "PageDrop" ("bioPageId", "day", "reason", "count") VALUES (@page, @day, @reason, @count)
        ON CONFLICT ("bioPageId", "day", "reason") DO UPDATE
        SET "count" = CASE WHEN "PageDrop"."count" > @max - excluded."count" THEN @max ELSE "PageDrop"."count" + excluded."count" END
        """;

    public static Table<PageDrop> Table { get; } = new(
        "PageDrop",
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("day", ColumnType.Instant, row => row.Day),
        new("reason", ColumnType.Text, row => row.Reason),
        new("count", ColumnType.BigInteger, row => row.Count));

    /// <summary>The name of a reason in metrics, rows and reports.</summary>
    public static string NameOf(DropReason reason) => reason.ToString().ToLowerInvariant();

    /// <summary>Adds to the stored counts, in a fixed order, so that two instances do not deadlock.</summary>
    public static Task AddAsync(
        SqlDialect dialect, DbTransaction transaction, IEnumerable<PageDrop> rows, CancellationToken cancellationToken) =>
        dialect.ExecuteEachAsync(
            transaction,
            AddSql,
            StatementValues.Of(
                rows.OrderBy(row => row.BioPageId).ThenBy(row => row.Day).ThenBy(row => row.Reason, StringComparer.Ordinal),
                row => [("@page", row.BioPageId), ("@day", row.Day), ("@reason", row.Reason), ("@count", row.Count), ("@max", MaxCount)]),
            cancellationToken);

    /// <summary>The counts of a page for the days from <paramref name="from"/> to <paramref name="until"/>, both inclusive.</summary>
    public static async Task<IReadOnlyList<PageDrop>> ReadAsync(
        AnalyticsDatabase analytics, Guid page, DateTimeOffset from, DateTimeOffset until,
            CancellationToken cancellationToken) => await analytics.QueryAsync(
        """
        -- drops
        SELECT "day", "reason", "count" FROM "PageDrop" WHERE "bioPageId" = @page AND "day" >= @from AND "day" <= @until
        """,
        row => new PageDrop(page, analytics.Dialect.ReadInstant(row, 0), row.GetString(1), Math.Clamp(row.GetInt64(2), 0, MaxCount)),
        cancellationToken,
        ("@page", page),
        ("@from", from),
        ("@until", until));

    /// <summary>Removes the days before <paramref name="day"/>, page by page, so that nothing is blocked for long.</summary>
    public static async Task RemoveBeforeAsync(AnalyticsDatabase analytics, DateTimeOffset day, CancellationToken cancellationToken)
    {
        var pages = await analytics.QueryAloneAsync(
            """
            -- pages with old drops
            SELECT DISTINCT "bioPageId" FROM "PageDrop" WHERE "day" < @day
            """,
            row => analytics.Dialect.ReadGuid(row, 0),
            cancellationToken,
            ("@day", day));
        foreach (var page in pages)
        {
            await analytics.ExecuteAsync(
                """
                -- remove old drops
                DELETE FROM "PageDrop" WHERE "bioPageId" = @page AND "day" < @day
                """,
                cancellationToken,
                ("@page", page),
                ("@day", day));
        }
    }
}
