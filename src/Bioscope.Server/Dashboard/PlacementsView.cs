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

    private PlacementsWords Texts => new(Desk.Words);

    public Html Render(Html formField) => Html.Of($"""
        {PageTop.Render(Desk, formField, PlacementsPage.Path)}
        <main id="main" class="all-rows placements">
        <h1>{Texts.Title}</h1>
        <p class="alls"><a class="all" href="{SharedPage.Path}">{Texts.ShareFigures}</a> <a class="all" href="/dashboard/sites">{Texts.CountSites}</a></p>
        <p class="note">{Texts.Meaning}</p>
        {(Problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{new FormWords(Desk.Words).NotSaved(Problem)}</p>"""))}
        {(Address is null ? Html.Of($"""<p class="none">{Texts.NoAddress(Html.Of($"""<a href="{EditorPage.Path}">"""), Html.Trusted("</a>"))}</p>""") : Filled(formField, Address))}
        </main>

        """);

    /// <summary>The address of a placement link.</summary>
    public static string AddressOf(string page, string slug) => $"{page}/{slug}";

    private Html Filled(Html formField, string page) => Html.Of($"""
        <section class="block" aria-labelledby="add-title"><header><h2 id="add-title">{Texts.AddPlace}</h2></header>
        <div class="places">{Usual().Select(place => OneTap(place, formField))}</div>
        <details class="zone"><summary>{Texts.AnotherPlace}</summary><form method="post" action="/dashboard/placements">{formField}{Inputs("", "", "")}<button>{Texts.Add}</button></form></details></section>
        <section class="block" aria-labelledby="list-title"><header><h2 id="list-title">{Texts.YourLinks}</h2></header>
        {(Placements.Count == 0 ? Html.Of($"""<p class="none">{Texts.NoneYet}</p>""") : Html.Of($"""<ul class="placed">{Placements.Select(placement => Row(placement, page, formField))}</ul>"""))}</section>
        """);

    private IEnumerable<UsualPlace> Usual() => UsualPlace.All.Where(place => Placements.All(placement => placement.Slug != place.Slug));

    private Html OneTap(UsualPlace place, Html formField) => Html.Of($"""
        <form method="post" action="/dashboard/placements">{formField}<input type="hidden" name="slug" value="{place.Slug}"><input type="hidden" name="source" value="{place.Source}"><input type="hidden" name="label" value="{place.Label(Texts)}"><button>{place.Label(Texts)}</button></form>
        """);

    private Html Row(BioPlacement placement, string page, Html formField)
    {
        var figures = Figures.GetValueOrDefault(placement.Id.ToString("D"), NoFigures);
        var label = ShownText.Of(placement.Label);
        var address = AddressOf(page, placement.Slug);
        var metrics = new MetricWords(Desk.Words);
        var counts = Texts.In30Days(
            metrics.VisitCount((long)figures[0], Bold(figures[0])), metrics.VisitorCount((long)figures[1], Bold(figures[1])),
            metrics.ClickCount((long)figures[2], Bold(figures[2])), Html.Trusted("<small>"), Html.Trusted("</small>"));
        return Html.Of($"""
            <li data-placement="{placement.Slug}"><h3><bdi>{label}</bdi> <small><bdi>{ShownText.Of(placement.Source)}</bdi></small></h3>
            <p class="counts">{counts}</p>
            <div class="copy"><code tabindex="0" dir="ltr">{address}</code><button type="button" data-copy hidden aria-label="{Texts.CopyAddress(label)}">{new DashboardWords(Desk.Words).Copy}</button></div>
            <details><summary>{Texts.QrCode}</summary>{QrCode.Svg(address, Texts.QrCodeOf(address))}<p class="note"><a href="/dashboard/placements/{placement.Id}.svg" download="{placement.Slug}.svg">{Texts.Download}</a></p></details>
            <details class="zone"><summary>{Texts.Change}</summary><form method="post" action="/dashboard/placements/{placement.Id}">{formField}{Inputs(placement.Slug, placement.Source, placement.Label)}<button>{Texts.Save}</button><button name="remove" value="1" formnovalidate>{Texts.Remove}</button></form>
            <p class="note">{Texts.ChangeMeaning}</p></details></li>
            """);
    }

    private Html Bold(double number) => Html.Of($"<b>{Desk.Number((long)number)}</b>");

    private Html Inputs(string slug, string source, string label) => Html.Of($"""
        <label>{Texts.Name} <input name="label" value="{label}" required maxlength="100" autocomplete="off"></label><label>{Texts.Source} <input name="source" value="{source}" required maxlength="100" autocomplete="off" placeholder="Instagram"></label><label>{Texts.Slug} <input name="slug" value="{slug}" required maxlength="40" pattern="[a-z0-9_\-]+" dir="ltr" title="{Texts.SlugForm}" autocomplete="off" autocapitalize="off" spellcheck="false"></label>
        """);
}
