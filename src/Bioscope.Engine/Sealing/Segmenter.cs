using System.Data.Common;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// Puts sealed rows that can no longer change into segments: sessions are closed a day after they started. It reads in a snapshot and
/// writes in one short transaction, like the <see cref="Sealer"/>, and does nothing when the page has changed in the meantime.
/// </summary>
internal sealed class Segmenter(AnalyticsDatabase analytics)
{
    /// <summary>So many rows are put into segments at once; fewer are as quickly read raw.</summary>
    public int MinRows { get; init; } = 4_096;

    /// <summary>The maximum of sessions, and of page views, in one segment: their numbers then need at most two bytes.</summary>
    public int MaxRows { get; init; } = 65_000;

    private SqlDialect Dialect => analytics.Dialect;

    /// <summary>Puts all rows of the page that can no longer change into segments, if there are enough.</summary>
    /// <returns>How many rows were written.</returns>
    public async Task<long> AdvanceAsync(Guid page, DateTimeOffset fence, CancellationToken cancellationToken)
    {
        var rows = 0L;
        while (await StepAsync(page, fence, cancellationToken) is { } done)
        {
            rows += done;
        }

        return rows;
    }

    /// <returns>How many rows a segment took, or null when there was nothing to do or another process did it.</returns>
    private async Task<long?> StepAsync(Guid page, DateTimeOffset fence, CancellationToken cancellationToken)
    {
        if (await ReadAsync(page, fence, cancellationToken) is not { } step)
        {
            return null;
        }

        var written = await analytics.TransactAsync(
            "segment",
            async transaction => step.Segment.Until <= (await Dialect.HoldFenceAsync(transaction, cancellationToken)).At - SessionRow.Life
                && await step.WriteAsync(Dialect, transaction, cancellationToken),
            cancellationToken);
        return written ? step.Segment.Rows : null;
    }

    /// <summary>The page's next segment, not yet written; null when there are too few rows.</summary>
    private async Task<SegmentStep?> ReadAsync(Guid page, DateTimeOffset fence, CancellationToken cancellationToken)
    {
        await using var connection = await analytics.OpenAsync(cancellationToken);
        await using var snapshot = await Dialect.BeginSnapshotAsync(connection, cancellationToken);
        var state = await PageState.ReadAsync(Dialect, snapshot, page, cancellationToken);
        if (state.SealedUntil is not { } sealedUntil)
        {
            return null;
        }

        var limit = Earlier(sealedUntil, fence - SessionRow.Life);
        var from = state.SegmentedUntil ?? DateTimeOffset.MinValue;
        if (limit <= from || !await RowCount.IsAtLeastAsync(Dialect, snapshot, page, from, limit, MinRows, cancellationToken))
        {
            return null;
        }

        // A small last segment is rebuilt together with the rows after it.
        var segments = await Segment.ReadAsync(Dialect, snapshot, page, cancellationToken);
        if (segments is [.., var last] && last.Rows < MaxRows / 2)
        {
            from = last.From;
            segments.RemoveAt(segments.Count - 1);
        }

        var until = await EndAsync(snapshot, page, from, limit, cancellationToken);
        return await SegmentStep.ReadAsync(Dialect, snapshot, state, segments, from, until, cancellationToken);
    }

    private async Task<DateTimeOffset> EndAsync(
        DbTransaction snapshot, Guid page, DateTimeOffset from, DateTimeOffset limit, CancellationToken cancellationToken)
    {
        // The first row that a segment does not take; the last one of each kind is as good where both are full.
        var first = await RowCount.TimeOfAsync(Dialect, snapshot, page, from, limit, MaxRows, cancellationToken) ?? limit;

        // All rows of one millisecond are in one segment, however many there are.
        var until = first < limit ? first.AddMilliseconds(1) : limit;
        return until > limit ? limit : until;
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
