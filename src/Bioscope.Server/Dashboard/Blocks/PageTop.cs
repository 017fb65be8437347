using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Team;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The header of every page: whose page it is, signing out, and the pages of the dashboard.</summary>
internal static class PageTop
{
    private static readonly (string Path, string Name)[] Pages =
    [
        (Dashboard.Address.Dashboard, "Figures"),
        (EditorPage.Path, "Your page"),
        (LinksPage.Path, "Your links"),
        (PlacementsPage.Path, "Share"),
    ];

    /// <param name="desk">Whose page it is.</param>
    /// <param name="formField">The hidden field of forms.</param>
    /// <param name="current">The path of the page that is shown, or to which it belongs.</param>
    public static Html Render(Desk desk, Html formField, string current) => Html.Of($"""
        <a class="skip" href="#main">Skip to content</a>
        <header class="top"><span class="face" aria-hidden="true">{BioPageHtml.Initials(ShownText.Of(desk.Page.Title ?? desk.Page.Handle ?? "·"))}</span><p><b><bdi>{desk.Name}</bdi></b>{Address(desk)}</p>
        <form method="post" action="/dashboard/sign-out">{formField}<button class="quiet">Sign out</button></form></header>
        <nav class="pages" aria-label="Dashboard"><ul>{PagesOf(desk).Select(page => Html.Of($"""<li><a href="{page.Path}"{(page.Path == current ? Html.Trusted(" aria-current=\"page\"") : Html.Nothing)}>{page.Name}</a></li>"""))}</ul></nav>
        """);

    private static IEnumerable<(string Path, string Name)> PagesOf(Desk desk) =>
        (desk.MayEdit ? Pages : Pages.Take(1)).Concat(desk.HasOthers ? [(PagesPage.Path, "All pages")] : []);

    private static Html Address(Desk desk) => desk.Page.Handle is { } handle
        ? Html.Of($"""<a href="/@{handle}"><bdi>{(desk.Page.Title is null ? "Your page" : "@" + handle)}</bdi></a>""")
        : Html.Nothing;
}
