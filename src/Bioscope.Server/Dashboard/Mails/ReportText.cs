using System.Globalization;
using Bioscope.Core;
using Bioscope.Server.Translations;
using NodaTime;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>The sentences of a report.</summary>
internal sealed class ReportText(Report report, Words words)
{
    private readonly ReportLetterWords _texts = new(words);

    public Report Report => report;

    /// <summary>The display name of the page.</summary>
    public string Name => Desk.NameOf(report.Page, words);

    private bool IsWeek => report.Period.Kind == ReportPeriod.Weekly;

    private Language Language => words.Language;

    /// <summary>The days that it is about.</summary>
    public string Days => _texts.Days(
        Day(report.Period.First), Day(report.Period.Last), report.Period.Last.Year.ToString(CultureInfo.InvariantCulture));

    /// <summary>The subject: the main result already.</summary>
    public string Subject => IsWeek
        ? _texts.SubjectWeek(Name, _texts.Visits(report.Totals.Visits))
        : _texts.SubjectMonth(Name, _texts.Visits(report.Totals.Visits));

    /// <summary>The main result with its change.</summary>
    public string Headline
    {
        get
        {
            var (now, before) = (report.Totals.Visits, report.Before?.Visits);
            var visits = _texts.Visits(now);
            var percent = before is > 0 ? Percent(Math.Abs(now - before.Value), before.Value) : "";
            return (now, before, IsWeek) switch
            {
                (0, _, true) => _texts.NobodyWeek,
                (0, _, false) => _texts.NobodyMonth,
                (_, null, true) => _texts.Week(visits),
                (_, null, false) => _texts.Month(visits),
                (_, 0, true) => _texts.WeekAfterNone(visits),
                (_, 0, false) => _texts.MonthAfterNone(visits),
                (_, _, true) when now == before => _texts.WeekSame(visits),
                (_, _, false) when now == before => _texts.MonthSame(visits),
                (_, _, true) => now > before ? _texts.WeekMore(visits, percent) : _texts.WeekFewer(visits, percent),
                (_, _, false) => now > before ? _texts.MonthMore(visits, percent) : _texts.MonthFewer(visits, percent),
            };
        }
    }

    /// <summary>The known source with the most visits; null where there is none, or two have as many.</summary>
    public string? Best => report.Sources.Where(row => row.Name != new DimensionWords(words).Direct).Take(2).ToArray() switch
    {
        [var best] => _texts.Best(best.Name),
        [var best, var second] when second.Count < best.Count => _texts.Best(best.Name),
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
                (_texts.Views, Number(now.Views), ChangeOrNull(now.Views, before?.Views)),
                (_texts.Visitors, Number(now.Visitors), ChangeOrNull(now.Visitors, before?.Visitors)),
                (_texts.Clicks, Number(now.Clicks), ChangeOrNull(now.Clicks, before?.Clicks)),
                (_texts.ClickRate, Language.Percent(now.ClickRate, 1),
                    before is null ? null : _texts.RateBefore(Language.Percent(before.ClickRate, 1))),
            ];
        }
    }

    /// <summary>Why the reader gets this mail.</summary>
    public string Why => IsWeek ? _texts.WhyWeek : _texts.WhyMonth;

    public string Number(long number) => Language.Number(number);

    public string Percent(long part, long whole) => Language.Percent(Percentage.Of(part, whole));

    /// <summary>How a count has changed; empty where there is nothing to compare with.</summary>
    public string Change(long now, long? before) => ChangeOrNull(now, before) ?? "";

    private string? ChangeOrNull(long now, long? before) => before switch
    {
        null => null,
        0 => now == 0 ? _texts.AsBefore : _texts.New,
        { } earlier when earlier == now => _texts.AsBefore,
        { } earlier => $"{(now > earlier ? "▲" : "▼")} {Percent(Math.Abs(now - earlier), earlier)}",
    };

    private string Day(LocalDate day) => Language.Day(day.ToDateOnly());
}
