using Bioscope.Core;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>What a creator sees before the first visit: what to do next.</summary>
internal static class Start
{
    private static readonly Html End = Html.Trusted("</a>");

    public static Html Render(View view, LiveVisits live)
    {
        var texts = new StartWords(view.Words);
        return Html.Of($"""
            <div class="hero"><div class="lead"><h1>{texts.Title}</h1><p>{texts.Steps}</p></div>
            <section class="live" id="live" aria-label="{new LiveWords(view.Words).Name}" data-live="/dashboard/live" data-first>{Live.Render(live, view.Words)}</section></div>
            {NotCounted.Render(view)}
            <ol class="steps">
            <li><h2>{texts.PutLinks}</h2>{LinksStep(view, texts)}</li>
            <li><h2>{texts.ShareAddress}</h2>{AddressStep(view, texts)}</li>
            <li><h2>{texts.CountSites}</h2>
            <p>{texts.SitesText(Html.Trusted("<a href=\"/dashboard/sites\">"), End)}</p>
            {Copy(view, texts.CopyLine, SitesPage.Snippet(view.Origin, view.Page.Id))}</li>
            </ol>

            """);
    }

    private static Html LinksStep(View view, StartWords texts)
    {
        var count = view.Page.Links.Count(link => link.Active && OutboundUrl.IsAllowed(link.Url));
        return count > 0
            ? Html.Of($"""<p class="done">{texts.LinksOnPage(count)}</p>""")
            : Html.Of($"""<p>{texts.NoLinks}</p><p><a class="go" href="{LinksPage.Path}">{texts.AddLinks}</a></p>""");
    }

    private static Html AddressStep(View view, StartWords texts) => view.Page.Handle is { } handle
        ? Html.Of($"""<p>{texts.AddressText}</p>{Copy(view, texts.CopyAddress, $"{view.Origin}/@{handle}")}""")
        : Html.Of($"""<p>{texts.NoAddress(Html.Of($"""<a href="{EditorPage.Path}">"""), End)}</p>""");

    private static Html Copy(View view, string label, string text) => Html.Of(
        $"""<div class="copy"><code tabindex="0" dir="ltr">{text}</code><button type="button" data-copy hidden aria-label="{label}">{new DashboardWords(view.Words).Copy}</button></div>""");
}
