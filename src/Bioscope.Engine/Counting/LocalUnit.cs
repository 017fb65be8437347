using System.Globalization;
using System.Runtime.CompilerServices;

namespace Bioscope.Engine.Counting;

/// <summary>
/// The unit of local time that a time dimension counts in. Units are numbered in ascending order of time. Local time is milliseconds
/// since 1970-01-01T00:00 as a wall clock shows it.
/// </summary>
internal sealed class LocalUnit
{
    private const long HourMs = 60 * 60 * 1000;
    private const long DayMs = 24 * HourMs;
    private const int WeekDays = 7;
    private const int YearMonths = 12;

    // 1970-01-01 was a Thursday, three days after the Monday of week 0.
    private const int MondayToEpoch = 3;
    private static readonly int EpochDay = new DateOnly(1970, 1, 1).DayNumber;

    private readonly Kind _kind;

    private LocalUnit(Kind kind) => _kind = kind;

    private enum Kind { Hour, Day, Week, Month, HourOfDay, Weekday }

    /// <summary>The length of the cycle in units; 0 when the values do not repeat.</summary>
    public int Cycle => _kind switch
    {
        Kind.HourOfDay => 24,
        Kind.Weekday => WeekDays,
        _ => 0,
    };

    /// <summary>The unit of a time dimension.</summary>
    public static LocalUnit Of(Dimension dimension) => new(dimension.Name switch
    {
        "hour" => Kind.Hour,
        "day" => Kind.Day,
        "week" => Kind.Week,
        "month" => Kind.Month,
        "hourOfDay" => Kind.HourOfDay,
        "weekday" => Kind.Weekday,
        _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, null),
    });

    /// <summary>The number of the unit that contains the local time.</summary>
    public long At(long localMs) => _kind switch
    {
        Kind.Hour or Kind.HourOfDay => FloorDivide(localMs, HourMs),
        Kind.Day or Kind.Weekday => FloorDivide(localMs, DayMs),
        Kind.Week => FloorDivide(FloorDivide(localMs, DayMs) + MondayToEpoch, WeekDays),
        _ => Date(FloorDivide(localMs, DayMs)) is var date ? (date.Year * YearMonths) + date.Month - 1 : 0,
    };

    /// <summary>The local time at which the unit begins.</summary>
    public long Start(long unit) => _kind switch
    {
        Kind.Hour or Kind.HourOfDay => unit * HourMs,
        Kind.Day or Kind.Weekday => unit * DayMs,
        Kind.Week => ((unit * WeekDays) - MondayToEpoch) * DayMs,
        // The month after the last one that a date can represent begins 31 days after it.
        _ when unit == 10_000L * YearMonths => Start(unit - 1) + (31 * DayMs),
        _ => (new DateOnly((int)(unit / YearMonths), (int)(unit % YearMonths) + 1, 1).DayNumber - EpochDay) * DayMs,
    };

    /// <summary>The unit's place in its cycle, from 0: the hour of its day, or 0 for Monday to 6 for Sunday.</summary>
    public int InCycle(long unit) => (int)FloorModulo(_kind == Kind.Weekday ? unit + MondayToEpoch : unit, Cycle);

    /// <summary>Whether one of these units (inclusive) has that place in its cycle.</summary>
    public bool Occurs(int inCycle, long first, long last) => FloorModulo(inCycle - InCycle(first), Cycle) <= last - first;

    /// <summary>The value as the result shows it: for a unit's number, or for a place in the cycle where there is one.</summary>
    public string Text(long unit) => _kind switch
    {
        Kind.HourOfDay => unit.ToString(CultureInfo.InvariantCulture),
        Kind.Weekday => (unit + 1).ToString(CultureInfo.InvariantCulture),
        Kind.Hour => string.Create(
            CultureInfo.InvariantCulture,
            $"{Date(FloorDivide(unit, 24)):yyyy-MM-dd}T{FloorModulo(unit, 24):00}:00"),
        _ => Date(FloorDivide(Start(unit), DayMs)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    };

    private static DateOnly Date(long day) => DateOnly.FromDayNumber((int)day + EpochDay);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long FloorDivide(long number, long divisor)
    {
        var quotient = number / divisor;
        return number - (quotient * divisor) < 0 ? quotient - 1 : quotient;
    }

    private static long FloorModulo(long number, long divisor) => number - (FloorDivide(number, divisor) * divisor);
}
