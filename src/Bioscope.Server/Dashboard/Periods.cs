using Bioscope.Engine.Counting;

namespace Bioscope.Server.Dashboard;

/// <summary>A period that can be chosen.</summary>
/// <param name="Range">The range.</param>
/// <param name="Label">Its name, with its unit.</param>
/// <param name="Phrase">The words within a sentence: <c>in the last 30 days</c>.</param>
internal sealed record Periods(NamedRange Range, Func<PeriodWords, string> Label, Func<PeriodWords, string> Phrase)
{
    /// <summary>How many of them are always visible.</summary>
    public const int AtOnce = 4;

    /// <summary>All periods in display order.</summary>
    public static IReadOnlyList<Periods> All { get; } =
    [
        new(NamedRange.Today, texts => texts.Today, texts => texts.OnToday),
        new(NamedRange.Last7Days, texts => texts.Days(7), texts => texts.InDays(7)),
        new(NamedRange.Last30Days, texts => texts.Days(30), texts => texts.InDays(30)),
        new(NamedRange.Last90Days, texts => texts.Days(90), texts => texts.InDays(90)),
        new(NamedRange.Yesterday, texts => texts.Yesterday, texts => texts.OnYesterday),
        new(NamedRange.Last24Hours, texts => texts.Hours(24), texts => texts.InHours(24)),
        new(NamedRange.Week, texts => texts.ThisWeek, texts => texts.InThisWeek),
        new(NamedRange.Month, texts => texts.ThisMonth, texts => texts.InThisMonth),
        new(NamedRange.LastMonth, texts => texts.LastMonth, texts => texts.InLastMonth),
        new(NamedRange.Year, texts => texts.ThisYear, texts => texts.InThisYear),
        new(NamedRange.LastYear, texts => texts.LastYear, texts => texts.InLastYear),
        new(NamedRange.Last365Days, texts => texts.Days(365), texts => texts.InDays(365)),
        new(NamedRange.All, texts => texts.AllTime, texts => texts.SoFar),
    ];

    /// <summary>The requested period; null for dates.</summary>
    public static Periods? Of(RangeRequest asked) =>
        asked is RangeRequest.Named { Name: var name } ? All.Single(period => period.Range == name) : null;
}
