using Bioscope.Server.Api.Bio;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The page of links, with its data.</summary>
/// <param name="Desk">Whose page it is.</param>
/// <param name="Figures">Clicks and visitors who clicked, of the last 30 days, by the link's id.</param>
/// <param name="Deleted">The links that can be restored, the last deleted first.</param>
/// <param name="JustDeleted">The one that was deleted a moment ago.</param>
/// <param name="Now">The time, for links that are shown from or until one.</param>
/// <param name="Refused">The form that was sent and changed nothing.</param>
/// <param name="FormField">The hidden field of forms.</param>
internal sealed record LinksView(
    Desk Desk, IReadOnlyDictionary<string, IReadOnlyList<double>> Figures, IReadOnlyList<BioLink> Deleted, BioLink? JustDeleted,
    DateTimeOffset Now, RefusedLink? Refused, Html FormField)
{
    private static readonly IReadOnlyList<double> NoFigures = [0, 0];

    private static readonly Html UpMark = Arrow("M8 13V3M3.5 7.5 8 3l4.5 4.5"), DownMark = Arrow("M8 3v10M3.5 8.5 8 13l4.5-4.5");

    private static readonly Html Grip = Html.Trusted(
        """<span class="grip" hidden title="Drag to move"><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M3 5h10M3 8h10M3 11h10"/></svg></span>""");

    public Html Render() => Html.Of($"""
        {PageTop.Render(Desk, FormField, LinksPage.Path)}
        <main id="main" class="all-rows placements">
        <h1>Your links</h1>
        {Notice()}
        <section class="block" aria-label="Add">
        <form class="paste" method="post" action="{LinksPage.Path}">{FormField}<label>Paste an address <input name="url" value="{Posted(null, "url", "")}" required maxlength="2048" inputmode="url" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="shop.example"></label><button>Add</button></form>
        <details class="zone"><summary>Add a heading</summary><form method="post" action="{LinksPage.Path}">{FormField}<input type="hidden" name="heading" value="1"><label>Heading <input name="title" required maxlength="100" autocomplete="off"></label><button>Add</button></form></details></section>
        <section class="block" aria-label="Links">
        {(Desk.Page.Links.Count == 0 ? Html.Of($"""<p class="none">No links yet. Paste the address of your shop, your video or your profile above.</p>""") : Html.Of($"""<ul class="mine" data-order>{Desk.Page.Links.Select(Row)}</ul><p class="sr" role="status" id="moved"></p>"""))}
        <p class="note">Clicks and visitors are those of the last 30 days. Times are in <b>{Desk.Zone.Id}</b>, which you can change at the foot of the <a href="/dashboard">dashboard</a>. The pinned link is filled with your colour; without one, the first link is.</p></section>
        {Restorable()}
        </main>

        """);

    private Html Notice() => Refused is { } refused
        ? Html.Of($"""<p class="problem" role="alert">Not saved: {refused.Problem}.</p>""")
        : JustDeleted is { } link
            ? Html.Of($"""<div class="problem undo" role="status"><p>Deleted: <b><bdi>{TitleOf(link)}</bdi></b></p>{Restore(link, "Undo")}</div>""")
            : Html.Nothing;

    private Html Row(BioLink link)
    {
        var title = TitleOf(link);
        return Html.Of($"""
            <li id="link-{link.Id}" data-link="{link.Id}"{(link.IsShownAt(Now) ? Html.Nothing : Html.Trusted(" class=\"off\""))}><div class="head">{Grip}<h2{(link.Heading ? Html.Trusted(" class=\"part\"") : Html.Nothing)}><bdi>{title}</bdi></h2>{States(link)}</div>
            {(link.Heading ? Html.Nothing : Counts(link))}
            <form class="tools" method="post" action="{LinksPage.Path}/{link.Id}">{FormField}<button name="move" value="up" aria-label="Move {title} up">{UpMark}</button><button name="move" value="down" aria-label="Move {title} down">{DownMark}</button>{Switch("active", link.Active, "Hide", "Show", title)}{(link.Heading ? Html.Nothing : Switch("pinned", link.Pinned, "Unpin", "Pin", title))}<button name="delete" value="1" aria-label="Delete {title}">Delete</button></form>
            <details class="zone"{(Refused?.Link == link.Id ? Html.Trusted(" open") : Html.Nothing)}><summary aria-label="Edit {title}">Edit</summary><form method="post" action="{LinksPage.Path}/{link.Id}">{FormField}{Inputs(link)}<button>Save</button></form></details></li>
            """);
    }

    private static Html Switch(string name, bool isOn, string off, string on, string title) => Html.Of(
        $"""<button name="{name}" value="{(isOn ? 0 : 1)}" aria-label="{(isOn ? off : on)} {title}">{(isOn ? off : on)}</button>""");

    private Html Counts(BioLink link)
    {
        var figures = Figures.GetValueOrDefault(link.Id.ToString("D"), NoFigures);
        var host = DimensionWords.HostOf(link);
        return Html.Of($"""
            <p class="counts"><bdi>{ShownText.Of(host.Length > 0 ? host : link.Url)}</bdi> · <b>{Desk.Number((long)figures[0])}</b> {Word(figures[0], "click")} · <b>{Desk.Number((long)figures[1])}</b> {Word(figures[1], "visitor")}</p>
            """);
    }

    /// <summary>Why the page does not show it, or not always.</summary>
    private Html States(BioLink link)
    {
        var states = new List<string>();
        if (!link.Heading && DimensionWords.HostOf(link).Length == 0)
        {
            states.Add("Not shown: no web address");
        }

        if (!link.Active)
        {
            states.Add("Hidden");
        }

        if (link.Pinned)
        {
            states.Add("Pinned");
        }

        if (link.StartsAt > Now)
        {
            states.Add("From " + Time(link.StartsAt.Value));
        }

        if (link.EndsAt is { } end)
        {
            states.Add((end > Now ? "Until " : "Ended ") + Time(end));
        }

        return Html.Join(states.Select(state => Html.Of($"""<small class="state">{state}</small>""")));
    }

    private Html Inputs(BioLink link) => Html.Of($"""
        <label>{(link.Heading ? "Heading" : "Title")} <input name="title" value="{Posted(link, "title", link.Title)}" required maxlength="100" autocomplete="off"></label>{(link.Heading ? Html.Nothing : Html.Of($"""<label>Address <input name="url" value="{Posted(link, "url", link.Url)}" required maxlength="2048" inputmode="url" autocomplete="off" autocapitalize="off" spellcheck="false"></label>"""))}<label>Show from <input type="datetime-local" name="startsAt" value="{Posted(link, "startsAt", PostedLink.TextOf(link.StartsAt, Desk.Zone))}"></label><label>Show until <input type="datetime-local" name="endsAt" value="{Posted(link, "endsAt", PostedLink.TextOf(link.EndsAt, Desk.Zone))}"></label>
        """);

    private Html Restorable() => Deleted.Count == 0 ? Html.Nothing : Html.Of($"""
        <details class="zone deleted"><summary>Deleted in the last 30 days: {Desk.Number(Deleted.Count)}</summary>
        <ul>{Deleted.Select(link => Html.Of($"""<li><bdi>{TitleOf(link)}</bdi>{Restore(link, "Restore")}</li>"""))}</ul></details>
        """);

    private Html Restore(BioLink link, string word) => Html.Of($"""
        <form class="tools" method="post" action="{LinksPage.Path}/{link.Id}">{FormField}<button name="restore" value="1" aria-label="{word}: {TitleOf(link)}">{word}</button></form>
        """);

    /// <summary>What was sent and refused, or else what is stored.</summary>
    private string Posted(BioLink? link, string field, string stored) =>
        Refused is { } refused && refused.Link == link?.Id && refused.Form.ContainsKey(field) ? refused.Form[field].ToString() : stored;

    private string Time(DateTimeOffset instant)
    {
        var local = PostedLink.LocalOf(instant, Desk.Zone);
        return $"{Desk.Day(local.Date)}, {Desk.Time(local)}";
    }

    private static string TitleOf(BioLink link) => ShownText.Of(DimensionWords.TitleOf(link));

    private static string Word(double number, string one) => number == 1 ? one : one + "s";

    private static Html Arrow(string path) => Html.Trusted(
        $"""<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="{path}"/></svg>""");
}

/// <summary>A form of a link that changed nothing.</summary>
/// <param name="Problem">Why.</param>
/// <param name="Link">The link; null where one was to be added.</param>
/// <param name="Form">What was sent.</param>
internal sealed record RefusedLink(string Problem, Guid? Link, IFormCollection Form);
