namespace Bioscope.Bench.Data;

/// <summary>
/// When visits happen: four hundred days up to now with more visits in the evening than at night, at weekends than on Tuesdays, and
/// at the end than at the beginning.
/// </summary>
internal sealed class VisitTimes
{
    public const int Days = 400;
    private const int Hours = Days * 24;
    private const double Growth = 2;
    private const double PeakHour = 19;
    private static readonly double[] Weekdays = [1.2, 0.9, 0.9, 0.95, 1, 1.1, 1.25]; // from Sunday

    private readonly DateTimeOffset _start;
    private readonly double[] _ends = new double[Hours];

    public VisitTimes(DateTimeOffset now)
    {
        _start = now.AddDays(-Days);
        var sum = 0.0;
        for (var hour = 0; hour < Hours; hour++)
        {
            var at = _start.AddHours(hour);
            var ofDay = 0.15 + (0.85 * Math.Pow((1 + Math.Cos((at.Hour - PeakHour) / 24 * 2 * Math.PI)) / 2, 1.5));
            _ends[hour] = sum += Math.Pow(Growth, hour / (double)Hours) * Weekdays[(int)at.DayOfWeek] * ofDay;
        }
    }

    /// <summary>The instant by which that part of all visits (from 0 to 1) has happened.</summary>
    public DateTimeOffset At(double part)
    {
        var place = part * _ends[^1];
        var found = Array.BinarySearch(_ends, place);
        var hour = Math.Min(found < 0 ? ~found : found, Hours - 1);
        var start = hour == 0 ? 0 : _ends[hour - 1];
        return _start.AddMilliseconds(Math.Floor((hour + ((place - start) / (_ends[hour] - start))) * 3_600_000));
    }
}
