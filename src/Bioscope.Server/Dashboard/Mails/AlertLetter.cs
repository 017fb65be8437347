using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Web;
using NodaTime.Text;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>Writes the mail about an hour with unusually many or few visits.</summary>
internal sealed class AlertLetter(string kind, IServiceProvider services) : ILetterKind
{
    public const string Spike = "spike", Drop = "drop";

    private static readonly Dimension Source = Dimension.Named("source")!;

    public string Kind => kind;

    public async Task<Letter?> ComposeAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var data = JsonNode.Parse(message.Data)!;
        var (page, user) = (Guid.Parse((string)data["page"]!), Guid.Parse((string)data["user"]!));
        var alert = new Alert(
            kind, LocalDateTimePattern.ExtendedIso.Parse((string)data["hour"]!).Value, (long)data["visits"]!, (double)data["usual"]!);
        var main = services.GetRequiredService<MainDatabase>();
        var receiver = await MailSubscription.ReceiverAsync(main, page, user, cancellationToken);
        if (receiver is null || !(kind == Spike ? receiver.Chosen.Spikes : receiver.Chosen.Drops)
            || await BioPage.OfIdAsync(main, page, cancellationToken) is not { } bioPage)
        {
            return null;
        }

        return Of(bioPage, receiver, alert, kind == Spike ? await SourcesAsync(receiver, alert, cancellationToken) : "");
    }

    private async Task<string> SourcesAsync(MailReceiver receiver, Alert alert, CancellationToken cancellationToken)
    {
        var naming = await services.GetRequiredService<PageNaming>().ReadAsync(receiver.Page, cancellationToken);
        var range = new RangeRequest.Instants(AlertCheck.RangeOf(alert.Hour, receiver.Zone));
        var answers = await services.GetRequiredService<QueryEngine>().AnswerAsync(
            receiver.Page, [Report.Asking(range, [Metric.Visits], [Source])], receiver.Zone, naming, cancellationToken);
        var sources = TopValues.Of(Source, answers[0].Answer, DimensionWords.English, []).Rows.Take(3)
            .Select(row => $"{row.Name} ({Language.Default.Number(row.Visits)})").ToList();
        return sources.Count == 0 ? "" : $"They come from {string.Join(", ", sources)}.";
    }

    private Letter Of(BioPage page, MailReceiver receiver, Alert alert, string sources)
    {
        var (settings, language) = (services.GetRequiredService<Settings>(), Language.Default);
        var name = Desk.NameOf(page);
        var (from, to) = (language.Time(alert.Hour.TimeOfDay.ToTimeOnly()), language.Time(alert.Hour.PlusHours(1).TimeOfDay.ToTimeOnly()));
        var visits = alert.Visits == 1 ? "1 visit" : $"{language.Number(alert.Visits)} visits";
        var title = kind == Spike ? $"{visits} since {from}" : $"{(alert.Visits == 0 ? "No visits" : $"Only {visits}")} from {from} to {to}";
        var usual = $"At this hour {language.Number(alert.Usual, 0)} are usual.";
        var advice = kind == Spike
            ? sources
            : "A link to your page may be broken, or an app may show it no more. Open your page once, from where your visitors come.";
        var (url, unsubscribe) = (
            $"{settings.PublicUrl}/dashboard?range=today", services.GetRequiredService<UnsubscribeLinks>().UrlOf(receiver.Page, receiver.User, kind));
        var mails = $"{settings.PublicUrl}{MailsPage.Path}";
        const string Why = "You get this because you asked for it, at most once a day.";
        return new Letter(
            receiver.Email,
            $"{name}: {title}",
            $"""
            {name}: {title}.
            {usual}
            {advice}

            Figures of today: {url}

            {Why}
            Stop it: {unsubscribe}
            Choose other mails: {mails}

            """,
            Html.Of($"""
                <p class="pale" style="margin:0 0 4px;font-size:13px;color:#5c616c"><bdi>{name}</bdi></p>
                {LetterHtml.Title(Html.Of($"{title}."))}
                {LetterHtml.Paragraph(Html.Of($"{usual} {advice}"))}
                {LetterHtml.Button(url, "See figures of today")}
                {LetterHtml.Note(Html.Of($"{Why} {LetterHtml.Link(unsubscribe, "Stop it")} or {LetterHtml.Link(mails, "choose other mails")}."))}
                """))
        {
            UnsubscribeUrl = unsubscribe,
        };
    }
}
