namespace Bioscope.Core;

/// <summary>
/// A part of a report's window, from its start (inclusive) to its end (exclusive; null if open), read from rollups of one grain or,
/// without a grain, from raw rows.
/// </summary>
public readonly record struct WindowPart(Grain? Grain, DateTimeOffset From, DateTimeOffset? To);

/// <summary>
/// Splits the window of a report, <c>[since, ∞)</c>, into a raw edge, whole hours to the end of the day, whole days to the end of the
/// month, months, and a raw tail. The bucket that contains the watermark is sealed only up to the watermark, so that end needs no cut.
/// The parts cover the window in order; none is empty; at most two are raw, and there is at most one of each grain.
/// </summary>
public static class WindowCut
{
    /// <param name="since">Where the window starts, to the millisecond.</param>
    /// <param name="watermark">Rows before it are in rollups; null when none are.</param>
    public static IReadOnlyList<WindowPart> Cut(DateTimeOffset since, DateTimeOffset? watermark)
    {
        var parts = new List<WindowPart>(5);
        var from = since;
        if (watermark is { } sealedUntil)
        {
            Add(null, Grain.Hour.Ceiling(since));
            Add(Grain.Hour, Grain.Day.Ceiling(since));
            Add(Grain.Day, Grain.Month.Ceiling(since));
            Add(Grain.Month, sealedUntil);

            void Add(Grain? grain, DateTimeOffset to)
            {
                to = to < sealedUntil ? to : sealedUntil;
                if (from < to)
                {
                    parts.Add(new WindowPart(grain, from, to));
                    from = to;
                }
            }
        }

        parts.Add(new WindowPart(null, from, null));
        return parts;
    }
}
