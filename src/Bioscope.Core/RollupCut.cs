namespace Bioscope.Core;

/// <summary>
/// Where rollups of each grain begin to answer a window without an end: whole hours up to the end of the day, whole days up to the end of the
/// month, then months. Before the first hour there is an edge of less than an hour, which is read from raw rows.
/// </summary>
/// <param name="Hours">The start of the first hour.</param>
/// <param name="Days">The start of the first day; not before <paramref name="Hours"/>.</param>
/// <param name="Months">The start of the first month; not before <paramref name="Days"/>.</param>
public readonly record struct RollupCut(DateTimeOffset Hours, DateTimeOffset Days, DateTimeOffset Months)
{
    /// <summary>Cuts a window.</summary>
    /// <param name="since">The window's start, to the millisecond.</param>
    /// <param name="watermark">
    /// Rows before it are in rollups. The bucket that contains it is sealed up to it, so that end needs no cut: what begins at it is empty.
    /// </param>
    public static RollupCut Of(DateTimeOffset since, DateTimeOffset watermark)
    {
        return new RollupCut(Start(Grain.Hour), Start(Grain.Day), Start(Grain.Month));

        DateTimeOffset Start(Grain grain) => grain.Ceiling(since) is var start && start < watermark ? start : watermark;
    }
}
