using Bioscope.Server.Api.Bio;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Dashboard.Sharing;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The page of placement links, with its data.</summary>
/// <param name="Desk">Whose page it is.</param>
/// <param name="Placements">Its placement links, oldest first.</param>
/// <param name="Figures">Visits, visitors and clicks of the last 30 days, by the placement link's id.</param>
/// <param name="Address">The address of the page without slug, which visitors open.</param>
/// <param name="Problem">Why the form that was sent changed nothing.</param>
internal sealed record PlacementsView(
    Desk Desk, IReadOnlyList<BioPlacement> Placements, IReadOnlyDictionary<string, IReadOnlyList<double>> Figures, string? Address,
    string? Problem)
{
    private static readonly IReadOnlyList<double> NoFigures = [0, 0, 0];

    public Html Render(Html formField) => Html.Of($"""
        {PageTop.Render(Desk, formField, PlacementsPage.Path)}
        <main id="main" class="all-rows placements">
        <h1>Where you share your page</h1>
        <p class="alls"><a class="all" href="{SharedPage.Path}">Share your figures</a> <a class="all" href="/dashboard/sites">Count your other sites</a></p>
        <p class="note">Many apps hide where a visitor comes from. Use a link of its own in each place, and every visit by it is counted there.</p>
        {(Problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">Not saved: {Problem}.</p>"""))}
        {(Address is null ? Html.Of($"""<p class="none">Your page has no address yet. <a href="{EditorPage.Path}">Choose one</a></p>""") : Filled(formField, Address))}
        </main>

        """);

    /// <summary>The address of a placement link.</summary>
    public static string AddressOf(string page, string slug) => $"{page}/{slug}";

    private Html Filled(Html formField, string page) => Html.Of($"""
        <section class="block" aria-labelledby="add-title"><header><h2 id="add-title">Add a place</h2></header>
        <div class="places">{Usual().Select(place => OneTap(place, formField))}</div>
        <details class="zone"><summary>Another place</summary><form method="post" action="/dashboard/placements">{formField}{Inputs("", "", "")}<button>Add</button></form></details></section>
        <section class="block" aria-labelledby="list-title"><header><h2 id="list-title">Your placement links</h2></header>
        {(Placements.Count == 0 ? Html.Of($"""<p class="none">None yet. Tap a place above to make the first one.</p>""") : Html.Of($"""<ul class="placed">{Placements.Select(placement => Row(placement, page, formField))}</ul>"""))}</section>
        """);

    private IEnumerable<UsualPlace> Usual() => UsualPlace.All.Where(place => Placements.All(placement => placement.Slug != place.Slug));

    private static Html OneTap(UsualPlace place, Html formField) => Html.Of($"""
        <form method="post" action="/dashboard/placements">{formField}<input type="hidden" name="slug" value="{place.Slug}"><input type="hidden" name="source" value="{place.Source}"><input type="hidden" name="label" value="{place.Label}"><button>{place.Label}</button></form>
        """);

    private Html Row(BioPlacement placement, string page, Html formField)
    {
        var figures = Figures.GetValueOrDefault(placement.Id.ToString("D"), NoFigures);
        var label = ShownText.Of(placement.Label);
        return Html.Of($"""
            <li data-placement="{placement.Slug}"><h3><bdi>{label}</bdi> <small><bdi>{ShownText.Of(placement.Source)}</bdi></small></h3>
            <p class="counts">{Count(figures[0], "visit")} · {Count(figures[1], "visitor")} · {Count(figures[2], "click")} <small>in the last 30 days</small></p>
            <div class="copy"><code tabindex="0">{AddressOf(page, placement.Slug)}</code><button type="button" data-copy hidden aria-label="Copy the address of {label}">Copy</button></div>
            <details><summary>QR code</summary>{QrCode.Svg(AddressOf(page, placement.Slug))}<p class="note"><a href="/dashboard/placements/{placement.Id}.svg" download="{placement.Slug}.svg">Download as SVG</a></p></details>
            <details class="zone"><summary>Change or remove</summary><form method="post" action="/dashboard/placements/{placement.Id}">{formField}{Inputs(placement.Slug, placement.Source, placement.Label)}<button>Save</button><button name="remove" value="1" formnovalidate>Remove</button></form>
            <p class="note">Name and source also change for the visits so far. After removal the visits stay, and the address leads to your page.</p></details></li>
            """);
    }

    private Html Count(double number, string what) => Html.Of($"<b>{Desk.Number((long)number)}</b> {what}{(number == 1 ? "" : "s")}");

    private static Html Inputs(string slug, string source, string label) => Html.Of($"""
        <label>Name <input name="label" value="{label}" required maxlength="100" autocomplete="off"></label><label>Source <input name="source" value="{source}" required maxlength="100" autocomplete="off" placeholder="Instagram"></label><label>End of its address <input name="slug" value="{slug}" required maxlength="40" pattern="[a-z0-9_\-]+" title="Letters a-z, digits, - or _" autocomplete="off" autocapitalize="off" spellcheck="false"></label>
        """);
}
