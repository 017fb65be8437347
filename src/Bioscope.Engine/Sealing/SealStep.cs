using System.Data.Common;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// What sealing a page from its watermark to a later one comes to. Months and hours are what they were and what is new, so that a step of a large
/// page costs no more than its own rows; days are the sums of their hours. Where hours are not kept, because there are few rows, they are counted anew
/// from raw rows, so that they can appear once there are enough.
/// </summary>
internal sealed class SealStep
{
    private readonly PageState _state;
    private readonly DateTimeOffset _oldest, _from;
    private readonly SortedDictionary<DateTimeOffset, Rollup> _months;
    private readonly HashSet<DateTimeOffset> _changedMonths = [];
    private readonly List<OutcomeChange> _changes;
    private readonly SortedDictionary<int, Rollup> _hours = []; // all hours of each day that changes
    private readonly HashSet<int> _changedHours = [];
    private VisitorShards _visitors = null!;

    private SealStep(
        PageState state, DateTimeOffset oldest, DateTimeOffset from, DateTimeOffset until, SortedDictionary<DateTimeOffset, Rollup> months, List<OutcomeChange> changes) =>
        (_state, _oldest, _from, Until, _months, _changes) = (state, oldest, from, until, months, changes);

    public DateTimeOffset Until { get; }

    /// <summary>How many raw rows are sealed by it.</summary>
    public long Rows { get; private set; }

    /// <summary>Counts everything in a snapshot.</summary>
    public static async Task<SealStep> ReadAsync(
        SqlDialect dialect, DbTransaction snapshot, PageState state, DateTimeOffset oldest, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        // Those of sessions that a later step seals are in the raw rows by then.
        var changes = await OutcomeChange.ReadAsync(dialect, snapshot, state.BioPageId, cancellationToken);
        var months = state.SealedUntil is null ? [] : await RollupRow.ReadAsync(dialect, snapshot, state.BioPageId, Grain.Month, oldest, DateTimeOffset.MaxValue, cancellationToken);
        var step = new SealStep(state, oldest, from, until, months, changes);
        await step.CountAsync(dialect, snapshot, cancellationToken);
        await step.CountReturnsAsync(dialect, snapshot, cancellationToken);
        return step;
    }

    /// <summary>Writes it, unless the page has another version meanwhile.</summary>
    public async Task<bool> WriteAsync(SqlDialect dialect, DbTransaction transaction, CancellationToken cancellationToken)
    {
        var page = _state.BioPageId;
        var visitors = _state.Visitors + _visitors.New;
        var next = _state with
        {
            SealedFrom = _oldest,
            SealedUntil = Until,
            Visitors = visitors,
            ShardBits = VisitorShards.BitsFor(visitors, _state.ShardBits),
        };
        if (!await next.ReplaceAsync(dialect, transaction, cancellationToken))
        {
            return false;
        }

        if (_state.SealedUntil is null)
        {
            await BackfillGuard.DropAsync(dialect, transaction, page, cancellationToken); // what is there is left over
        }

        await dialect.ExecuteAsync(transaction, RollupRow.DeleteBeforeSql, cancellationToken, ("@page", page), ("@bucket", _oldest));
        var rollups = RollupRows().ToList();
        var replaced = rollups.FindAll(rollup => rollup.Bucket < _from); // the others are new
        await dialect.ExecuteEachAsync(
            transaction,
            RollupRow.DeleteSql,
            StatementValues.Of(replaced, rollup => [("@page", page), ("@grain", (int)rollup.Grain), ("@bucket", rollup.Bucket)]),
            cancellationToken);
        await dialect.InsertAsync(transaction, RollupRow.Table, rollups, cancellationToken);
        await _visitors.WriteAsync(dialect, transaction, _state, next.ShardBits, cancellationToken);
        await dialect.ExecuteEachAsync(
            transaction, OutcomeChange.DeleteSql, StatementValues.Of(_changes, change => [("@page", page), ("@id", change.Id)]), cancellationToken);
        return true;
    }

