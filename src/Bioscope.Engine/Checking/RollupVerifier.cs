using System.Data.Common;
using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Checking;

/// <summary>
/// Compares all that is kept of a page with a recount of its raw rows: each count of each hour, day and month, which of those are there, and
/// when each visitor was last there. Months, and which finer rollups there must be, follow from the hours, which are counted a month at a time.
/// </summary>
internal sealed class RollupVerifier(AnalyticsDatabase analytics, Guid page)
{
    private readonly Dictionary<VisitorKey, int> _lastHours = [];
    private readonly Counts _returns = new(); // by hour
    private readonly SortedDictionary<DateTimeOffset, Counts> _keptReturns = [];
    private List<OutcomeChange> _changes = [];
    private PageState _state = null!;

    private SqlDialect Dialect => analytics.Dialect;

    /// <summary>How many raw rows were recounted.</summary>
    public long Rows { get; private set; }

    /// <summary>How many kept counts were compared.</summary>
    public long Cells { get; private set; }

    /// <summary>Reads everything as of one instant, while servers may write and seal.</summary>
    /// <returns>The first difference in words; null when there is none.</returns>
    public async Task<string?> FindDifferenceAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await CompareAsync(cancellationToken);
        }
        catch (Exception e) when (DamagedPages.IsDamage(e, Dialect))
        {
            return $"what is kept cannot be read: {e.Message}";
        }
    }

    private async Task<string?> CompareAsync(CancellationToken cancellationToken)
    {
        await using var connection = await analytics.OpenAsync(cancellationToken);
        await using var snapshot = await Dialect.BeginSnapshotAsync(connection, cancellationToken);
        _state = await PageState.ReadAsync(Dialect, snapshot, page, cancellationToken);
        if (_state is not { SealedFrom: { } from, SealedUntil: { } until })
        {
            return null; // what is left over is read by nobody, and removed by the next server
        }

        _changes = await OutcomeChange.ReadAsync(Dialect, snapshot, page, cancellationToken);
        for (var month = from; month < until; month = Grain.Month.Next(month))
        {
            if (await MonthAsync(snapshot, month, Earlier(Grain.Month.Next(month), until), cancellationToken) is { } difference)
            {
                return difference;
            }
        }

        return Returns() ?? await SuperfluousAsync(snapshot, from, until, cancellationToken) ?? await VisitorsAsync(snapshot, cancellationToken)
            ?? await SegmentVerifier.FindDifferenceAsync(Dialect, snapshot, _state, cancellationToken);
    }

    private async Task<string?> MonthAsync(DbTransaction snapshot, DateTimeOffset month, DateTimeOffset end, CancellationToken cancellationToken)
    {
        foreach (var (visitor, hour, sessions) in await RawCounts.VisitsAsync(Dialect, snapshot, page, month, end, cancellationToken))
        {
            if (_lastHours.TryGetValue(visitor, out var previous))
            {
                _returns.Add(RollupRow.ValueOf(previous), 1);
            }

            _returns.Add(RollupRow.ValueOf(hour), sessions - 1);
            _lastHours[visitor] = hour;
        }

        var kept = await KeptAsync(snapshot, month, end, cancellationToken);
        foreach (var (grain, bucket, counted) in Expected(await HoursAsync(snapshot, month, end, cancellationToken)))
        {
            kept.Remove((grain, bucket), out var rollup);
            if (Difference(grain, bucket, rollup, counted) is { } difference)
            {
                return difference;
            }
        }

        return kept.Count > 0 && kept.Keys.Min() is var (superfluous, at)
            ? $"{Name(superfluous)} {Text(at)} is kept, but there are too few rows for it"
            : null;
    }

    /// <summary>The recount of a month by hour, with the outcomes that are sealed: what has changed since waits in a table of its own.</summary>
    private async Task<SortedDictionary<int, Rollup>> HoursAsync(DbTransaction snapshot, DateTimeOffset month, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var hours = await RawCounts.ByHourAsync(Dialect, snapshot, page, month, end, cancellationToken);
        Rows += hours.Values.Sum(hour => hour.Rows);
        foreach (var change in _changes.Where(change => change.StartedAt >= month && change.StartedAt < end))
        {
            if (hours.TryGetValue(RawCounts.Number(change.StartedAt), out var hour))
            {
                change.AddTo(hour[RollupColumn.Outcomes], sign: -1);
            }
        }

        return hours;
    }

    /// <summary>The rollups that there must be for these hours of one month.</summary>
    private static IEnumerable<(Grain Grain, DateTimeOffset Bucket, Rollup Counted)> Expected(SortedDictionary<int, Rollup> hours)
    {
        if (hours.Count == 0)
        {
            yield break;
        }

        var month = Sum(hours.Values);
        yield return (Grain.Month, Grain.Month.Floor(RawCounts.Start(hours.Keys.First())), month);
        foreach (var hoursOfDay in month.Rows < Sealer.RowsForDays ? [] : hours.GroupBy(hour => Grain.Day.Floor(RawCounts.Start(hour.Key))))
        {
            var day = Sum(hoursOfDay.Select(hour => hour.Value));
            yield return (Grain.Day, hoursOfDay.Key, day);
            foreach (var (hour, rollup) in day.Rows < Sealer.RowsForHours ? [] : hoursOfDay.AsEnumerable())
            {
                yield return (Grain.Hour, RawCounts.Start(hour), rollup);
            }
        }
    }

    private string? Difference(Grain grain, DateTimeOffset bucket, Rollup? kept, Rollup counted)
    {
        if (kept is null)
        {
            return $"{Name(grain)} {Text(bucket)} is missing, there are {counted.Rows} rows";
        }

        foreach (var column in RollupColumn.All)
        {
            if (Difference(kept[column], counted[column]) is { } difference)
            {
                return $"{Name(grain)} {Text(bucket)}, {column.Name}, {difference}";
            }
        }

        if (grain == Grain.Month)
        {
            _keptReturns[bucket] = kept.Returns;
        }

        return grain == Grain.Month || kept.Returns.IsEmpty ? null : $"{Name(grain)} {Text(bucket)}, returns: only months have them";
    }

    /// <summary>Those of a month are complete when all later months are counted.</summary>
    private string? Returns()
    {
        foreach (var (month, kept) in _keptReturns)
        {
            var counted = new Counts();
            var end = RawCounts.Number(Grain.Month.Next(month));
            foreach (var (hour, sessions) in _returns.ByValue.Where(hour => HourOf(hour.Key) >= RawCounts.Number(month) && HourOf(hour.Key) < end))
            {
                counted.Add(hour, sessions);
            }

            if (Difference(kept, counted) is { } difference)
            {
                return $"month {Text(month)}, returns, {difference}";
            }
        }

        return null;

        static int HourOf(string value) => int.Parse(value, CultureInfo.InvariantCulture);
    }

    private string? Difference(Counts kept, Counts counted)
    {
        Cells += kept.ByValue.Count;
        foreach (var value in kept.ByValue.Keys.Union(counted.ByValue.Keys).Order(StringComparer.Ordinal))
        {
            if (kept[value] != counted[value])
            {
                return $"'{value}': kept {kept[value]}, counted {counted[value]}";
            }
        }

        return null;
    }

    private async Task<string?> VisitorsAsync(DbTransaction snapshot, CancellationToken cancellationToken)
    {
        var shards = await Dialect.QueryAsync(
            snapshot,
            """
            -- all visitors
            SELECT "shard", "visitors" FROM "RollupVisitors" WHERE "bioPageId" = @page ORDER BY "shard"
            """,
            row => (Number: row.GetInt32(0), Visitors: row.GetFieldValue<byte[]>(1)),
            cancellationToken,
            ("@page", page));
        var visitors = 0;
        foreach (var (number, visitor, lastHour) in shards.SelectMany(shard => VisitorShard.Entries(shard.Visitors).Select(entry => (shard.Number, entry.Visitor, entry.LastHour))))
        {
            visitors++;
            var isCounted = _lastHours.Remove(visitor, out var counted);
            // Who was there last before the first month that is kept stays known, but is not counted again.
            var isOld = !isCounted && _state.SealedFrom is { } from && lastHour < RawCounts.Number(from);
            if (visitor.Shard(_state.ShardBits) != number || !(isOld || (isCounted && counted == lastHour)))
            {
                return $"visitors, shard {number}: a visitor last there in the hour {Text(RawCounts.Start(lastHour))}, counted {(isCounted ? Text(RawCounts.Start(counted)) : "none")}";
            }
        }

        Cells += visitors;
        return _lastHours.Count > 0 ? $"visitors: {_lastHours.Count} are missing"
            : visitors != _state.Visitors ? $"visitors: kept {_state.Visitors}, counted {visitors}"
            : null;
    }

    private async Task<string?> SuperfluousAsync(DbTransaction snapshot, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var found = await Dialect.QueryAsync(
            snapshot,
            """
            -- superfluous rollups
            SELECT "grain", "bucket" FROM "Rollup" WHERE "bioPageId" = @page AND ("bucket" < @from OR "bucket" >= @until) ORDER BY "bucket" LIMIT 1
            """,
            row => (Grain: (Grain)row.GetInt32(0), Bucket: Dialect.ReadInstant(row, 1)),
            cancellationToken,
            ("@page", page),
            ("@from", from),
            ("@until", until));
        return found is [var (grain, bucket)] ? $"{Name(grain)} {Text(bucket)} is kept, but the page is not sealed there" : null;
    }

    private async Task<Dictionary<(Grain Grain, DateTimeOffset Bucket), Rollup>> KeptAsync(
        DbTransaction snapshot, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) => (await Dialect.QueryAsync(
            snapshot,
            $"""
            -- rollups of month
            SELECT "grain", "bucket", {RollupRow.Columns} FROM "Rollup" WHERE "bioPageId" = @page AND "bucket" >= @from AND "bucket" < @to
            """,
            row => (Key: ((Grain)row.GetInt32(0), Dialect.ReadInstant(row, 1)), Rollup: RollupRow.Read(row, 2)),
            cancellationToken,
            ("@page", page),
            ("@from", from),
            ("@to", to))).ToDictionary(row => row.Key, row => row.Rollup);

    private static Rollup Sum(IEnumerable<Rollup> rollups)
    {
        var sum = new Rollup();
        foreach (var rollup in rollups)
        {
            sum.Add(rollup);
        }

        return sum;
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static string Name(Grain grain) => grain.ToString().ToLowerInvariant();

    private static string Text(DateTimeOffset instant) => instant.ToString("yyyy-MM-ddTHH:mmZ", CultureInfo.InvariantCulture);
}
