using System.Globalization;
using Bioscope.Core;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Tracking;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.BioPages;

/// <summary>
/// A bio page as HTML: plain anchors that work without JavaScript, nothing from other servers, and what the tracker looks for: its own
/// element with <c>data-page</c>, <c>data-token</c> and <c>data-placement</c>, <c>data-link</c> on the anchors, and, all hidden until the
/// tracker shows them, the consent banner or the button that refuses, and the note to the owner. The page is the same for all visitors
/// with the same language, so that shared caches can keep it.
/// </summary>
internal static class BioPageHtml
{
    private static readonly Html ListStart = Html.Trusted("<ul lang=\"\">\n"), ListEnd = Html.Trusted("</ul>\n");
    private static readonly Html Filled = Html.Trusted(" class=\"on\"");

    /// <param name="page">Its content.</param>
    /// <param name="style">Its look.</param>
    /// <param name="address">Its own address.</param>
    /// <param name="token">The current tracking token.</param>
    /// <param name="anonymous">Whether visits are counted without asking, and without storing anything in the browser.</param>
    /// <param name="placement">The slug of the placement link by which the visitor came, if it was one.</param>
    /// <param name="now">The time, for links that are shown from or until one.</param>
    /// <param name="words">The language of all but the creator's texts.</param>
    public static Html Render(
        BioPage page, BioPageStyle style, string address, string token, bool anonymous, string? placement, DateTimeOffset now, Words words)
    {
        var parts = BioPageParts.In(words);
        var name = NameOf(page, parts);
        var about = page.Description is null ? parts.Text.AllLinksOf(name) : page.Description.ReplaceLineEndings(" ");
        return Html.Of($"""
            {Head(page, style, parts)}
            <meta name="description" content="{about}">
            <link rel="canonical" href="{address}">
            <meta property="og:type" content="profile">
            <meta property="og:title" content="{name}">
            <meta property="og:description" content="{about}">
            <meta property="og:url" content="{address}">
            <meta property="profile:username" content="{page.Handle}">
            {(page.Avatar is null ? Html.Nothing : Html.Of($"<meta property=\"og:image\" content=\"{address}/{AvatarEndpoint.NameOf(page.Avatar, AvatarImage.LargeSize)}\">\n"))}            <meta name="twitter:card" content="summary">
            <script defer src="{Tracker.Url}" data-page="{page.Id}" data-token="{token}" data-consent="{(anonymous ? "anonymous" : "ask")}"{Placement(placement)}></script>
            </head>
            <body>
            {parts.OwnerNotes}
            {Content(page, page.Avatar is null ? null : $"/@{page.Handle}/{AvatarEndpoint.NameOf(page.Avatar, AvatarImage.LargeSize)}", now, parts)}{(anonymous ? parts.AnonymousFoot : parts.ConsentFoot)}
            </body>
            </html>

            """);
    }

    /// <summary>The page for its creator's eyes only: nothing is counted, and its links cannot be pressed.</summary>
    public static Html Preview(BioPage page, BioPageStyle style, AvatarImage? avatar, DateTimeOffset now, Words words)
    {
        var parts = BioPageParts.In(words);
        return Html.Of($"""
            {Head(page, style, parts)}
            </head>
            <body inert>
            {Content(page, avatar?.LargeAsUrl, now, parts)}
            </body>
            </html>

            """);
    }

    private static string NameOf(BioPage page, BioPageParts parts) =>
        page.Title ?? (page.Handle is null ? parts.Text.YourPage : "@" + page.Handle);

    private static Html Head(BioPage page, BioPageStyle style, BioPageParts parts) => Html.Of($"""
        {parts.DocumentStart}
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">
        <title>{(page.Title is null || page.Handle is null ? NameOf(page, parts) : $"{page.Title} (@{page.Handle})")}</title>
        <meta name="theme-color" content="{style.Light}" media="(prefers-color-scheme:light)">
        <meta name="theme-color" content="{style.Dark}" media="(prefers-color-scheme:dark)">
        <link rel="icon" href="{Html.Trusted(style.Icon)}">
        <style>{Html.Trusted(style.Css)}</style>
        """);

