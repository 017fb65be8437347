using System.Globalization;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary><c>/dashboard/mails</c>: which mails about her page the creator gets, with the rules of <see cref="MailSubscription"/>.</summary>
internal static class MailsPage
{
    public const string Path = "/dashboard/mails";

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            var chosen = await MailSubscription.ReadAsync(
                http.RequestServices.GetRequiredService<MainDatabase>(), desk.Page.Id, Sessions.UserOf(http)!.Value, http.RequestAborted);
            // Who has chosen nothing yet gets the language that she reads.
            var shown = chosen == MailSubscription.None ? chosen with { Language = desk.Words.Tag } : chosen;
            await WriteAsync(http, desk, shown, http.Request.Query["done"] == "1", null);
        }
    }

    public static Task StoreAsync(HttpContext http) => PostedChange.AnswerAsync(
        http,
        async (desk, form) =>
        {
            if (Read(form) is not { } chosen)
            {
                return (ApiError.Invalid("the numbers must be whole: times from 2 to 100, visits from 1 to 1,000,000"), "");
            }

            if (!Words.All.Any(words => words.Tag == chosen.Language))
            {
                return (ApiError.Invalid("choose a language of the list"), "");
            }

            var services = http.RequestServices;
            await chosen.StoreAsync(
                services.GetRequiredService<MainDatabase>(), desk.Page.Id, Sessions.UserOf(http)!.Value,
                services.GetRequiredService<TimeProvider>().GetUtcNow(), http.RequestAborted);
            return (null, Path + "?done=1");
        },
        (desk, form, problem) => WriteAsync(http, desk, Read(form) ?? Switches(form), false, problem));

    private static MailSubscription Switches(IFormCollection form) => MailSubscription.None with
    {
        Weekly = form["weekly"] == "1",
        Monthly = form["monthly"] == "1",
        Spikes = form["spikes"] == "1",
        Drops = form["drops"] == "1",
        Language = form["language"].ToString() is { Length: > 0 } language ? language : MailSubscription.None.Language,
    };

    private static MailSubscription? Read(IFormCollection form) =>
        NumberOf(form, "times", MailSubscription.MinTimes, MailSubscription.MaxTimes) is { } times
            && NumberOf(form, "minVisits", 1, MailSubscription.MaxMinVisits) is { } visits
            ? Switches(form) with { Times = times, MinVisits = visits }
            : null;

    private static int? NumberOf(IFormCollection form, string field, int min, int max) =>
        int.TryParse(form[field].ToString().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : null;

    private static async Task WriteAsync(HttpContext http, Desk desk, MailSubscription chosen, bool isDone, string? problem)
    {
        var services = http.RequestServices;
        var formField = services.GetRequiredService<FormGuard>().FieldFor(http);
        var email = await services.GetRequiredService<EmailAddress>().OfUserAsync(Sessions.UserOf(http)!.Value, http.RequestAborted);
        var (words, form) = (new MailsWords(desk.Words), new FormWords(desk.Words));
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), words.Title(desk.Name), Html.Of($"""
            {PageTop.Render(desk, formField, Path)}
            <main id="main" class="all-rows placements">
            <p class="back"><a href="/dashboard">{form.BackToDashboard}</a></p>
            <h1>{words.Heading}</h1>
            {(isDone ? Html.Of($"""<p class="said" role="status">{form.Saved}</p>""") : Html.Nothing)}
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{form.NotSaved(problem)}</p>"""))}
            {Where(words, email, services.GetRequiredService<Mailer>().IsSet)}
            <form method="post" action="{Path}" class="mails">{formField}
            <section class="block" aria-labelledby="reports-title"><header><h2 id="reports-title">{words.Reports}</h2></header>
            <div class="facts">
            {Choice("weekly", chosen.Weekly, words.EveryMonday, words.WeekWhat)}
            {Choice("monthly", chosen.Monthly, words.EveryMonth, words.MonthWhat)}
            </div>
            <p class="note">{words.AtEight(Html.Of($"<bdi>{desk.Zone.Id}</bdi>"))}</p></section>
            <section class="block" aria-labelledby="alerts-title"><header><h2 id="alerts-title">{words.Alerts}</h2></header>
            <div class="facts">
            {Choice("spikes", chosen.Spikes, words.Spikes, words.SpikesWhat)}
            {Choice("drops", chosen.Drops, words.Drops, words.DropsWhat)}
            </div>
            <p class="numbers"><label>{words.SpikeTimes(Number("times", MailSubscription.MinTimes, MailSubscription.MaxTimes, chosen.Times))}</label> <label>{words.SpikeLeast(Number("minVisits", 1, MailSubscription.MaxMinVisits, chosen.MinVisits))}</label></p>
            <p class="note">{words.Usual}</p></section>
            <p class="numbers"><label>{words.Language} <select name="language">{Words.All.Select(language => Language(language, chosen.Language))}</select></label></p>
            <p><button class="go">{form.Save}</button></p></form>
            {(desk.MayEdit ? Html.Of($"""<p class="note">{words.WebhooksToo(Html.Of($"""<a href="{Webhooks.WebhooksPage.Path}">{words.Webhooks}</a>"""))}</p>""") : Html.Nothing)}
            </main>

            """));
    }

    private static Html Number(string name, int min, int max, int value) =>
        Html.Of($"""<input name="{name}" type="number" inputmode="numeric" min="{min}" max="{max}" required value="{value}">""");

    private static Html Language(Words language, string chosen) => Html.Of(
        $"""<option value="{language.Tag}" lang="{language.Tag}"{(language.Tag == chosen ? Html.Trusted(" selected") : Html.Nothing)}>{new LanguageWords(language).Name}</option>""");

    private static Html Where(MailsWords words, OwnEmail? email, bool sendsMail) => (email, sendsMail) switch
    {
        (_, false) => Html.Of($"""<p class="problem">{words.NoMail}</p>"""),
        (null, _) => Html.Of($"""<p class="problem">{words.NoAddress}</p>"""),
        ({ IsConfirmed: false }, _) => Html.Of($"""<p class="problem">{words.Unconfirmed(Account(words.Confirm), Html.Of($"<bdi>{email.Email}</bdi>"))}</p>"""),
        _ => Html.Of($"""<p class="note">{words.GoTo(Html.Of($"<b><bdi>{email.Email}</bdi></b>"), Account(words.OtherAddress))}</p>"""),
    };

    private static Html Account(string text) => Html.Of($"""<a href="{AccountPage.Path}">{text}</a>""");

    private static Html Choice(string name, bool isChosen, string title, string text) => Html.Of($"""
        <label><input type="checkbox" name="{name}" value="1"{(isChosen ? Html.Trusted(" checked") : Html.Nothing)}><span><b>{title}</b><br>{text}</span></label>
        """);
}
