using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Json;
using Bioscope.Server.Api.Keys;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>/dashboard/keys</c>: the page's API keys; forms make and remove them, with the rules of <see cref="KeyRoutes"/>. A key's text is on
/// the page that answers its form, and nowhere else. Only the owner sees it.
/// </summary>
internal static class KeysPage
{
    public const string Path = "/dashboard/keys";

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            await WriteAsync(http, desk, "", null, null);
        }
    }

    /// <summary>Answers with the key instead of a redirect, because an address must not contain it.</summary>
    public static async Task AddAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form || await Desk.OfCallerAsync(http) is not { } desk)
        {
            return;
        }

        var (key, refusal) = http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form)
            ? await AddAsync(http, desk.Page.Id, form)
            : (null, FormGuard.NotOurs);
        if (refusal is not null)
        {
            http.Response.StatusCode = refusal.Status;
        }

        await WriteAsync(
            http, desk, refusal is null ? "" : form["name"].ToString(), key, refusal is null ? null : Problems.Of(desk.Words, refusal));
    }

    public static Task RemoveAsync(HttpContext http) => PostedChange.AnswerAsync(
        http,
        async (desk, _) =>
        {
            // Removed already is as good.
            if (Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id))
            {
                await KeyRoutes.RemoveAsync(http, desk.Page.Id, id);
            }

            return (null, Path);
        },
        (desk, _, problem) => WriteAsync(http, desk, "", null, problem));

    private static async Task<(NewPageKey? Key, ApiError? Refusal)> AddAsync(HttpContext http, Guid page, IFormCollection form)
    {
        var json = new JsonObject { ["name"] = form["name"].ToString() };
        using var body = JsonBody.Parse(Encoding.UTF8.GetBytes(json.ToJsonString())).Body!;
        var name = KeyRoutes.NameIn(body);
        return JsonRequest.Refusal(body) is { } refusal ? (null, refusal) : await KeyRoutes.AddAsync(http, page, name);
    }

    private static async Task WriteAsync(HttpContext http, Desk desk, string name, NewPageKey? made, string? problem)
    {
        var services = http.RequestServices;
        var keys = await services.GetRequiredService<ApiKeys>().ReadAsync(desk.Page.Id, http.RequestAborted);
        var formField = services.GetRequiredService<FormGuard>().FieldFor(http);
        var (words, form) = (new KeysWords(desk.Words), new FormWords(desk.Words));
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), words.Title(desk.Name), Html.Of($"""
            {PageTop.Render(desk, formField, Path)}
            <main id="main" class="all-rows placements">
            <p class="back"><a href="{AccountPage.Path}">{new SecondFactorWords(desk.Words).BackToAccount}</a></p>
            <h1>{words.Heading}</h1>
            <p class="note">{words.What}</p>
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{form.NotSaved(problem)}</p>"""))}
            {(made is null ? Html.Nothing : Made(words, form, made))}
            <section class="block" aria-labelledby="add-title"><header><h2 id="add-title">{words.AddTitle}</h2></header>
            <div class="zone"><form method="post" action="{Path}">{formField}<label>{words.Name} <input name="name" required maxlength="{ApiKey.MaxNameLength}" autocomplete="off" value="{name}"></label><button>{words.Make}</button></form></div>
            <p class="note">{words.Reads}</p></section>
            <section class="block" aria-labelledby="keys-title"><header><h2 id="keys-title">{words.ListTitle}</h2></header>
            {(keys.Count == 0 ? Html.Of($"""<p class="none">{words.None}</p>""") : Html.Of($"""<ul class="placed">{keys.Select(key => Row(desk, words, key, formField))}</ul>"""))}
            <p class="note">{words.How(Html.Of($"""<code dir="ltr">Authorization: Bearer {KeyText.Prefix}…</code>"""), Html.Of($"""<a href="/docs">{words.Api}</a>"""))}</p></section>
            </main>

            """));
    }

    private static Html Made(KeysWords words, FormWords form, NewPageKey key) => Html.Of($"""
        <section class="block" aria-labelledby="made-title"><header><h2 id="made-title">{words.MadeTitle}</h2></header>
        <p role="status">{words.MadeWhat}</p>
        <div class="copy"><code tabindex="0" dir="ltr">{key.Key}</code><button type="button" data-copy hidden aria-label="{words.CopyKey}">{form.Copy}</button></div></section>
        """);

    private static Html Row(Desk desk, KeysWords words, ApiKey key, Html formField)
    {
        var name = ShownText.Of(key.Name);
        return Html.Of($"""
            <li data-key="{key.Id}"><h3><bdi>{name}</bdi> <small>{(key.Scope == KeyScope.Read ? words.ScopeRead : words.ScopeIngest)}</small></h3>
            <p class="note">{Times(desk, words, key)}</p>
            <form method="post" action="{Path}/{key.Id}">{formField}<button class="quiet" aria-label="{words.RevokeOf(name)}">{words.Revoke}</button></form></li>
            """);
    }

    private static string Times(Desk desk, KeysWords words, ApiKey key) => key.UsedAt is { } used
        ? words.MadeUsed(desk.At(key.CreatedAt), desk.At(used))
        : words.MadeUnused(desk.At(key.CreatedAt));
}
