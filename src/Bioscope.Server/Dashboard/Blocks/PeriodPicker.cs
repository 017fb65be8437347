using Bioscope.Engine.Counting;
using Bioscope.Server.Web;
using NodaTime;
using NodaTime.Text;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>
/// The period and the comparison: links and forms that lead to another address and need no script. The most common choices are visible,
/// the others unfold.
/// </summary>
internal static class PeriodPicker
{
    /// <param name="desk">The request.</param>
    /// <param name="path">The path of the page shown for another period.</param>
    /// <param name="more">Further parts of its address.</param>
    public static Html Render(Desk desk, string path, params (string Name, string? Value)[] more)
    {
        var asked = Periods.Of(desk.Address.Range);
        var (first, last) = Days(desk);
        var texts = new PeriodWords(desk.Words);
        var isElsewhere = asked is null || !Periods.All.Take(Periods.AtOnce).Contains(asked);
        return Html.Of($"""
            <nav class="period" aria-label="{texts.Period}"><ul>{Periods.All.Take(Periods.AtOnce).Select(Choice)}<li><details class="other"><summary{Current(isElsewhere)}>{texts.More}</summary>
            <div class="panel"><ul>{Periods.All.Skip(Periods.AtOnce).Select(Choice)}</ul>
            <form action="{path}"><fieldset><legend>{texts.YourDates}</legend><label>{texts.From} <input type="date" name="from" value="{first}" min="{Timeframe.MinYear}-01-01" max="{Today(desk)}" required></label><label>{texts.To} <input type="date" name="until" value="{last}" min="{Timeframe.MinYear}-01-01" max="{Today(desk)}" required></label>{Desk.Hidden([("compare", desk.Address.ComparedField), .. desk.Address.FilterFields, .. more])}<button>{texts.Show}</button></fieldset></form>
            <form action="{path}"><fieldset><legend>{texts.CompareWith}</legend><label><span class="sr">{texts.CompareWith}</span><select name="compare">{Option("previous", texts.PeriodBefore, Compared.Previous)}{Option("lastYear", texts.YearBefore, Compared.LastYear)}{Option("none", texts.Nothing, Compared.None)}</select></label>{Desk.Hidden([.. desk.Address.RangeFields, .. desk.Address.FilterFields, .. more])}<button>{texts.Compare}</button></fieldset></form>
            </div></details></li></ul></nav>

            """);

        Html Choice(Periods period)
        {
            var address = desk.Address with { Range = new RangeRequest.Named(period.Range) };
            return Html.Of($"""<li><a href="{address.To(path, more)}"{Current(period == asked)}>{period.Label(texts)}</a></li>""");
        }

        Html Option(string key, string words, Compared compared) =>
            Html.Of(
                $"""<option value="{key}"{(desk.Address.Compared == compared ? Html.Trusted(" selected") : Html.Nothing)}>{words}</option>""");
    }

    private static Html Current(bool isCurrent) => isCurrent ? Html.Trusted(" aria-current=\"page\"") : Html.Nothing;

    private static string Today(Desk desk) => LocalDatePattern.Iso.Format(desk.Timeframe.Local(desk.Timeframe.Now).Date);

    private static (string First, string Last) Days(Desk desk)
    {
        var (first, last) = desk.Timeframe.Days
            ?? (desk.Timeframe.Local(desk.Timeframe.Range.From).Date, desk.Timeframe.Local(desk.Timeframe.Now).Date);
        // For all time, the first row may be earlier than the years that can be chosen.
        var earliest = new LocalDate(Timeframe.MinYear, 1, 1);
        return (LocalDatePattern.Iso.Format(LocalDate.Max(first, earliest)), LocalDatePattern.Iso.Format(LocalDate.Max(last, earliest)));
    }
}
