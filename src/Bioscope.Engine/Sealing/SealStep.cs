using System.Data.Common;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// What sealing a page from its watermark to a later one comes to. A month's rollup is what it was and what is new; days and hours are
/// counted anew from the start of the first day that changes, so that they can appear once there is enough in them.
/// </summary>
internal sealed class SealStep
{
    private readonly PageState _state;
    private readonly DateTimeOffset _oldest, _from;
    private readonly SortedDictionary<DateTimeOffset, Rollup> _months;
    private readonly HashSet<DateTimeOffset> _changedMonths = [];
    private readonly List<OutcomeChange> _changes;
    private SortedDictionary<int, Rollup> _hours = [];
    private DateTimeOffset _recounted; // where days and hours are counted anew from
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
        var months = state.SealedUntil is null ? [] : await RollupRow.ReadMonthsAsync(dialect, snapshot, state.BioPageId, oldest, cancellationToken);
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
        await dialect.ExecuteAsync(transaction, RollupRow.DeleteFinerSql, cancellationToken, ("@page", page), ("@bucket", _recounted));
        await dialect.ExecuteEachAsync(
            transaction, RollupRow.DeleteMonthSql, StatementValues.Of(_changedMonths, month => [("@page", page), ("@bucket", month)]), cancellationToken);
        await dialect.InsertAsync(transaction, RollupRow.Table, [.. RollupRows()], cancellationToken);
        await _visitors.WriteAsync(dialect, transaction, _state, next.ShardBits, cancellationToken);
        await dialect.ExecuteEachAsync(
            transaction, OutcomeChange.DeleteSql, StatementValues.Of(_changes, change => [("@page", page), ("@id", change.Id)]), cancellationToken);
        return true;
    }

    private async Task CountAsync(SqlDialect dialect, DbTransaction snapshot, CancellationToken cancellationToken)
    {
        // The days of sessions that went on after they were sealed change too.
        var earliest = _changes.Where(change => change.StartedAt >= _oldest).Select(change => change.StartedAt).Append(_from).Min();
        _recounted = Grain.Day.Floor(earliest);
        var daysBefore = _months.Where(month => HasDays(month.Value)).Select(month => month.Key).ToHashSet();
        _hours = await RawCounts.ByHourAsync(dialect, snapshot, _state.BioPageId, _recounted, Until, cancellationToken);

        foreach (var (hour, rollup) in _hours.Where(hour => RawCounts.Start(hour.Key) >= _from))
        {
            Month(RawCounts.Start(hour)).Add(rollup);
            Rows += rollup.Rows;
        }

        foreach (var change in _changes.Where(change => change.StartedAt < _from && change.StartedAt >= _oldest))
        {
            change.AddTo(Month(change.StartedAt)[Measure.Outcomes]);
        }

        // A month that has become large enough for days needs them from its start.
        var grown = _months.Where(month => HasDays(month.Value) && !daysBefore.Contains(month.Key) && month.Key < _recounted).Select(month => month.Key).ToList();
        if (grown.Count > 0)
        {
            _recounted = grown.Min();
            _hours = await RawCounts.ByHourAsync(dialect, snapshot, _state.BioPageId, _recounted, Until, cancellationToken);
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
            foreach (var (hour, rollup) in whole.Rows >= Sealer.RowsForHours ? day.AsEnumerable() : [])
            {
                yield return new RollupRow(_state.BioPageId, Grain.Hour, RawCounts.Start(hour), rollup);
            }
        }
    }
}
