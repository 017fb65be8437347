using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;
using NodaTime.Text;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>Writes the weekly or the monthly report. It is about a page that was visited in the period, or in the one before.</summary>
internal sealed class ReportLetter(string kind, IServiceProvider services) : ILetterKind
{
    // What fits on a phone without scrolling far.
    private const int MaxRows = 5;

    public string Kind => kind;

    private string PublicUrl => services.GetRequiredService<Settings>().PublicUrl!;

    public async Task<Letter?> ComposeAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var data = JsonNode.Parse(message.Data)!;
        var (page, user) = (Guid.Parse((string)data["page"]!), Guid.Parse((string)data["user"]!));
        var period = ReportPeriod.Of(kind, LocalDatePattern.Iso.Parse((string)data["first"]!).Value);
        var receiver = await MailSubscription.ReceiverAsync(services.GetRequiredService<MainDatabase>(), page, user, cancellationToken);
        if (receiver is null || !(kind == ReportPeriod.Weekly ? receiver.Chosen.Weekly : receiver.Chosen.Monthly)
            || await Report.ReadAsync(
                services, page, period, receiver.Zone, new DimensionWords(Words.Named(receiver.Chosen.Language)), cancellationToken) is not { } report
            || report is { Totals.Visits: 0, Totals.Views: 0, Before: null or { Visits: 0, Views: 0 } })
        {
            return null;
        }

        return Of(report, receiver, services.GetRequiredService<UnsubscribeLinks>().UrlOf(page, user, kind));
    }

    private Letter Of(Report report, MailReceiver receiver, string unsubscribe)
    {
        var words = Words.Named(receiver.Chosen.Language);
        var (texts, said) = (new ReportLetterWords(words), new ReportText(report, words));
        var (from, until) = (LocalDatePattern.Iso.Format(report.Period.First), LocalDatePattern.Iso.Format(report.Period.Last));
        var all = $"{PublicUrl}/dashboard?from={from}&until={until}";
        var mails = $"{PublicUrl}{MailsPage.Path}";
        var chooseOthers = texts.StopOrChoose(LetterHtml.Link(unsubscribe, texts.Stop), LetterHtml.Link(mails, texts.Choose));
        return new Letter(words, receiver.Email, said.Subject, TextOf(texts, said, all, unsubscribe, mails), Html.Of($"""
            <p class="pale" style="margin:0 0 4px;font-size:13px;color:#5c616c"><bdi>{said.Name}</bdi>, {said.Days}</p>
            {LetterHtml.Title(Html.Of($"{said.Headline}"))}
            {(said.Best is { } best ? LetterHtml.Paragraph(Html.Of($"{best}")) : Html.Nothing)}
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr>{said.Figures.Select(Figure)}</tr></table>
            {List(texts.Sources, report.Sources, words, said, report.Totals.Visits)}
            {List(texts.Links, report.Links, words, said, report.Totals.Clicks)}
            {LetterHtml.Button(all, texts.SeeAll)}
            {LetterHtml.Note(Html.Of($"{said.Why} {chooseOthers}"))}
            """))
        {
            UnsubscribeUrl = unsubscribe,
        };
    }

    private static Html Figure((string Name, string Value, string? Change) figure) => Html.Of($"""
        <td valign="top" width="25%" style="padding:0 2px 16px"><span class="pale" style="font-size:13px;color:#5c616c">{figure.Name}</span><br><b style="font-size:20px">{figure.Value}</b>{(figure.Change is null ? Html.Nothing : Html.Of($"""<br><span class="pale" style="font-size:13px;color:#5c616c">{figure.Change}</span>"""))}</td>
        """);

    private static Html List(string title, IReadOnlyList<ReportRow> rows, Words words, ReportText said, long total) => rows.Count == 0 ? Html.Nothing : Html.Of($"""
        <h2 class="ink" style="margin:12px 0 6px;font-size:16px;color:#1b1d22">{title}</h2>
        <table width="100%" cellpadding="0" cellspacing="0">{rows.Take(MaxRows).Select(row => Row(row, words, said, rows[0].Count, total))}</table>
        """);

    // The bar is a table too: its filled part is a cell.
    private static Html Row(ReportRow row, Words words, ReportText said, long most, long total)
    {
        var width = Math.Max(1, (int)(100 * row.Count / most));
        return Html.Of($"""
            <tr><td width="100%" valign="top" style="padding:6px 0"><bdi>{row.Name}</bdi><table role="presentation" class="track" width="100%" cellpadding="0" cellspacing="0" style="background:#e6e7ec;border-radius:3px"><tr><td width="{width}%" height="5" style="font-size:0;line-height:0;height:5px;background:#4a68e0;border-radius:3px">&nbsp;</td><td style="font-size:0;line-height:0">&nbsp;</td></tr></table></td>
            <td align="{(words.Direction == "rtl" ? "left" : "right")}" valign="top" style="padding:6px 0;padding-inline-start:12px;white-space:nowrap"><b>{said.Number(row.Count)}</b> <span class="pale" style="font-size:13px;color:#5c616c">{said.Percent(row.Count, total)}</span><br><span class="pale" style="font-size:13px;color:#5c616c">{said.Change(row.Count, row.Before)}</span></td></tr>
            """);
    }

    private static string TextOf(ReportLetterWords texts, ReportText said, string all, string unsubscribe, string mails)
    {
        var text = new StringBuilder();
        text.AppendLine($"{said.Name}, {said.Days}").AppendLine().AppendLine(said.Headline);
        if (said.Best is { } best)
        {
            text.AppendLine(best);
        }

        text.AppendLine();
        foreach (var (name, value, change) in said.Figures)
        {
            text.AppendLine($"{name}: {value}{(change is null ? "" : $" ({change})")}");
        }

        Append(texts.Sources, said.Report.Sources);
        Append(texts.Links, said.Report.Links);
        text.AppendLine().AppendLine(texts.AllFigures(all)).AppendLine().AppendLine(said.Why)
            .AppendLine(texts.StopAt(unsubscribe)).AppendLine(texts.ChooseAt(mails));
        return text.ToString();

        void Append(string title, IReadOnlyList<ReportRow> rows)
        {
            if (rows.Count > 0)
            {
                text.AppendLine().AppendLine(title);
            }

            foreach (var row in rows.Take(MaxRows))
            {
                text.AppendLine($"- {row.Name}: {said.Number(row.Count)}{(said.Change(row.Count, row.Before) is { Length: > 0 } change ? $" ({change})" : "")}");
            }
        }
    }
}
