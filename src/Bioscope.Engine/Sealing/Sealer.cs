using System.Data.Common;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// Seals pages: counts what came between a page's watermark and the fence into rollups, and moves the watermark. It reads in a snapshot
/// that keeps nobody waiting and writes in one short transaction, which does nothing when the page has changed meanwhile: so a crash leaves
/// all or nothing, and several instances may seal at once.
/// </summary>
internal sealed class Sealer(AnalyticsDatabase analytics)
{
    /// <summary>A page is sealed once it has so many rows to seal; fewer are as quickly read raw.</summary>
    public const int MinRows = 64;

    /// <summary>A month has days, and a day hours, only when it stands for so many rows; fewer are as quickly read raw.</summary>
    public const int RowsForDays = 256, RowsForHours = 512;

    // The first row that a step does not take.
    private const string EndSql = """
        -- end of step
        SELECT "at" FROM (
          SELECT "at" FROM (SELECT "startedAt" AS "at" FROM "AnalyticsSession"
            WHERE "bioPageId" = @page AND "startedAt" >= @from AND "startedAt" < @to AND {startedAtIsInstant} ORDER BY "startedAt" LIMIT @max + 1) AS "sessions"
          UNION ALL
          SELECT "at" FROM (SELECT "enteredAt" AS "at" FROM "AnalyticsPageView"
            WHERE "bioPageId" = @page AND "enteredAt" >= @from AND "enteredAt" < @to AND {enteredAtIsInstant} ORDER BY "enteredAt" LIMIT @max + 1) AS "views"
        ) AS "rows" ORDER BY "at" LIMIT 1 OFFSET @max
        """;

    private const string CountSql = """
        -- unsealed
        SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @from AND "startedAt" < @to LIMIT @max) AS "sessions")
          + (SELECT COUNT(*) FROM (SELECT 1 FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" >= @from AND "enteredAt" < @to LIMIT @max) AS "views")
          + (SELECT COUNT(*) FROM (SELECT 1 FROM "OutcomeChange" WHERE "bioPageId" = @page LIMIT @max) AS "changes")
        """;

    /// <summary>What is held in memory, and written in one transaction. Each step may touch all of a page's visitors, so few are better.</summary>
    public int MaxRowsInStep { get; init; } = 200_000;

    /// <summary>Whether nothing beyond the fence of that moment is sealed: it may have been moved back since it was read. Only tests do without.</summary>
    public bool HoldsFence { get; init; } = true;

    private SqlDialect Dialect => analytics.Dialect;

    /// <summary>Seals all of the page up to the fence, if it is worth it, in steps of bounded size.</summary>
    /// <returns>How many raw rows were sealed.</returns>
    public async Task<long> SealAsync(Guid page, DateTimeOffset fence, CancellationToken cancellationToken, int minRows = MinRows)
    {
        var rows = 0L;
        while (await StepAsync(page, fence, minRows, cancellationToken) is { } done)
        {
            rows += done.Rows;
            if (done.Until >= fence)
            {
                break;
            }

            minRows = 0;
        }

        return rows;
    }

    /// <summary>How far back reports can look, to the start of that month.</summary>
    public static DateTimeOffset Oldest(DateTimeOffset fence) => Grain.Month.Floor(fence.AddDays(-Days.Max - 1));

    /// <returns>How far it came, or null when there was nothing to do or somebody else did it.</returns>
    private async Task<(DateTimeOffset Until, long Rows)?> StepAsync(Guid page, DateTimeOffset fence, int minRows, CancellationToken cancellationToken)
    {
        if (await ReadAsync(page, fence, minRows, cancellationToken) is not { } step)
        {
            return null;
        }

        var written = await analytics.TransactAsync(
            "seal",
            async transaction => (!HoldsFence || step.Until <= (await Dialect.HoldFenceAsync(transaction, cancellationToken)).At)
                && await step.WriteAsync(Dialect, transaction, cancellationToken),
            cancellationToken);
        return written ? (step.Until, step.Rows) : null;
    }

    /// <summary>What there is to seal of the page, counted but not written; null when it is not worth it.</summary>
    public async Task<SealStep?> ReadAsync(Guid page, DateTimeOffset fence, int minRows, CancellationToken cancellationToken)
    {
        await using var connection = await analytics.OpenAsync(cancellationToken);
        await using var transaction = await Dialect.BeginSnapshotAsync(connection, cancellationToken);
        var state = await PageState.ReadAsync(Dialect, transaction, page, cancellationToken);
        var oldest = Oldest(fence);
        var from = state.SealedUntil is { } watermark && watermark > oldest ? watermark : oldest;
        if (from > fence || await CountAsync(transaction, page, from, fence, minRows + 1, cancellationToken) < minRows)
        {
            return null;
        }

        var until = await EndAsync(transaction, page, from, fence, cancellationToken);
        return await SealStep.ReadAsync(Dialect, transaction, state, oldest, from, until, cancellationToken);
    }

    /// <summary>As many whole hours as one step takes, and at least what is left of one.</summary>
    private async Task<DateTimeOffset> EndAsync(DbTransaction transaction, Guid page, DateTimeOffset from, DateTimeOffset fence, CancellationToken cancellationToken)
    {
        var beyond = await Dialect.QueryAsync(
            transaction, EndSql, row => Dialect.ReadInstant(row, 0), cancellationToken, ("@page", page), ("@from", from), ("@to", fence), ("@max", MaxRowsInStep));
        if (beyond is not [var first])
        {
            return fence;
        }

        var (hour, next) = (Grain.Hour.Floor(first), Grain.Hour.Next(Grain.Hour.Floor(from)));
        return hour > from ? hour : next < fence ? next : fence;
    }

    private async Task<long> CountAsync(
        DbTransaction transaction, Guid page, DateTimeOffset from, DateTimeOffset to, int max, CancellationToken cancellationToken) =>
        (await Dialect.QueryAsync(
            transaction, CountSql, row => row.GetInt64(0), cancellationToken, ("@page", page), ("@from", from), ("@to", to), ("@max", max))).Single();
}
