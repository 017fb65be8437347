using System.Data.Common;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Segments;

/// <summary>
/// Finds the numbers of sessions in a page's segments. Segments store no ids: a session's position follows from its time and, among
/// sessions of the same millisecond, from the order of their ids.
/// </summary>
internal sealed class SessionLocator(
    SqlDialect dialect, DbTransaction snapshot, Guid page, SegmentReader reader, IReadOnlyList<Segment> segments,
    CancellationToken cancellationToken)
{
    private const int MaxIdsInStatement = 1_000;

    private static readonly string StartsSql = RowsById.Sql(
        "starts of sessions", """CAST("id" AS {text}), "startedAt" """, "AnalyticsSession", "startedAt", "{startedAtIsInstant}");

    private const string TiesSql = """
        -- sessions of millisecond
        SELECT CAST("id" AS {text}) FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" = @at AND {startedAtIsInstant} ORDER BY "id"
        """;

    /// <summary>The numbers of the given sessions that are in segments.</summary>
    public async Task<Dictionary<Guid, int>> FindAsync(IEnumerable<Guid> ids)
    {
        var found = new Dictionary<Guid, int>();
        foreach (var some in segments.Count == 0 ? [] : ids.Distinct().Chunk(MaxIdsInStatement))
        {
            var starts = await dialect.QueryAsync(
                snapshot, StartsSql, row => (Id: RowReader.IdOf(row.GetString(0)), At: dialect.ReadInstant(row, 1)), cancellationToken,
                RowsById.Values(page, some));
            foreach (var (id, at) in starts.Where(start => start.At < segments[^1].Until))
            {
                found[id] = await NumberOfAsync(id, at);
            }
        }

        return found;
    }

    /// <summary>The segment that contains a session's number.</summary>
    public static Segment SegmentOf(IReadOnlyList<Segment> segments, int session) =>
        Last(segments, segment => segment.FirstSession <= session);

    private static Segment Last(IReadOnlyList<Segment> segments, Func<Segment, bool> isBefore)
    {
        var (low, high) = (0, segments.Count);
        while (high - low > 1)
        {
            var middle = (low + high) >> 1;
            (low, high) = isBefore(segments[middle]) ? (middle, high) : (low, middle);
        }

        return segments[low];
    }

    private async Task<int> NumberOfAsync(Guid id, DateTimeOffset at)
    {
        var segment = Last(segments, segment => segment.From <= at);
        var startedAt = (await reader.ReadAsync(BlockColumn.StartedAt, [segment]))[0];
        var time = at.ToUnixTimeMilliseconds();
        var place = FirstNotBefore(startedAt, time);
        if (place == startedAt.Count || startedAt[place] != time)
        {
            throw new FormatException($"segment {segment.Number} does not have the session {id}");
        }

        if (place + 1 < startedAt.Count && startedAt[place + 1] == time)
        {
            var ties = await dialect.QueryAsync(
                snapshot, TiesSql, row => RowReader.IdOf(row.GetString(0)), cancellationToken, ("@page", page), ("@at", at));
            place += ties.IndexOf(id);
        }

        return segment.FirstSession + place;
    }

    private static int FirstNotBefore(NumberColumn ascending, long value)
    {
        var (low, high) = (0, ascending.Count);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            (low, high) = ascending[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
