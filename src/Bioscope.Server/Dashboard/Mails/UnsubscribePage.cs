using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>
/// <c>/dashboard/unsubscribe/{kind}/{token}</c>: GET shows a button, because programs that check mail open links too; POST ends these mails,
/// from that button or from a mail program (RFC 8058), which has no cookies. Nobody has to sign in for it.
/// </summary>
internal static class UnsubscribePage
{
    private static readonly Dictionary<string, (Func<MailsWords, string> Says, Func<MailSubscription, MailSubscription> Without)> Kinds =
        new(StringComparer.Ordinal)
        {
            [ReportPeriod.Weekly] = (words => words.Weekly, chosen => chosen with { Weekly = false }),
            [ReportPeriod.Monthly] = (words => words.Monthly, chosen => chosen with { Monthly = false }),
            [AlertLetter.Spike] = (words => words.SpikesEnd, chosen => chosen with { Spikes = false }),
            [AlertLetter.Drop] = (words => words.DropsEnd, chosen => chosen with { Drops = false }),
        };

    public static Task ShowAsync(HttpContext http)
    {
        var words = WordsOf(http);
        return Of(http) is var (_, _, says, _)
            ? WriteAsync(http, words.StopTitle, Html.Of($"""
                <h1>{words.StopHeading}</h1>
                <p>{says(words)}</p>
                <form method="post"><button name="List-Unsubscribe" value="One-Click">{words.Stop}</button></form>
                """))
            : NotFoundAsync(http);
    }

    public static async Task AnswerAsync(HttpContext http)
    {
        if (Of(http) is not var (page, user, says, without))
        {
            await NotFoundAsync(http);
            return;
        }

        var services = http.RequestServices;
        var main = services.GetRequiredService<MainDatabase>();
        var chosen = await MailSubscription.ReadAsync(main, page, user, http.RequestAborted);
        if (without(chosen) is var fewer && fewer != chosen)
        {
            await fewer.StoreAsync(main, page, user, services.GetRequiredService<TimeProvider>().GetUtcNow(), http.RequestAborted);
        }

        var words = WordsOf(http);
        await WriteAsync(http, words.Stopped, Html.Of($"""
            <h1>{words.Done}</h1>
            <p>{says(words)} <a href="{MailsPage.Path}">{words.ChooseOthers}</a></p>
            """));
    }

    private static (Guid Page, Guid User, Func<MailsWords, string> Says, Func<MailSubscription, MailSubscription> Without)? Of(HttpContext http)
    {
        var values = http.Request.RouteValues;
        return values["kind"] is string kind && values["token"] is string token && Kinds.TryGetValue(kind, out var known)
            && http.RequestServices.GetRequiredService<UnsubscribeLinks>().Read(kind, token) is var (page, user)
            ? (page, user, known.Says, known.Without)
            : null;
    }

    private static Task NotFoundAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        var words = WordsOf(http);
        return WriteAsync(http, words.NotFound, Html.Of($"""
            <h1>{words.Incomplete}</h1>
            <p>{words.OpenAgain(Html.Of($"""<a href="{MailsPage.Path}">{words.Choose}</a>"""))}</p>
            """));
    }

    private static MailsWords WordsOf(HttpContext http) => new(Words.Of(http));

    private static Task WriteAsync(HttpContext http, string title, Html content) => PageFrame.WriteDoorAsync(http, title, content, isSecretAddress: true);
}