    private static Html Content(BioPage page, string? picture, DateTimeOffset now, BioPageParts parts) => Html.Of($"""
        <main dir="auto">
        <header lang="">
        {(picture is null
            ? Html.Of($"<span class=\"face\" aria-hidden=\"true\">{Initials(page.Title ?? page.Handle ?? "")}</span>")
            : Html.Of($"<img class=\"face\" src=\"{picture}\" width=\"76\" height=\"76\" alt=\"\">"))}
        <h1>{NameOf(page, parts)}</h1>
        {Introduction(page)}</header>
        {Links(page, now, parts)}</main>

        """);

    private static Html Placement(string? slug) => slug is null ? Html.Trusted("") : Html.Of($" data-placement=\"{slug}\"");

    // The parts of a page are appended to it one by one: joining them first would cost memory for each visitor.
    private static IEnumerable<Html> Introduction(BioPage page)
    {
        if (page is { Title: not null, Handle: not null })
        {
            yield return Html.Of($"<p class=\"at\"><bdi>@{page.Handle}</bdi></p>\n");
        }

        if (page.Description is not null)
        {
            yield return Html.Of($"<p class=\"about\" dir=\"auto\">{page.Description}</p>\n");
        }

        if (page.Icons is { } icons)
        {
            yield return Html.Of($"<p class=\"icons\">{icons.Where(OutboundUrl.IsAllowed).Select(Icon)}</p>\n");
        }
    }

    private static Html Icon(string address)
    {
        var name = PastedAddress.TitleOf(address);
        var tile = SourceName.Named(name)?.Mark is { } mark ? SourceIcons.Tile(mark) : null;
        return Html.Of($"""
            <a href="{address}" rel="noopener me" aria-label="{name}">{(tile is null
                ? Html.Of($"<span class=\"tile\">{Initials(name)[..1]}</span>")
                : Html.Trusted($"<svg class=\"tile\" viewBox=\"0 0 48 48\" aria-hidden=\"true\">{tile}</svg>"))}</a>
            """);
    }

    private static IEnumerable<Html> Links(BioPage page, DateTimeOffset now, BioPageParts parts)
    {
        // Imported links may contain anything; only web addresses become anchors.
        var shown = page.Links.Where(link => link.IsShownAt(now) && (link.Heading || OutboundUrl.IsAllowed(link.Url))).ToList();
        var filled = shown.Find(link => link.Pinned) ?? shown.Find(link => !link.Heading);
        if (filled is null)
        {
            yield return parts.NoLinks;
            yield break;
        }

        yield return parts.NavigationStart;
        var isOpen = false;
        for (var i = 0; i < shown.Count; i++)
        {
            if (shown[i].Heading)
            {
                // A heading whose links are all hidden is hidden too.
                if (i + 1 < shown.Count && !shown[i + 1].Heading)
                {
                    yield return Html.Of($"{(isOpen ? ListEnd : Html.Nothing)}<h2 lang=\"\"><bdi>{shown[i].Title}</bdi></h2>\n");
                    isOpen = false;
                }

                continue;
            }

            yield return Html.Of($"{(isOpen ? Html.Nothing : ListStart)}{Link(shown[i], shown[i] == filled)}");
            isOpen = true;
        }

        yield return Html.Trusted("</ul>\n</nav>\n");
    }

    private static Html Link(BioLink link, bool isFilled)
    {
        var host = OutboundUrl.HostOf(link.Url);
        var title = string.IsNullOrWhiteSpace(link.Title) ? host : link.Title;
        return Html.Of($"""
            <li{(isFilled ? Filled : Html.Nothing)}><a href="{link.Url}" rel="noopener" data-link="{link.Id}"><span><b><bdi>{title}</bdi></b><small>{host}</small></span></a></li>

            """);
    }

    /// <summary>
    /// The initials in place of a picture: the first character of the first and of the last word in scripts with capitals, otherwise of
    /// the first word only, because other scripts join their letters or need only one.
    /// </summary>
    internal static string Initials(string name)
    {
        var words = name.Split([' ', '.', '_', '-', '\u00A0'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length == 0)
        {
            return "•";
        }

        var first = StringInfo.GetNextTextElement(words[0]).ToUpperInvariant();
        var last = StringInfo.GetNextTextElement(words[^1]).ToUpperInvariant();
        return words.Length > 1 && char.IsUpper(first[0]) && char.IsUpper(last[0]) ? first + last : first;
    }
}
