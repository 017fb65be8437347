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
        await PageFrame.WriteAsync(
            http, PageColour.Of(desk.Page.Id), $"{desk.Name}: sites", Html.Of($"""
            {PageTop.Render(desk, formField, PlacementsPage.Path)}
            <main id="main" class="all-rows placements">
            <p class="back"><a href="/dashboard">Back to the dashboard</a></p>
            <h1>Your other sites</h1>
            <p class="note">Count a shop, a blog or any other site of yours together with your page. Say which site it is, and put one line into it.</p>
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">Not saved: {problem}.</p>"""))}
            <section class="block" aria-labelledby="add-title"><header><h2 id="add-title">1. Say which site</h2></header>
            <div class="zone"><form method="post" action="{Path}">{formField}<label>Its address <input name="origin" required maxlength="2048" inputmode="url" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="shop.example"></label><button>Add</button></form></div>
            {(sites.Count == 0 ? Html.Of($"""<p class="none">None yet.</p>""") : Html.Of($"""<ul class="placed">{sites.Select(site => Row(site, formField))}</ul>"""))}</section>
            <section class="block" aria-labelledby="line-title"><header><h2 id="line-title">2. Put this line into it</h2></header>
            <p>Into the HTML of each of its pages, before <code>&lt;/head&gt;</code>. It is the same line for all your sites.</p>
            <div class="copy"><code tabindex="0">{Snippet(ServerUrl.Of(http), desk.Page.Id)}</code><button type="button" data-copy hidden aria-label="Copy the line">Copy</button></div>
            <p class="note">With <code>data-consent="ask"</code> nothing is counted before a visitor agrees: the site needs a <a href="/docs">banner</a>, or calls <code>bioscope.consent(true)</code> from its own.</p></section>
            <section class="block" aria-labelledby="read-title"><header><h2 id="read-title">3. Read its figures</h2></header>
            <p>Visits of your sites are in all your figures. <a href="/dashboard/rows/page">Pages of your sites</a> tells on which page each visit began.</p></section>
            </main>

            """));
    }

    private static Html Row(BioSite site, Html formField) => Html.Of($"""
        <li data-site="{site.Id}"><h3><bdi>{ShownText.Of(SiteOrigin.SiteOf(site.Origin))}</bdi> <small>{site.Origin}</small></h3>
        <details class="zone"><summary>Remove</summary><form method="post" action="{Path}/{site.Id}">{formField}<button>Remove</button></form>
        <p class="note">Its visits so far stay in your figures; later ones are not counted.</p></details></li>
        """);
}
