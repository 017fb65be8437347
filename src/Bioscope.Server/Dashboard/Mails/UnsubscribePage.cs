using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.BioPages;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>
/// <c>/dashboard/unsubscribe/{kind}/{token}</c>: GET shows a button, because programs that check mail open links too; POST ends these mails,
/// from that button or from a mail program (RFC 8058), which has no cookies. Nobody has to sign in for it.
/// </summary>
internal static class UnsubscribePage
{
    private static readonly Dictionary<string, (string Name, Func<MailSubscription, MailSubscription> Without)> Kinds = new(StringComparer.Ordinal)
    {
        [ReportPeriod.Weekly] = ("the weekly report", chosen => chosen with { Weekly = false }),
        [ReportPeriod.Monthly] = ("the monthly report", chosen => chosen with { Monthly = false }),
        [AlertLetter.Spike] = ("mails about sudden visits", chosen => chosen with { Spikes = false }),
        [AlertLetter.Drop] = ("mails about missing visits", chosen => chosen with { Drops = false }),
    };

    public static Task ShowAsync(HttpContext http) => Of(http) is var (_, _, name, _)
        ? WriteAsync(http, "Stop mails", Html.Of($"""
            <h1>No more of these mails?</h1>
            <p>You will not get {name} any more.</p>
            <form method="post"><button name="List-Unsubscribe" value="One-Click">Stop it</button></form>
            """))
        : NotFoundAsync(http);

    public static async Task AnswerAsync(HttpContext http)
    {
        if (Of(http) is not var (page, user, name, without))
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

        await WriteAsync(http, "Stopped", Html.Of($"""
            <h1>Done.</h1>
            <p>You will not get {name} any more. <a href="{MailsPage.Path}">Choose other mails</a></p>
            """));
    }

    private static (Guid Page, Guid User, string Name, Func<MailSubscription, MailSubscription> Without)? Of(HttpContext http)
    {
        var values = http.Request.RouteValues;
        return values["kind"] is string kind && values["token"] is string token && Kinds.TryGetValue(kind, out var known)
            && http.RequestServices.GetRequiredService<UnsubscribeLinks>().Read(kind, token) is var (page, user)
            ? (page, user, known.Name, known.Without)
            : null;
    }

    private static Task NotFoundAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return WriteAsync(http, "Not found", Html.Of($"""
            <h1>This link is not complete.</h1>
            <p>Open it from the mail once more, or <a href="{MailsPage.Path}">choose your mails</a> after signing in.</p>
            """));
    }

    private static Task WriteAsync(HttpContext http, string title, Html content) => PageFrame.WriteAsync(http, PageColour.All[5], title, Html.Of($"""
        <main id="main" class="door">
        <p class="brand"><i></i>Bioscope</p>
        {content}
        </main>

        """), isSecretAddress: true);
}
