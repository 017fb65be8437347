using Bioscope.Core;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Webhooks;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Dashboard.Mails;
using Bioscope.Server.Web;
using NodaTime;

namespace Bioscope.Server.Dashboard.Webhooks;

/// <summary>
/// <c>/dashboard/webhooks</c>: the page's webhooks with their secrets and last attempts; forms add, try and remove them, with the rules of
/// <see cref="WebhookRoutes"/>.
/// </summary>
internal static class WebhooksPage
{
    public const string Path = "/dashboard/webhooks";

    // What fits on a phone; the API lists all that are kept.
    private const int MaxDeliveries = 10;

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            await WriteAsync(http, desk, "", Webhook.All, null);
        }
    }

    public static Task AddAsync(HttpContext http) => PostedChange.AnswerAsync(
        http,
        async (desk, form) =>
        {
            var (url, events) = Read(form);
            var refusal = url.Length == 0 || WebhookRoutes.ProblemOf(url) is not null
                ? ApiError.Invalid("the address must be a web address, such as https://hooks.example/bioscope")
                : events.Count == 0 ? ApiError.Invalid("choose at least one event")
                : await WebhookRoutes.AddAsync(
                    http, desk.Page.Id, new Webhook(
                        Guid.CreateVersion7(http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()), url, events));
            return (refusal, Path);
        },
        (desk, form, problem) => WriteAsync(http, desk, form["url"].ToString(), Read(form).Events, problem));

    public static Task ChangeAsync(HttpContext http) => PostedChange.AnswerAsync(
        http,
        async (desk, form) =>
        {
            // Removed already is as good.
            if (Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id))
            {
                await (form["do"] == "test"
                    ? WebhookRoutes.TestAsync(http, desk.Page.Id, id)
                    : Webhook.RemoveAsync(http.RequestServices.GetRequiredService<MainDatabase>(), desk.Page.Id, id, http.RequestAborted));
            }

            return (null, Path);
        },
        (desk, _, problem) => WriteAsync(http, desk, "", Webhook.All, problem));

    private static (string Url, IReadOnlyList<string> Events) Read(IFormCollection form) =>
        (PastedAddress.Complete(form["url"].ToString()), [.. Webhook.All.Where(name => form["event"].Contains(name))]);

    private static async Task WriteAsync(HttpContext http, Desk desk, string url, IReadOnlyList<string> events, string? problem)
    {
        var services = http.RequestServices;
        var main = services.GetRequiredService<MainDatabase>();
        var webhooks = await Webhook.ReadAsync(main, desk.Page.Id, http.RequestAborted);
        var formField = services.GetRequiredService<FormGuard>().FieldFor(http);
        var (words, form) = (new WebhooksWords(desk.Words), new FormWords(desk.Words));
        List<Html> rows = [];
        foreach (var webhook in webhooks)
        {
            rows.Add(Row(
                desk, words, webhook, services.GetRequiredService<WebhookSigner>().SecretOf(webhook.Id),
                await WebhookDelivery.ReadAsync(main, webhook.Id, http.RequestAborted), formField));
        }

        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), words.Title(desk.Name), Html.Of($"""
            {PageTop.Render(desk, formField, Path)}
            <main id="main" class="all-rows placements">
            <p class="back"><a href="{MailsPage.Path}">{words.BackToMails}</a></p>
            <h1>{words.Heading}</h1>
            <p class="note">{words.What}</p>
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{form.NotSaved(problem)}</p>"""))}
            {(rows.Count == 0 ? Html.Nothing : Html.Of($"""<ul class="placed">{Html.Join(rows)}</ul>"""))}
            <section class="block" aria-labelledby="add-title"><header><h2 id="add-title">{words.AddTitle}</h2></header>
            <form method="post" action="{Path}" class="mails">{formField}
            <p class="numbers"><label>{words.Address} <input class="wide" name="url" required maxlength="2048" inputmode="url" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="https://hooks.example/bioscope" value="{url}"></label></p>
            <fieldset class="facts"><legend>{words.Events}</legend>{Webhook.All.Select(name => Html.Of($"""<label><input type="checkbox" name="event" value="{name}"{(events.Contains(name) ? Html.Trusted(" checked") : Html.Nothing)}><span>{NameOf(words, name)}<br><small>{name}</small></span></label>"""))}</fieldset>
            <p><button class="go">{form.Add}</button></p></form>
            <p class="note">{words.Note(Html.Of($"""<a href="{MailsPage.Path}">{words.Mails}</a>"""), Html.Trusted("""<a href="https://www.standardwebhooks.com/" rel="noopener">Standard Webhooks</a>"""))}</p></section>
            </main>

            """));
    }

    private static string NameOf(WebhooksWords words, string name) => name switch
    {
        Webhook.Weekly => words.Weekly,
        Webhook.Monthly => words.Monthly,
        Webhook.Spike => words.Spike,
        Webhook.Drop => words.Drop,
        Webhook.Test => words.Test,
        _ => name,
    };

    private static Html Row(Desk desk, WebhooksWords words, Webhook webhook, string secret, List<WebhookDelivery> deliveries, Html formField) => Html.Of($"""
        <li data-webhook="{webhook.Id}"><h2><bdi>{ShownText.Of(webhook.Url)}</bdi></h2>
        <p class="note">{string.Join(", ", webhook.Events.Select(name => NameOf(words, name)))}</p>
        <details class="zone"><summary>{words.Secret}</summary><div class="copy"><code tabindex="0">{secret}</code><button type="button" data-copy hidden aria-label="{words.CopySecret}">{new FormWords(desk.Words).Copy}</button></div></details>
        {(deliveries.Count == 0 ? Html.Of($"""<p class="note">{words.NothingSent}</p>""") : Html.Of($"""<details class="zone"><summary>{words.LastAttempts}</summary><ul>{deliveries.Take(MaxDeliveries).Select(delivery => Attempt(desk, words, delivery))}</ul></details>"""))}
        <form method="post" action="{Path}/{webhook.Id}">{formField}<button name="do" value="test">{words.SendTest}</button> <button class="quiet" name="do" value="remove">{new FormWords(desk.Words).Remove}</button></form></li>
        """);

    private static Html Attempt(Desk desk, WebhooksWords words, WebhookDelivery delivery)
    {
        var local = ZonedDateTime.FromDateTimeOffset(delivery.At).WithZone(desk.Zone).LocalDateTime;
        var (time, name) = ($"{desk.Day(local.Date)}, {desk.Time(local)}", NameOf(words, delivery.Event));
        var outcome = delivery.Problem is null
            ? Html.Of($"<b>{words.Arrived}</b>")
            : Html.Of($"""<b class="bad">{words.Failed}</b>, {Problems.Of(desk.Words, delivery.Problem)}""");
        return Html.Of($"""
            <li>{(delivery.Attempt > 1 ? words.LaterAttempt(time, name, desk.Number(delivery.Attempt), outcome) : words.FirstAttempt(time, name, outcome))}</li>
            """);
    }
}
