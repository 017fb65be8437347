using System.Data.Common;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Rows;

/// <summary>One row of <c>"ImportedDay"</c>: what another tool counted on a day, where it exports only sums.</summary>
/// <param name="BioPageId">The page.</param>
/// <param name="Day">The day of the tool's calendar, as its midnight in UTC.</param>
/// <param name="Tool">The tool's name in <c>--from</c>.</param>
/// <param name="Visits">From 0 to <see cref="PageDrop.MaxCount"/>, as the others; null where the tool does not say it.</param>
/// <param name="Visitors">Visitors of the day; those of several days must not be added up.</param>
/// <param name="PageViews">Page views.</param>
internal sealed record ImportedDay(Guid BioPageId, DateTimeOffset Day, string Tool, long? Visits, long? Visitors, long? PageViews)
{
    // A later export of the same days has them more completely.
    private const string ReplaceSql = """
        -- replace imported day
        INSERT INTO "ImportedDay" ("bioPageId", "day", "tool", "visits", "visitors", "pageViews")
        VALUES (@page, @day, @tool, @visits, @visitors, @pageViews)
        ON CONFLICT ("bioPageId", "day", "tool") DO UPDATE
        SET "visits" = excluded."visits", "visitors" = excluded."visitors", "pageViews" = excluded."pageViews"
        WHERE "ImportedDay"."visits" IS DISTINCT FROM excluded."visits" OR "ImportedDay"."visitors" IS DISTINCT FROM excluded."visitors"
          OR "ImportedDay"."pageViews" IS DISTINCT FROM excluded."pageViews"
        """;

    private const string ReadSql = """
        -- imported days
        SELECT "day", "tool", "visits", "visitors", "pageViews" FROM "ImportedDay"
        WHERE "bioPageId" = @page AND "day" >= @from AND "day" <= @until ORDER BY "day", "tool"
        """;

    private const string FirstSql = """
        -- first imported day
        SELECT MIN("day") FROM "ImportedDay" WHERE "bioPageId" = @page
        """;

    public static Table<ImportedDay> Table { get; } = new(
        "ImportedDay",
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("day", ColumnType.Instant, row => row.Day),
        new("tool", ColumnType.Text, row => row.Tool),
        new("visits", ColumnType.BigInteger, row => row.Visits),
        new("visitors", ColumnType.BigInteger, row => row.Visitors),
        new("pageViews", ColumnType.BigInteger, row => row.PageViews));

    /// <summary>Stores each row in place of an earlier one of the tool and day.</summary>
    /// <returns>How many were not the same.</returns>
    public static Task<int> ReplaceAsync(
        SqlDialect dialect, DbTransaction transaction, IReadOnlyList<ImportedDay> days, CancellationToken cancellationToken) =>
        dialect.ExecuteEachAsync(
            transaction, ReplaceSql,
            StatementValues.Of(days, day =>
            [
                ("@page", day.BioPageId), ("@day", day.Day), ("@tool", day.Tool), ("@visits", day.Visits), ("@visitors", day.Visitors),
                ("@pageViews", day.PageViews),
            ]),
            cancellationToken);

    /// <summary>The days from <paramref name="from"/> to <paramref name="until"/>, both inclusive.</summary>
    public static async Task<IReadOnlyList<ImportedDay>> ReadAsync(
        AnalyticsDatabase analytics, Guid page, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken) =>
        await analytics.QueryAsync(
            ReadSql,
            row => new ImportedDay(page, analytics.Dialect.ReadInstant(row, 0), row.GetString(1), Count(row, 2), Count(row, 3), Count(row, 4)),
            cancellationToken, ("@page", page), ("@from", from), ("@until", until));

    /// <summary>The first day that was imported; null when none was.</summary>
    public static async Task<DateTimeOffset?> FirstAsync(AnalyticsDatabase analytics, Guid page, CancellationToken cancellationToken) =>
        (await analytics.QueryAsync(
            FirstSql, row => row.IsDBNull(0) ? (DateTimeOffset?)null : analytics.Dialect.ReadInstant(row, 0), cancellationToken, ("@page", page)))[0];

    private static long? Count(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : Math.Clamp(row.GetInt64(column), 0, PageDrop.MaxCount);
}
