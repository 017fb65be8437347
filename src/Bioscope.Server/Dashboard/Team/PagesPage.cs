using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Pages;
using Bioscope.Server.BioPages;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Team;

/// <summary>
/// <c>/dashboard/pages</c>: all pages that the signed-in user may see, with their figures, as <see cref="PageList"/> has them; a form chooses
/// the one that the dashboard shows.
/// </summary>
internal static class PagesPage
{
    public const string Path = "/dashboard/pages";

    private const int PerPage = 50, Shown = 4;

    private static readonly PageColour Colour = PageColour.All[5];

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.UserOfCallerAsync(http) is not { } user)
        {
            return;
        }

        // What is invalid in the address has its default.
        var (query, _) = PageListQuery.Read(name => http.Request.Query[name].FirstOrDefault());
        query = query with { Limit = PerPage, Offset = query.Offset / PerPage * PerPage };
        var list = await PageList.ReadAsync(http, user, query);
        var formField = http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http);
        await PageFrame.WriteAsync(http, Colour, "All pages", Render(list, query, Words.Of(http).Language, formField));
    }

    /// <summary><c>POST /dashboard/pages</c>: shows another page from now on, if the user may see it.</summary>
    public static async Task ChooseAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form || await Desk.UserOfCallerAsync(http) is null)
        {
            return;
        }

        var (page, refusal) = http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form)
            ? await CallerPage.OfCallerAsync(http, form["page"].ToString())
            : (null, FormGuard.NotOurs);
        if (page is not { } chosen)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        if (CallerPage.RoleOf(http) == PageRole.Owner)
        {
            ChosenPage.Clear(http);
        }
        else
        {
            ChosenPage.Append(http, chosen);
        }

        SignInPage.GoTo(http, Address.Dashboard);
    }

    private static Html Render(PageList list, PageListQuery query, Language language, Html formField) => Html.Of($"""
        <a class="skip" href="#main">Skip to content</a>
        <header class="top"><span class="face" aria-hidden="true">B</span><p><b>Bioscope</b><a href="/dashboard">Back to the dashboard</a></p>
        <form method="post" action="/dashboard/sign-out">{formField}<button class="quiet">Sign out</button></form></header>
        <main id="main" class="all-rows">
        <nav class="period" aria-label="Period"><ul>{PageListQuery.Ranges.Take(Shown).Select(range => Html.Of($"""<li><a href="{LinkOf(query with { Range = RangeName.Read(range)!.Value, Offset = 0 })}"{Current(RangeName.Read(range) == query.Range)}>{LabelOf(range)}</a></li>"""))}</ul></nav>
        <section class="block"><header><h1>All pages</h1></header>
        <form class="by" action="{Path}"><label>Search <input name="search" type="search" maxlength="100" value="{query.Search}" autocomplete="off"></label>{Desk.Hidden([("range", NameOf(query.Range)), ("sort", query.Sort)])}<button>Search</button></form>
        {(list.Pages.Count == 0 ? Html.Of($"""<p class="none">{(query.Search.Length == 0 ? "There is no page here." : "No page has that in its name.")}</p>""") : Table(list, query, language, formField))}
        {Pager(list, query, language)}</section>
        <p class="note">In the days of each page's own time zone. Every figure is an exact count, the same as on the page's dashboard.</p>
        </main>

        """);

    private static Html Table(PageList list, PageListQuery query, Language language, Html formField) => Html.Of($"""
        <div class="scroll wide-table" tabindex="0" role="group" aria-label="All pages"><table><thead><tr>{Head("name", "Page", query, "ascending")}{Head("visits", "Visits", query, "descending")}{Head("views", "Views", query, "descending")}{Head("clicks", "Clicks", query, "descending")}<th scope="col" class="text">Your role</th></tr></thead>
        <tbody>{list.Pages.Select(page => Row(page, language, formField))}</tbody>
        <tfoot><tr><th scope="row">{language.Number(list.PageCount)} {(list.PageCount == 1 ? "page" : "pages")}</th><td>{language.Number(list.Totals.Visits)}</td><td>{language.Number(list.Totals.Views)}</td><td>{language.Number(list.Totals.Clicks)}</td><td class="text"></td></tr></tfoot></table></div>
        """);

    private static Html Head(string sort, string text, PageListQuery query, string order) => Html.Of($"""
        <th scope="col"{(sort == query.Sort ? Html.Trusted($" aria-sort=\"{order}\"") : Html.Nothing)}><a href="{LinkOf(query with { Sort = sort, Offset = 0 })}">{text}</a></th>
        """);

    private static Html Row(ListedPage page, Language language, Html formField) => Html.Of($"""
        <tr data-page="{page.Id}"><th scope="row"><form method="post" action="{Path}">{formField}<button class="quiet" name="page" value="{page.Id}"><bdi>{ShownText.Of(page.DisplayName())}</bdi></button></form></th><td>{language.Number(page.Visits)}</td><td>{language.Number(page.Views)}</td><td>{language.Number(page.Clicks)}</td><td class="text">{page.Role}</td></tr>
        """);

    private static Html Pager(PageList list, PageListQuery query, Language language)
    {
        var (first, last) = (query.Offset + 1, query.Offset + list.Pages.Count);
        return list.PageCount <= PerPage ? Html.Nothing : Html.Of($"""
            <nav class="pager" aria-label="Parts of the list">{Turn(query.Offset - PerPage, "prev", "Previous")}<span>{(list.Pages.Count == 0 ? "" : $"{language.Number(first)}–{language.Number(last)} of ")}{language.Number(list.PageCount)}</span>{Turn(query.Offset + PerPage, "next", "Next")}</nav>
            """);

        Html Turn(int offset, string relation, string text) => offset < 0 || offset >= list.PageCount
            ? Html.Of($"<span></span>")
            : Html.Of($"""<a rel="{relation}" href="{LinkOf(query with { Offset = offset })}">{text}</a>""");
    }

    private static Html Current(bool isCurrent) => isCurrent ? Html.Trusted(" aria-current=\"page\"") : Html.Nothing;

    private static string LinkOf(PageListQuery query)
    {
        var link = $"{Path}?range={NameOf(query.Range)}&sort={query.Sort}";
        link += query.Search.Length == 0 ? "" : "&search=" + Uri.EscapeDataString(query.Search);
        return query.Offset == 0 ? link : string.Create(CultureInfo.InvariantCulture, $"{link}&offset={query.Offset}");
    }

    private static string NameOf(NamedRange range) => PageListQuery.Ranges.First(name => RangeName.Read(name) == range);

    private static string LabelOf(string range) => Periods.All.First(period => period.Range == RangeName.Read(range)).Label(new PeriodWords(Words.All[0]));
}
