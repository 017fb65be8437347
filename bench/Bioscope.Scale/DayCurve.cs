namespace Bioscope.Scale;

/// <summary>How many visits an hour of the day has, by the curve of the bench's data (VisitTimes): few at night, most at 19:00.</summary>
internal static class DayCurve
{
    public const int PeakHour = 19;

    private static readonly double Mean = Enumerable.Range(0, 24).Average(Height);

    /// <summary>The hour's visits as a multiple of the mean hour's.</summary>
    public static double Of(int hour) => Height(hour) / Mean;

    private static double Height(int hour) => 0.15 + (0.85 * Math.Pow((1 + Math.Cos((hour - PeakHour) / 24.0 * 2 * Math.PI)) / 2, 1.5));
}
