using Bioscope.Core;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>/dashboard/sites</c>: the sites that are counted beside the page, and the line that counts them; forms add and remove them with the
/// rules of <see cref="BioSites"/>.
/// </summary>
internal static class SitesPage
{
    private const string Path = "/dashboard/sites";

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            await WriteAsync(http, desk, problem: null);
        }
    }

    public static Task AddAsync(HttpContext http) => PostAsync(http, async (page, form) =>
    {
        var id = Guid.CreateVersion7(http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        return SiteOrigin.Of(form["origin"]) is { } origin
            ? await BioSites.AddAsync(http, page, new BioSite(id, origin))
            : ApiError.Invalid("the address must be that of a web site, such as shop.example");
    });

    public static Task RemoveAsync(HttpContext http) => PostAsync(http, async (page, _) =>
    {
        // Removed already is as good.
        if (Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id))
        {
            await BioSites.RemoveAsync(http, page, id);
        }

        return null;
    });

    /// <summary>The line that counts a site.</summary>
    public static string Snippet(string origin, Guid page) =>
        $"""<script defer src="{origin}/bioscope.js" data-page="{page:D}" data-consent="ask"></script>""";

    private static Task PostAsync(HttpContext http, Func<Guid, IFormCollection, Task<ApiError?>> change) => PostedChange.AnswerAsync(
        http, async (desk, form) => (await change(desk.Page.Id, form), Path), (desk, _, problem) => WriteAsync(http, desk, problem));

    private static async Task WriteAsync(HttpContext http, Desk desk, string? problem)
    {
        var services = http.RequestServices;
        var sites = await BioSites.ReadAsync(services.GetRequiredService<MainDatabase>(), desk.Page.Id, http.RequestAborted);
        var formField = services.GetRequiredService<FormGuard>().FieldFor(http);
        var (words, form) = (new SitesWords(desk.Words), new FormWords(desk.Words));
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), words.Title(desk.Name), Html.Of($"""
            {PageTop.Render(desk, formField, PlacementsPage.Path)}
            <main id="main" class="all-rows placements">
            <p class="back"><a href="/dashboard">{form.BackToDashboard}</a></p>
            <h1>{words.Heading}</h1>
            <p class="note">{words.What}</p>
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{form.NotSaved(problem)}</p>"""))}
            <section class="block" aria-labelledby="add-title"><header><h2 id="add-title">{words.WhichTitle}</h2></header>
            <div class="zone"><form method="post" action="{Path}">{formField}<label>{words.ItsAddress} <input name="origin" required maxlength="2048" inputmode="url" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="shop.example"></label><button>{form.Add}</button></form></div>
            {(sites.Count == 0 ? Html.Of($"""<p class="none">{words.None}</p>""") : Html.Of($"""<ul class="placed">{sites.Select(site => Row(words, form, site, formField))}</ul>"""))}</section>
            <section class="block" aria-labelledby="line-title"><header><h2 id="line-title">{words.LineTitle}</h2></header>
            <p>{words.LineWhere(Code("</head>"))}</p>
            <div class="copy"><code tabindex="0">{Snippet(ServerUrl.Of(http), desk.Page.Id)}</code><button type="button" data-copy hidden aria-label="{words.CopyLine}">{form.Copy}</button></div>
            <p class="note">{words.Consent(Code("data-consent=\"ask\""), Html.Of($"""<a href="/docs">{words.Banner}</a>"""), Code("bioscope.consent(true)"))}</p></section>
            <section class="block" aria-labelledby="read-title"><header><h2 id="read-title">{words.ReadTitle}</h2></header>
            <p>{words.ReadWhat(Html.Of($"""<a href="/dashboard/rows/page">{words.PagesOfSites}</a>"""))}</p></section>
            </main>

            """));
    }

    private static Html Code(string text) => Html.Of($"""<code dir="ltr">{text}</code>""");

    private static Html Row(SitesWords words, FormWords form, BioSite site, Html formField) => Html.Of($"""
        <li data-site="{site.Id}"><h3><bdi>{ShownText.Of(SiteOrigin.SiteOf(site.Origin))}</bdi> <small><bdi>{site.Origin}</bdi></small></h3>
        <details class="zone"><summary>{form.Remove}</summary><form method="post" action="{Path}/{site.Id}">{formField}<button>{form.Remove}</button></form>
        <p class="note">{words.AfterRemoval}</p></details></li>
        """);
}
