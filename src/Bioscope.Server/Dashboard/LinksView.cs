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

    private static readonly Html GripMark = Html.Trusted(
        """<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M3 5h10M3 8h10M3 11h10"/></svg>""");

    private readonly LinkListWords _words = new(Desk.Words);

    private readonly FormWords _form = new(Desk.Words);

    public Html Render() => Html.Of($"""
        {PageTop.Render(Desk, FormField, LinksPage.Path)}
        <main id="main" class="all-rows placements">
        <h1>{_words.Heading}</h1>
        {Notice()}
        <section class="block" aria-label="{_form.Add}">
        <form class="paste" method="post" action="{LinksPage.Path}">{FormField}<label>{_words.Paste} <input name="url" value="{Posted(null, "url", "")}" required maxlength="2048" inputmode="url" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="shop.example"></label><button>{_form.Add}</button></form>
        <details class="zone"><summary>{_words.AddHeading}</summary><form method="post" action="{LinksPage.Path}">{FormField}<input type="hidden" name="heading" value="1"><label>{_words.HeadingText} <input name="title" required maxlength="100" autocomplete="off"></label><button>{_form.Add}</button></form></details></section>
        <section class="block" aria-label="{_words.Links}">
        {(Desk.Page.Links.Count == 0 ? Html.Of($"""<p class="none">{_words.None}</p>""") : Html.Of($"""<ul class="mine" data-order>{Desk.Page.Links.Select(Row)}</ul><p class="sr" role="status" id="moved"></p>"""))}
        <p class="note">{_words.Note(Html.Of($"<b>{Desk.Zone.Id}</b>"), Html.Of($"""<a href="/dashboard">{_words.Dashboard}</a>"""))}</p></section>
        {Restorable()}
        </main>

        """);

    private Html Notice() => Refused is { } refused
        ? Html.Of($"""<p class="problem" role="alert">{_form.NotSaved(refused.Problem)}</p>""")
        : JustDeleted is { } link
            ? Html.Of($"""<div class="problem undo" role="status"><p>{_words.Deleted(Html.Of($"<b><bdi>{TitleOf(link)}</bdi></b>"))}</p>{Restore(link, _words.Undo, _words.UndoOf(TitleOf(link)))}</div>""")
            : Html.Nothing;

    private Html Row(BioLink link)
    {
        var title = TitleOf(link);
        var activity = link.Active
            ? Switch("active", 0, _words.Hide, _words.HideOf(title))
            : Switch("active", 1, _words.Show, _words.ShowOf(title));
        var pin = link.Heading ? Html.Nothing
            : link.Pinned ? Switch("pinned", 0, _words.Unpin, _words.UnpinOf(title))
            : Switch("pinned", 1, _words.Pin, _words.PinOf(title));
        return Html.Of($"""
            <li id="link-{link.Id}" data-link="{link.Id}"{(link.IsShownAt(Now) ? Html.Nothing : Html.Trusted(" class=\"off\""))}><div class="head"><span class="grip" hidden title="{_words.Drag}">{GripMark}</span><h2{(link.Heading ? Html.Trusted(" class=\"part\"") : Html.Nothing)}><bdi>{title}</bdi></h2>{States(link)}</div>
            {(link.Heading ? Html.Nothing : Counts(link))}
            <form class="tools" method="post" action="{LinksPage.Path}/{link.Id}">{FormField}<button name="move" value="up" aria-label="{_words.MoveUp(title)}">{UpMark}</button><button name="move" value="down" aria-label="{_words.MoveDown(title)}">{DownMark}</button>{activity}{pin}<button name="delete" value="1" aria-label="{_words.DeleteOf(title)}">{_words.Delete}</button></form>
            <details class="zone"{(Refused?.Link == link.Id ? Html.Trusted(" open") : Html.Nothing)}><summary aria-label="{_words.EditOf(title)}">{_words.Edit}</summary><form method="post" action="{LinksPage.Path}/{link.Id}">{FormField}{Inputs(link)}<button>{_form.Save}</button></form></details></li>
            """);
    }

    private static Html Switch(string name, int value, string word, string label) =>
        Html.Of($"""<button name="{name}" value="{value}" aria-label="{label}">{word}</button>""");

    private Html Counts(BioLink link)
    {
        var figures = Figures.GetValueOrDefault(link.Id.ToString("D"), NoFigures);
        var (clicks, visitors) = ((long)figures[0], (long)figures[1]);
        var host = DimensionWords.HostOf(link);
        return Html.Of($"""
            <p class="counts"><bdi>{ShownText.Of(host.Length > 0 ? host : link.Url)}</bdi> · {_words.Clicks(clicks, Bold(clicks))} · {_words.Visitors(visitors, Bold(visitors))}</p>
            """);
    }

    private Html Bold(long number) => Html.Of($"<b>{Desk.Number(number)}</b>");

    /// <summary>Why the page does not show it, or not always.</summary>
    private Html States(BioLink link)
    {
        var states = new List<string>();
        if (!link.Heading && DimensionWords.HostOf(link).Length == 0)
        {
            states.Add(_words.NotShown);
        }

        if (!link.Active)
        {
            states.Add(_words.Hidden);
        }

        if (link.Pinned)
        {
            states.Add(_words.Pinned);
        }

        if (link.StartsAt > Now)
        {
            states.Add(_words.From(Time(link.StartsAt.Value)));
        }

        if (link.EndsAt is { } end)
        {
            states.Add(end > Now ? _words.Until(Time(end)) : _words.Ended(Time(end)));
        }

        return Html.Join(states.Select(state => Html.Of($"""<small class="state">{state}</small>""")));
    }

    private Html Inputs(BioLink link) => Html.Of($"""
        <label>{(link.Heading ? _words.HeadingText : _words.LinkTitle)} <input name="title" value="{Posted(link, "title", link.Title)}" required maxlength="100" autocomplete="off"></label>{(link.Heading ? Html.Nothing : Html.Of($"""<label>{_words.Address} <input name="url" value="{Posted(link, "url", link.Url)}" required maxlength="2048" inputmode="url" autocomplete="off" autocapitalize="off" spellcheck="false"></label>"""))}<label>{_words.ShowFrom} <input type="datetime-local" name="startsAt" value="{Posted(link, "startsAt", PostedLink.TextOf(link.StartsAt, Desk.Zone))}"></label><label>{_words.ShowUntil} <input type="datetime-local" name="endsAt" value="{Posted(link, "endsAt", PostedLink.TextOf(link.EndsAt, Desk.Zone))}"></label>
        """);

    private Html Restorable() => Deleted.Count == 0 ? Html.Nothing : Html.Of($"""
        <details class="zone deleted"><summary>{_words.DeletedLately(Desk.Number(Deleted.Count))}</summary>
        <ul>{Deleted.Select(link => Html.Of($"""<li><bdi>{TitleOf(link)}</bdi>{Restore(link, _words.Restore, _words.RestoreOf(TitleOf(link)))}</li>"""))}</ul></details>
        """);

    private Html Restore(BioLink link, string word, string label) => Html.Of($"""
        <form class="tools" method="post" action="{LinksPage.Path}/{link.Id}">{FormField}<button name="restore" value="1" aria-label="{label}">{word}</button></form>
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

    private static Html Arrow(string path) => Html.Trusted(
        $"""<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="{path}"/></svg>""");
}

/// <summary>A form of a link that changed nothing.</summary>
/// <param name="Problem">Why.</param>
/// <param name="Link">The link; null where one was to be added.</param>
/// <param name="Form">What was sent.</param>
internal sealed record RefusedLink(string Problem, Guid? Link, IFormCollection Form);
