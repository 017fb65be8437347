using Bioscope.Core;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>What a creator sees before the first visit: what to do next.</summary>
internal static class Start
{
    public static Html Render(View view, LiveVisits live) => Html.Of($"""
        <div class="hero"><div class="lead"><h1>Nobody has been here yet.</h1><p>Three steps, and this page tells you where your visitors come from.</p></div>
        <section class="live" id="live" aria-label="Live" data-live="/dashboard/live" data-first>{Live.Render(live, view.Language)}</section></div>
        {NotCounted.Render(view)}
        <ol class="steps">
        <li><h2>Put links on your page</h2>{LinksStep(view)}</li>
        <li><h2>Share its address</h2>{AddressStep(view)}</li>
        <li><h2>Count your other sites</h2>
        <p>A shop or a blog: <a href="/dashboard/sites">say which site it is</a>, and put this line into its HTML.</p>
        {Copy("Copy the line", SitesPage.Snippet(view.Origin, view.Page.Id))}</li>
        </ol>

        """);

    private static Html LinksStep(View view)
    {
        var count = view.Page.Links.Count(link => link.Active && OutboundUrl.IsAllowed(link.Url));
        return count > 0
            ? Html.Of($"""<p class="done">{view.Number(count)} {(count == 1 ? "link is" : "links are")} on your page.</p>""")
            : Html.Of($"""<p>Your shop, your newest video, your other profiles: paste an address, and it is there.</p><p><a class="go" href="{LinksPage.Path}">Add your links</a></p>""");
    }

    private static Html AddressStep(View view) => view.Page.Handle is { } handle
        ? Html.Of(
            $"""<p>In your profile on Instagram, TikTok, YouTube, and wherever people find you. Visits are counted automatically; your own, in this browser, are not.</p>{Copy("Copy the address", $"{view.Origin}/@{handle}")}""")
        : Html.Of($"""<p>Your page has no address yet. <a href="{EditorPage.Path}">Choose one</a></p>""");

    private static Html Copy(string label, string text) =>
        Html.Of(
            $"""<div class="copy"><code tabindex="0">{text}</code><button type="button" data-copy hidden aria-label="{label}">Copy</button></div>""");
}
