using System.Data.Common;
using System.Globalization;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>
/// One row of <c>"OutcomeChange"</c>: how a batch changed the outcome of a session that had started before the fence. Sessions stay open
/// for a day, and their outcomes may be sealed long before that; until the next sealing includes the change, reports add it.
/// </summary>
internal sealed record OutcomeChange(
    Guid BioPageId, Guid Id, Guid SessionId, DateTimeOffset StartedAt, int Bounces, int Timed, int Seconds, int PageViews)
{
    public static Table<OutcomeChange> Table { get; } = new(
        "OutcomeChange",
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("id", ColumnType.Uuid, row => row.Id),
        new("sessionId", ColumnType.Uuid, row => row.SessionId),
        new("startedAt", ColumnType.Instant, row => row.StartedAt),
        new("bounces", ColumnType.Integer, row => row.Bounces),
        new("timed", ColumnType.Integer, row => row.Timed),
        new("seconds", ColumnType.Integer, row => row.Seconds),
        new("pageViews", ColumnType.Integer, row => row.PageViews));

    public const string DeleteSql = """
        -- remove outcome change
        DELETE FROM "OutcomeChange" WHERE "bioPageId" = @page AND "id" = @id
        """;

    public static Task<List<OutcomeChange>> ReadAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, CancellationToken cancellationToken) =>
        dialect.QueryAsync(
            transaction,
            """
            -- outcome changes
            SELECT "id", "sessionId", "startedAt", "bounces", "timed", "seconds", "pageViews" FROM "OutcomeChange" WHERE "bioPageId" = @page
            """,
            row => new OutcomeChange(
                page, dialect.ReadGuid(row, 0), dialect.ReadGuid(row, 1), dialect.ReadInstant(row, 2), row.GetInt32(3), row.GetInt32(4),
                row.GetInt32(5), row.GetInt32(6)),
            cancellationToken,
            ("@page", page));

    /// <summary>
    /// The change when a session's page views and seconds change from one pair to the other; negative numbers mean unknown, as in <see
    /// cref="Outcome.Add"/>.
    /// </summary>
    public static OutcomeChange Of(
        Guid page,
        Guid id,
        Guid session,
        DateTimeOffset startedAt,
        (int PageViews, int Seconds) before,
        (int PageViews, int Seconds) after) => new(
        page,
        id,
        session,
        startedAt,
        IsOne(after.PageViews is >= 0 and < 2) - IsOne(before.PageViews is >= 0 and < 2),
        IsOne(after.Seconds > 0) - IsOne(before.Seconds > 0),
        Math.Max(after.Seconds, 0) - Math.Max(before.Seconds, 0),
        Math.Max(after.PageViews, 0) - Math.Max(before.PageViews, 0));

    /// <summary>Adds the change, or subtracts it.</summary>
    public void AddTo(Counts outcomes, int sign = 1)
    {
        outcomes.Add(Outcome.Bounces, sign * Bounces);
        outcomes.Add(Outcome.Timed, sign * Timed);
        outcomes.Add(Outcome.Seconds, sign * Seconds);
        outcomes.Add(Outcome.PageViews, sign * PageViews);
    }

    /// <summary>Adds sums as text: <c>bounces timed seconds pageViews</c>.</summary>
    public static void AddSums(string sums, Counts outcomes, int sign)
    {
        var numbers = Array.ConvertAll(sums.Split(' '), number => sign * long.Parse(number, CultureInfo.InvariantCulture));
        outcomes.Add(Outcome.Bounces, numbers[0]);
        outcomes.Add(Outcome.Timed, numbers[1]);
        outcomes.Add(Outcome.Seconds, numbers[2]);
        outcomes.Add(Outcome.PageViews, numbers[3]);
    }

    private static int IsOne(bool is1) => is1 ? 1 : 0;
}