    private async Task CountAsync(SqlDialect dialect, DbTransaction snapshot, CancellationToken cancellationToken)
    {
        var monthsWithDays = _months.Where(month => HasDays(month.Value)).Select(month => month.Key).ToHashSet();
        var added = await RawCounts.ByHourAsync(dialect, snapshot, _state.BioPageId, _from, Until, cancellationToken);
        foreach (var (hour, rollup) in added)
        {
            Month(RawCounts.Start(hour)).Add(rollup);
            Rows += rollup.Rows;
        }

        var changes = _changes.FindAll(change => change.StartedAt < _from && change.StartedAt >= _oldest);
        foreach (var change in changes)
        {
            change.AddTo(Month(change.StartedAt)[RollupColumn.Outcomes]);
        }

        // The days of sessions that went on after they were sealed change too. A month that has become large enough for days needs all of them.
        var buckets = added.Keys.Select(RawCounts.Start).Concat(changes.Select(change => change.StartedAt))
            .Where(at => HasDays(_months[Grain.Month.Floor(at)]))
            .Select(at => Bucket(monthsWithDays.Contains(Grain.Month.Floor(at)) ? Grain.Day : Grain.Month, at));
        foreach (var (from, until) in buckets.Where(bucket => bucket.From < _from).Distinct().ToList())
        {
            await ReadHoursAsync(dialect, snapshot, from, until, changes, cancellationToken);
        }

        foreach (var (hour, rollup) in added)
        {
            Hour(hour).Add(rollup);
        }

        static (DateTimeOffset From, DateTimeOffset Until) Bucket(Grain grain, DateTimeOffset at) => (grain.Floor(at), grain.Next(grain.Floor(at)));
    }

    /// <summary>The hours of a day, or of a month that had no days, as they are up to where this step begins, with what has changed since they were sealed.</summary>
    private async Task ReadHoursAsync(
        SqlDialect dialect, DbTransaction snapshot, DateTimeOffset from, DateTimeOffset until, List<OutcomeChange> changes, CancellationToken cancellationToken)
    {
        var kept = await RollupRow.ReadAsync(dialect, snapshot, _state.BioPageId, Grain.Hour, from, until, cancellationToken);
        foreach (var (hour, rollup) in kept)
        {
            _hours[RawCounts.Number(hour)] = rollup;
        }

        foreach (var change in changes.Where(change => kept.Count > 0 && change.StartedAt >= from && change.StartedAt < until))
        {
            change.AddTo(Hour(RawCounts.Number(change.StartedAt))[RollupColumn.Outcomes]);
        }

        if (kept.Count == 0)
        {
            // Raw rows have the changes.
            foreach (var (hour, rollup) in await RawCounts.ByHourAsync(dialect, snapshot, _state.BioPageId, from, until < _from ? until : _from, cancellationToken))
            {
                Hour(hour).Add(rollup);
            }
        }
    }

    private async Task CountReturnsAsync(SqlDialect dialect, DbTransaction snapshot, CancellationToken cancellationToken)
    {
        var visits = await RawCounts.VisitsAsync(dialect, snapshot, _state.BioPageId, _from, Until, cancellationToken);
        _visitors = await VisitorShards.ReadAsync(dialect, snapshot, _state, visits.Select(visit => visit.Visitor).ToHashSet(), cancellationToken);
        foreach (var (visitor, hour, sessions) in visits)
        {
            if (_visitors.Visit(visitor, hour) is { } previous)
            {
                Return(previous, 1);
            }

            Return(hour, sessions - 1);
        }
    }

    /// <summary>Notes later sessions of visitors who were there in an hour.</summary>
    private void Return(int hour, long sessions)
    {
        if (sessions > 0 && RawCounts.Start(hour) is var start && start >= _oldest)
        {
            Month(start).Returns.Add(RollupRow.ValueOf(hour), sessions);
        }
    }

    /// <summary>The rollup of an instant's month, to be changed.</summary>
    private Rollup Month(DateTimeOffset instant)
    {
        var month = Grain.Month.Floor(instant);
        _changedMonths.Add(month);
        if (!_months.TryGetValue(month, out var rollup))
        {
            _months[month] = rollup = new Rollup();
        }

        return rollup;
    }

    /// <summary>The rollup of an hour, to be changed.</summary>
    private Rollup Hour(int hour)
    {
        _changedHours.Add(hour);
        if (!_hours.TryGetValue(hour, out var rollup))
        {
            _hours[hour] = rollup = new Rollup();
        }

        return rollup;
    }

    private static bool HasDays(Rollup month) => month.Rows >= Sealer.RowsForDays;

    private IEnumerable<RollupRow> RollupRows()
    {
        foreach (var month in _changedMonths)
        {
            yield return new RollupRow(_state.BioPageId, Grain.Month, month, _months[month]);
        }

        foreach (var day in _hours.GroupBy(hour => Grain.Day.Floor(RawCounts.Start(hour.Key))))
        {
            if (!_months.TryGetValue(Grain.Month.Floor(day.Key), out var month) || !HasDays(month))
            {
                continue;
            }

            var whole = new Rollup();
            foreach (var (_, rollup) in day)
            {
                whole.Add(rollup);
            }

            yield return new RollupRow(_state.BioPageId, Grain.Day, day.Key, whole);
            foreach (var (hour, rollup) in whole.Rows >= Sealer.RowsForHours ? day.Where(hour => _changedHours.Contains(hour.Key)) : [])
            {
                yield return new RollupRow(_state.BioPageId, Grain.Hour, RawCounts.Start(hour), rollup);
            }
        }
    }
}
