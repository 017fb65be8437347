using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Team;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The header of every page: whose page it is, signing out, and the pages of the dashboard.</summary>
internal static class PageTop
{
    private static readonly (string Path, Func<DashboardWords, string> Name)[] Pages =
    [
        (Dashboard.Address.Dashboard, texts => texts.Figures),
        (EditorPage.Path, texts => texts.YourPage),
        (LinksPage.Path, texts => texts.YourLinks),
        (PlacementsPage.Path, texts => texts.Share),
    ];

    /// <param name="desk">Whose page it is.</param>
    /// <param name="formField">The hidden field of forms.</param>
    /// <param name="current">The path of the page that is shown, or to which it belongs.</param>
    public static Html Render(Desk desk, Html formField, string current)
    {
        var texts = new DashboardWords(desk.Words);
        return Html.Of($"""
            <a class="skip" href="#main">{texts.Skip}</a>
            <header class="top"><span class="face" aria-hidden="true">{BioPageHtml.Initials(ShownText.Of(desk.Page.Title ?? desk.Page.Handle ?? "·"))}</span><p><b><bdi>{desk.Name}</bdi></b>{Address(desk)}</p>
            <form method="post" action="/dashboard/sign-out">{formField}<button class="quiet">{texts.SignOut}</button></form></header>
            <nav class="pages" aria-label="{texts.Menu}"><ul>{PagesOf(desk).Select(page => Html.Of($"""<li><a href="{page.Path}"{(page.Path == current ? Html.Trusted(" aria-current=\"page\"") : Html.Nothing)}>{page.Name(texts)}</a></li>"""))}</ul></nav>
            """);
    }

    private static IEnumerable<(string Path, Func<DashboardWords, string> Name)> PagesOf(Desk desk) =>
        (desk.MayEdit ? Pages : Pages.Take(1)).Concat(desk.HasOthers ? [(PagesPage.Path, texts => texts.AllPages)] : []);

    private static Html Address(Desk desk) => desk.Page.Handle is { } handle
        ? Html.Of($"""<a href="/@{handle}"><bdi>{(desk.Page.Title is null ? new DashboardWords(desk.Words).YourPage : "@" + handle)}</bdi></a>""")
        : Html.Nothing;
}
