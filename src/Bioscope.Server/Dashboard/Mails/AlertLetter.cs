using System.Text.Json.Nodes;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
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
        var words = Words.Named(receiver.Chosen.Language);
        var sources = TopValues.Of(Source, answers[0].Answer, new DimensionWords(words), []).Rows.Take(3)
            .Select(row => $"{row.Name} ({words.Language.Number(row.Visits)})").ToList();
        return sources.Count == 0 ? "" : new AlertLetterWords(words).ComeFrom(string.Join(", ", sources));
    }

    private Letter Of(BioPage page, MailReceiver receiver, Alert alert, string sources)
    {
        var (settings, words) = (services.GetRequiredService<Settings>(), Words.Named(receiver.Chosen.Language));
        var (language, texts, report) = (words.Language, new AlertLetterWords(words), new ReportLetterWords(words));
        var name = Desk.NameOf(page, words);
        var (from, to) = (language.Time(alert.Hour.TimeOfDay.ToTimeOnly()), language.Time(alert.Hour.PlusHours(1).TimeOfDay.ToTimeOnly()));
        var visits = report.Visits(alert.Visits);
        var title = kind == Spike ? texts.Spike(visits, from) : alert.Visits == 0 ? texts.DropNone(from, to) : texts.Drop(visits, from, to);
        var usual = texts.Usual(language.Number(alert.Usual, 0));
        var advice = kind == Spike ? sources : texts.Broken;
        var (url, unsubscribe) = (
            $"{settings.PublicUrl}/dashboard?range=today", services.GetRequiredService<UnsubscribeLinks>().UrlOf(receiver.Page, receiver.User, kind));
        var mails = $"{settings.PublicUrl}{MailsPage.Path}";
        return new Letter(
            words,
            receiver.Email,
            texts.Subject(name, title),
            $"""
            {texts.Sentence(texts.Subject(name, title))}
            {usual}
            {advice}

            {texts.Today(url)}

            {texts.Why}
            {report.StopAt(unsubscribe)}
            {report.ChooseAt(mails)}

            """,
            Html.Of($"""
                <p class="pale" style="margin:0 0 4px;font-size:13px;color:#5c616c"><bdi>{name}</bdi></p>
                {LetterHtml.Title(Html.Of($"{texts.Sentence(title)}"))}
                {LetterHtml.Paragraph(Html.Of($"{usual} {advice}"))}
                {LetterHtml.Button(url, texts.SeeToday)}
                {LetterHtml.Note(Html.Of($"{texts.Why} {report.StopOrChoose(LetterHtml.Link(unsubscribe, report.Stop), LetterHtml.Link(mails, report.Choose))}"))}
                """))
        {
            UnsubscribeUrl = unsubscribe,
        };
    }
}
