using System.Numerics;
using System.Runtime.CompilerServices;
using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>An interval in which a time dimension has one value.</summary>
/// <param name="From">Its first millisecond since 1970 UTC.</param>
/// <param name="Until">The millisecond after its last.</param>
/// <param name="Value">The value's number, from 0, see <see cref="TimeBuckets"/>.</param>
public readonly record struct TimeBucket(long From, long Until, int Value);

/// <summary>
/// The values of a time dimension in a range, numbered from 0 to <see cref="Count"/> − 1 in ascending order. Only values that occur are
/// included: a local hour that clocks skip is not, and a repeated one is a single value. Memory grows with the number of clock changes in
/// the range, not with its length. Safe to share between threads.
/// </summary>
public sealed class TimeBuckets
{
    private readonly LocalUnit _unit;
    private readonly InstantRange _range;

    // Intervals with a constant offset from UTC: where each ends, and the offset, both in milliseconds.
    private readonly long[] _offsetUntils;
    private readonly long[] _offsets;

    // Runs of consecutive local units: the first unit of each run, how many units precede it, and the total.
    private readonly long[] _runFirsts;
    private readonly int[] _runNumbers;

    // For cyclic units such as hours of the day: the number of each value, and the values by number.
    private readonly int[] _cycleNumbers = [];
    private readonly int[] _cycleValues = [];

    private TimeBuckets(LocalUnit unit, InstantRange range, DateTimeZone zone)
    {
        (_unit, _range) = (unit, range);
        (_offsetUntils, _offsets) = Offsets(range, zone);
        var runs = Runs();
        _runFirsts = [.. runs.Select(run => run.First)];
        _runNumbers = new int[runs.Count];
        for (var i = 0; i < runs.Count; i++)
        {
            _runNumbers[i] = Count;
            Count += (int)(runs[i].Last - runs[i].First + 1);
        }

        if (unit.Cycle > 0)
        {
            var values = Enumerable.Range(0, unit.Cycle);
            _cycleValues = [.. values.Where(value => runs.Exists(run => unit.Occurs(value, run.First, run.Last)))];
            _cycleNumbers = [.. values.Select(value => Array.IndexOf(_cycleValues, value))];
            Count = _cycleValues.Length;
        }
    }

    /// <summary>How many values occur in the range; 0 when it is empty.</summary>
    public int Count { get; }

