using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Pages;
using Bioscope.Server.Api.Team;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
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
        var words = Words.Of(http);
        await PageFrame.WriteAsync(http, Colour, new PagesWords(words).Title, Render(list, query, words, formField, http.Request.Query["left"] == "1"));
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

    /// <summary><c>POST /dashboard/pages/leave</c>: ends the user's own membership; left already is as good.</summary>
    public static async Task LeaveAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form || await Desk.UserOfCallerAsync(http) is not { } user)
        {
            return;
        }

        if (!http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form))
        {
            await Errors.WriteAsync(http, FormGuard.NotOurs);
            return;
        }

        if (Uuid.TryParse(form["page"].ToString(), out var page))
        {
            await TeamRoutes.RemoveAsync(http, page, user);
        }

        ChosenPage.Clear(http);
        SignInPage.GoTo(http, Path + "?left=1");
    }

    private static Html Render(PageList list, PageListQuery query, Words words, Html formField, bool hasLeft)
    {
        var (texts, form) = (new PagesWords(words), new FormWords(words));
        return Html.Of($"""
            <a class="skip" href="#main">{form.SkipToContent}</a>
            <header class="top"><span class="face" aria-hidden="true">B</span><p><b>Bioscope</b><a href="/dashboard">{form.BackToDashboard}</a></p>
            <form method="post" action="/dashboard/sign-out">{formField}<button class="quiet">{form.SignOut}</button></form></header>
            <main id="main" class="all-rows">
            <nav class="period" aria-label="{texts.Period}"><ul>{PageListQuery.Ranges.Take(Shown).Select(range => Html.Of($"""<li><a href="{LinkOf(query with { Range = RangeName.Read(range)!.Value, Offset = 0 })}"{Current(RangeName.Read(range) == query.Range)}>{LabelOf(words, range)}</a></li>"""))}</ul></nav>
            {(hasLeft ? Html.Of($"""<p class="said" role="status">{texts.Left}</p>""") : Html.Nothing)}
            <section class="block"><header><h1>{texts.Title}</h1></header>
            <form class="by" action="{Path}"><label>{texts.Search} <input name="search" type="search" maxlength="100" value="{query.Search}" autocomplete="off"></label>{Desk.Hidden([("range", NameOf(query.Range)), ("sort", query.Sort)])}<button>{texts.Search}</button></form>
            {(list.Pages.Count == 0 ? Html.Of($"""<p class="none">{(query.Search.Length == 0 ? texts.None : texts.NoneFound)}</p>""") : Table(list, query, words, texts, formField))}
            {Turning(list, query, words.Language, texts)}</section>
            <p class="note">{texts.Note}</p>
            </main>

            """);
    }

    private static Html Table(PageList list, PageListQuery query, Words words, PagesWords texts, Html formField) => Html.Of($"""
        <div class="scroll wide-table" tabindex="0" role="group" aria-label="{texts.Title}"><table><thead><tr>{Head("name", texts.Page, query, "ascending")}{Head("visits", texts.Visits, query, "descending")}{Head("views", texts.Views, query, "descending")}{Head("clicks", texts.Clicks, query, "descending")}<th scope="col" class="text">{texts.YourRole}</th></tr></thead>
        <tbody>{list.Pages.Select(page => Row(page, words, formField))}</tbody>
        <tfoot><tr><th scope="row">{texts.Count(list.PageCount)}</th><td>{words.Language.Number(list.Totals.Visits)}</td><td>{words.Language.Number(list.Totals.Views)}</td><td>{words.Language.Number(list.Totals.Clicks)}</td><td class="text"></td></tr></tfoot></table></div>
        """);

    private static Html Head(string sort, string text, PageListQuery query, string order) => Html.Of($"""
        <th scope="col"{(sort == query.Sort ? Html.Trusted($" aria-sort=\"{order}\"") : Html.Nothing)}><a href="{LinkOf(query with { Sort = sort, Offset = 0 })}">{text}</a></th>
        """);

    private static Html Row(ListedPage page, Words words, Html formField) => Html.Of($"""
        <tr data-page="{page.Id}"><th scope="row"><form method="post" action="{Path}">{formField}<button class="quiet" name="page" value="{page.Id}"><bdi>{ShownText.Of(page.DisplayName())}</bdi></button></form></th><td>{words.Language.Number(page.Visits)}</td><td>{words.Language.Number(page.Views)}</td><td>{words.Language.Number(page.Clicks)}</td><td class="text">{TeamPage.RoleOf(new TeamWords(words), page.Role)}{(MemberRole.Read(page.Role) is null ? Html.Nothing : Leave(page, new PagesWords(words), formField))}</td></tr>
        """);

    private static Html Leave(ListedPage page, PagesWords texts, Html formField) => Html.Of($"""
        <details class="zone"><summary aria-label="{texts.LeaveOf(ShownText.Of(page.DisplayName()))}">{texts.Leave}</summary><form method="post" action="{Path}/leave">{formField}<p class="note">{texts.Leaving}</p><button class="quiet" name="page" value="{page.Id}">{texts.LeaveNow}</button></form></details>
        """);

    private static Html Turning(PageList list, PageListQuery query, Language language, PagesWords texts)
    {
        var (first, last, total) = (query.Offset + 1, query.Offset + list.Pages.Count, language.Number(list.PageCount));
        return list.PageCount <= PerPage ? Html.Nothing : Pager.Render(
            texts.Parts,
            (AddressOf(query.Offset - PerPage), texts.Previous),
            list.Pages.Count == 0 ? total : texts.Range(language.Number(first), language.Number(last), total),
            (AddressOf(query.Offset + PerPage), texts.Next));

        string? AddressOf(int offset) => offset < 0 || offset >= list.PageCount ? null : LinkOf(query with { Offset = offset });
    }

    private static Html Current(bool isCurrent) => isCurrent ? Html.Trusted(" aria-current=\"page\"") : Html.Nothing;

    private static string LinkOf(PageListQuery query)
    {
        var link = $"{Path}?range={NameOf(query.Range)}&sort={query.Sort}";
        link += query.Search.Length == 0 ? "" : "&search=" + Uri.EscapeDataString(query.Search);
        return query.Offset == 0 ? link : string.Create(CultureInfo.InvariantCulture, $"{link}&offset={query.Offset}");
    }

    private static string NameOf(NamedRange range) => PageListQuery.Ranges.First(name => RangeName.Read(name) == range);

    private static string LabelOf(Words words, string range) =>
        Periods.All.First(period => period.Range == RangeName.Read(range)).Label(new PeriodWords(words));
}
