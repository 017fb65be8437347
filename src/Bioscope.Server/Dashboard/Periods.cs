using Bioscope.Engine.Counting;

namespace Bioscope.Server.Dashboard;

/// <summary>A period that can be chosen.</summary>
/// <param name="Range">The range.</param>
/// <param name="Label">Its name, with its unit.</param>
/// <param name="Words">The words that follow "Nobody came by": <c>in the last 30 days</c>.</param>
internal sealed record Periods(NamedRange Range, string Label, string Words)
{
    /// <summary>How many of them are always visible.</summary>
    public const int AtOnce = 4;

    /// <summary>All periods in display order.</summary>
    public static IReadOnlyList<Periods> All { get; } =
    [
        new(NamedRange.Today, "Today", "today"),
        new(NamedRange.Last7Days, "7 days", "in the last 7 days"),
        new(NamedRange.Last30Days, "30 days", "in the last 30 days"),
        new(NamedRange.Last90Days, "90 days", "in the last 90 days"),
        new(NamedRange.Yesterday, "Yesterday", "yesterday"),
        new(NamedRange.Last24Hours, "24 hours", "in the last 24 hours"),
        new(NamedRange.Week, "This week", "this week"),
        new(NamedRange.Month, "This month", "this month"),
        new(NamedRange.LastMonth, "Last month", "last month"),
        new(NamedRange.Year, "This year", "this year"),
        new(NamedRange.LastYear, "Last year", "last year"),
        new(NamedRange.Last365Days, "365 days", "in the last 365 days"),
        new(NamedRange.All, "All time", "so far"),
    ];

    /// <summary>The requested period; null for dates.</summary>
    public static Periods? Of(RangeRequest asked) =>
        asked is RangeRequest.Named { Name: var name } ? All.Single(period => period.Range == name) : null;
}
