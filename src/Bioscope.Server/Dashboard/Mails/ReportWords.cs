using Bioscope.Core;
using NodaTime;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>The sentences of a report.</summary>
internal sealed class ReportWords(Report report, Language language)
{
    public Report Report => report;

    private bool IsWeek => report.Period.Kind == ReportPeriod.Weekly;

    /// <summary>The days that it is about.</summary>
    public string Days => $"{Day(report.Period.First)} to {Day(report.Period.Last)} {report.Period.Last.Year}";

    /// <summary>The subject: the main result already.</summary>
    public string Subject => $"{report.Name}: {Visits(report.Totals.Visits)} {Period}";

    /// <summary>The main result with its change.</summary>
    public string Headline
    {
        get
        {
            var (now, before) = (report.Totals.Visits, report.Before?.Visits);
            var visits = now == 0 ? $"Nobody came by {Period}" : $"{Visits(now)} {Period}";
            return before switch
            {
                null => $"{visits}.",
                0 => now == 0 ? $"{visits}." : $"{visits}, after none {PeriodBefore}.",
                _ when now == before => $"{visits}, as many as {PeriodBefore}.",
                { } earlier => $"{visits}, {Percent(Math.Abs(now - earlier), earlier)} {(now > earlier ? "more" : "fewer")} than {PeriodBefore}.",
            };
        }
    }

    /// <summary>The known source with the most visits; null where there is none, or two have as many.</summary>
    public string? Best => report.Sources.Where(row => row.Name != DimensionWords.English.Direct).Take(2).ToArray() switch
    {
        [var best] => Sentence(best),
        [var best, var second] when second.Count < best.Count => Sentence(best),
        _ => null,
    };

    /// <summary>The headline figures, each with its change.</summary>
    public IReadOnlyList<(string Name, string Value, string? Change)> Figures
    {
        get
        {
            var (now, before) = (report.Totals, report.Before);
            return
            [
                ("Views", Number(now.Views), ChangeOrNull(now.Views, before?.Views)),
                ("Visitors", Number(now.Visitors), ChangeOrNull(now.Visitors, before?.Visitors)),
                ("Clicks", Number(now.Clicks), ChangeOrNull(now.Clicks, before?.Clicks)),
                ("Click rate", language.Percent(now.ClickRate, 1), before is null ? null : $"{language.Percent(before.ClickRate, 1)} before"),
            ];
        }
    }

    /// <summary>Why the reader gets this mail.</summary>
    public string Why => IsWeek ? "You get this every Monday because you asked for it." : "You get this every month because you asked for it.";

    public string Number(long number) => language.Number(number);

    public string Percent(long part, long whole) => language.Percent(Percentage.Of(part, whole));

    /// <summary>How a count has changed; empty where there is nothing to compare with.</summary>
    public string Change(long now, long? before) => ChangeOrNull(now, before) ?? "";

    private string Period => IsWeek ? "last week" : "last month";

    private string PeriodBefore => IsWeek ? "the week before" : "the month before";

    private static string Sentence(ReportRow best) => $"{best.Name} sent the most.";

    private string? ChangeOrNull(long now, long? before) => before switch
    {
        null => null,
        0 => now == 0 ? "as before" : "new",
        { } earlier when earlier == now => "as before",
        { } earlier => $"{(now > earlier ? "▲" : "▼")} {Percent(Math.Abs(now - earlier), earlier)}",
    };

    private string Visits(long count) => count == 1 ? "1 visit" : $"{Number(count)} visits";

    private string Day(LocalDate day) => language.Day(day.ToDateOnly());
}
