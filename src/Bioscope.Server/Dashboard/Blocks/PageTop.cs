using Bioscope.Server.BioPages;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The header of every page: whose page it is, and signing out.</summary>
internal static class PageTop
{
    public static Html Render(Desk desk, Html formField) => Html.Of($"""
        <a class="skip" href="#main">Skip to content</a>
        <header class="top"><span class="face" aria-hidden="true">{BioPageHtml.Initials(ShownText.Of(desk.Page.Title ?? desk.Page.Handle ?? "·"))}</span><p><b><bdi>{desk.Name}</bdi></b>{Address(desk)}</p>
        <a class="quiet" href="/dashboard/placements">Share</a><form method="post" action="/dashboard/sign-out">{formField}<button class="quiet">Sign out</button></form></header>
        """);

    private static Html Address(Desk desk) => desk.Page.Handle is { } handle
        ? Html.Of($"""<a href="/@{handle}"><bdi>{(desk.Page.Title is null ? "Your page" : "@" + handle)}</bdi></a>""")
        : Html.Nothing;
}
