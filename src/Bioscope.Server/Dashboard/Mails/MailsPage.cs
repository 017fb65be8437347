using System.Globalization;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Mail;
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
            await WriteAsync(http, desk, chosen, http.Request.Query["done"] == "1", null);
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
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), $"{desk.Name}: mails", Html.Of($"""
            {PageTop.Render(desk, formField, Path)}
            <main id="main" class="all-rows placements">
            <p class="back"><a href="/dashboard">Back to the dashboard</a></p>
            <h1>Mails about your page</h1>
            {(isDone ? Html.Of($"""<p class="said" role="status">Saved.</p>""") : Html.Nothing)}
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">Not saved: {problem}.</p>"""))}
            {Where(email, services.GetRequiredService<Mailer>().IsSet)}
            <form method="post" action="{Path}" class="mails">{formField}
            <section class="block" aria-labelledby="reports-title"><header><h2 id="reports-title">Reports</h2></header>
            <div class="facts">
            {Choice("weekly", chosen.Weekly, "Every Monday", "the week, where visitors came from and what they clicked")}
            {Choice("monthly", chosen.Monthly, "Every first day of a month", "the same for the month")}
            </div>
            <p class="note">At eight in the morning in {desk.Zone.Id}, the time zone of your figures.</p></section>
            <section class="block" aria-labelledby="alerts-title"><header><h2 id="alerts-title">When something happens</h2></header>
            <div class="facts">
            {Choice("spikes", chosen.Spikes, "Sudden visits", "within minutes, so that you can be there")}
            {Choice("drops", chosen.Drops, "Missing visits", "after an hour: a link may be broken")}
            </div>
            <p class="numbers"><label>A spike has <input name="times" type="number" inputmode="numeric" min="{MailSubscription.MinTimes}" max="{MailSubscription.MaxTimes}" required value="{chosen.Times}"> times the usual visits</label> <label>and at least <input name="minVisits" type="number" inputmode="numeric" min="1" max="{MailSubscription.MaxMinVisits}" required value="{chosen.MinVisits}"> of them in an hour.</label></p>
            <p class="note">Usual is the average of the same hour on the same day in the four weeks before. A drop has at most that part of it. One mail of each kind a day.</p></section>
            <p><button class="go">Save</button></p></form>
            {(desk.MayEdit ? Html.Of($"""<p class="note">Programs can be told the same: <a href="{Webhooks.WebhooksPage.Path}">webhooks</a>.</p>""") : Html.Nothing)}
            </main>

            """));
    }

    private static Html Where(OwnEmail? email, bool sendsMail) => (email, sendsMail) switch
    {
        (_, false) => Html.Of($"""<p class="problem">This server sends no mail yet: its operator has to set a mail server. What you choose is kept.</p>"""),
        (null, _) => Html.Of($"""<p class="problem">Your account has no e-mail address here, so no mail can be sent.</p>"""),
        ({ IsConfirmed: false }, _) => Html.Of($"""<p class="problem">Nothing is sent before you <a href="{AccountPage.Path}">confirm your address</a>, <bdi>{email.Email}</bdi>.</p>"""),
        _ => Html.Of($"""<p class="note">They go to <b><bdi>{email.Email}</bdi></b>. <a href="{AccountPage.Path}">Use another address</a></p>"""),
    };

    private static Html Choice(string name, bool isChosen, string title, string text) => Html.Of($"""
        <label><input type="checkbox" name="{name}" value="1"{(isChosen ? Html.Trusted(" checked") : Html.Nothing)}><span><b>{title}</b><br>{text}</span></label>
        """);
}