    /// <summary>The buckets of a range.</summary>
    /// <param name="dimension">A time dimension.</param>
    /// <param name="range">Its ends lie within <see cref="QueryRange.Earliest"/> to <see cref="QueryRange.Latest"/>.</param>
    /// <param name="zone">Determines the local time.</param>
    public static TimeBuckets Of(Dimension dimension, InstantRange range, DateTimeZone zone)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(range.From, QueryRange.Earliest, nameof(range));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(range.Until, QueryRange.Latest, nameof(range));
        return new TimeBuckets(LocalUnit.Of(dimension), range, zone);
    }

    /// <summary>The value as the result shows it.</summary>
    /// <param name="value">From 0 to <see cref="Count"/> − 1.</param>
    public string Text(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(value, Count);
        if (_unit.Cycle > 0)
        {
            return _unit.Text(_cycleValues[value]);
        }

        var run = LastNotAfter(_runNumbers, value);
        return _unit.Text(_runFirsts[run] + value - _runNumbers[run]);
    }

    /// <summary>The number of the dimension's value at this millisecond, which must lie in the range.</summary>
    public int ValueAt(long ms) => Number(_unit.At(ms + _offsets[OffsetAt(ms)]));

    /// <summary>
    /// The interval around this millisecond, which must lie in the range. Neighbouring intervals may have the same value: a bucket in
    /// which clocks change has two of them.
    /// </summary>
    public TimeBucket At(long ms)
    {
        var i = OffsetAt(ms);
        var from = i == 0 ? _range.From : _offsetUntils[i - 1];
        var offset = _offsets[i];
        var unit = _unit.At(ms + offset);
        return new TimeBucket(
            Math.Max(from, _unit.Start(unit) - offset),
            Math.Min(_offsetUntils[i], _unit.Start(unit + 1) - offset),
            Number(unit));
    }

    /// <summary>All intervals of the range in order; together they cover it.</summary>
    public IEnumerable<TimeBucket> Stretches()
    {
        for (var ms = _range.From; ms < _range.Until;)
        {
            var bucket = At(ms);
            yield return bucket;
            ms = bucket.Until;
        }
    }

    /// <summary>A millisecond of each value that occurs from one millisecond (included) to another, all of it in the range.</summary>
    public Dictionary<int, long> Samples(long from, long until)
    {
        var samples = new Dictionary<int, long>();
        for (var ms = from; ms < until;)
        {
            var bucket = At(ms);
            samples.TryAdd(bucket.Value, ms);
            ms = bucket.Until;
        }

        return samples;
    }

    /// <summary>A reader for many instants, fast when each is close to the one before.</summary>
    public TimeBucketCursor Cursor() => new(this);

    /// <summary>Copies the numbers of the values at many instants, fast when each is close to the one before.</summary>
    /// <param name="times">The instants.</param>
    /// <param name="rows">The places of those that are copied, which must lie in the range.</param>
    /// <param name="to">Takes each at its place.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void CopyTo(ReadOnlySpan<long> times, ReadOnlySpan<int> rows, Span<int> to)
    {
        var (from, until, number) = (0L, 0L, 0);
        foreach (var row in rows)
        {
            var time = times[row];
            if (time < from || time >= until)
            {
                var bucket = At(time);
                (from, until, number) = (bucket.From, bucket.Until, bucket.Value);
            }

            to[row] = number;
        }
    }

    private int OffsetAt(long ms)
    {
        if (ms < _range.From || ms >= _range.Until)
        {
            throw new ArgumentOutOfRangeException(nameof(ms), ms, null);
        }

        return FirstAfter(_offsetUntils, ms);
    }

    private int Number(long unit)
    {
        if (_unit.Cycle > 0)
        {
            return _cycleNumbers[_unit.InCycle(unit)];
        }

        var run = LastNotAfter(_runFirsts, unit);
        return (int)(unit - _runFirsts[run]) + _runNumbers[run];
    }

    private static (long[] Untils, long[] Offsets) Offsets(InstantRange range, DateTimeZone zone)
    {
        List<long> untils = [];
        List<long> offsets = [];
        for (var ms = range.From; ms < range.Until;)
        {
            var interval = zone.GetZoneInterval(Instant.FromUnixTimeMilliseconds(ms));
            ms = interval.HasEnd ? Math.Min(interval.End.ToUnixTimeMilliseconds(), range.Until) : range.Until;
            if (offsets is [.., var last] && last == interval.WallOffset.Milliseconds)
            {
                untils[^1] = ms;
            }
            else
            {
                untils.Add(ms);
                offsets.Add(interval.WallOffset.Milliseconds);
            }
        }

        return ([.. untils], [.. offsets]);
    }

    // The local units that occur: those of each interval with one offset, sorted, and merged where they touch or overlap.
    private List<(long First, long Last)> Runs()
    {
        var from = _range.From;
        List<(long First, long Last)> stretches = [];
        for (var i = 0; i < _offsets.Length; i++)
        {
            stretches.Add((_unit.At(from + _offsets[i]), _unit.At(_offsetUntils[i] - 1 + _offsets[i])));
            from = _offsetUntils[i];
        }

        List<(long First, long Last)> runs = [];
        foreach (var stretch in stretches.Order())
        {
            if (runs is [.., var last] && stretch.First <= last.Last + 1)
            {
                runs[^1] = (last.First, Math.Max(last.Last, stretch.Last));
            }
            else
            {
                runs.Add(stretch);
            }
        }

        return runs;
    }

    private static int FirstAfter<T>(T[] ascending, T value)
        where T : IComparisonOperators<T, T, bool>
    {
        var (low, high) = (0, ascending.Length);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (ascending[middle] <= value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static int LastNotAfter<T>(T[] ascending, T value)
        where T : IComparisonOperators<T, T, bool> => FirstAfter(ascending, value) - 1;
}

/// <summary>Reads the values of many instants; one reader per thread.</summary>
public struct TimeBucketCursor(TimeBuckets buckets)
{
    private TimeBucket _last;

    /// <summary>See <see cref="TimeBuckets.ValueAt"/>.</summary>
    public int ValueAt(long ms)
    {
        if (ms < _last.From || ms >= _last.Until)
        {
            _last = buckets.At(ms);
        }

        return _last.Value;
    }
}
