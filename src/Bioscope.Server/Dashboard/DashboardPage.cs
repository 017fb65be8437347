using System.Globalization;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.BioPages;
using Bioscope.Server.Configuration;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>GET /dashboard?days=today|7|30|90|365</c>: where the visitors of the creator who is signed in come from, on one page. Made here
/// from the records that the API returns; whoever is not signed in is led to the form.
/// </summary>
internal static class DashboardPage
{
    public static async Task AnswerAsync(HttpContext http)
    {
        if (await PageOfCallerAsync(http) is not { } page)
        {
            return;
        }

        var (services, id) = (http.RequestServices, page.Id);
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var period = PeriodOf(http);
        var scope = ReportScope.Of(services, id, period.Days, period.Since(now));
        await services.GetRequiredService<DropCounter>().TryFlushAsync(id);
        var live = LiveVisits.ReadAsync(services.GetRequiredService<AnalyticsDatabase>(), id, now, http.RequestAborted);
        var figures = await Figures.ReadAsync(scope, page, period, now, services.GetRequiredService<PreviousPeriod>(), http.RequestAborted);
        var origin = services.GetRequiredService<Settings>().PublicUrl ?? $"{http.Request.Scheme}://{http.Request.Host.Value}";
        var view = new View(page, period, now, figures, await live, BrowserLanguage.Of(http.Request), origin);
        var colour = PageColour.Of(id);
        await PageFrame.WriteAsync(http, colour, $"{view.Name}: visitors", Render(view, services.GetRequiredService<FormGuard>().FieldFor(http)));
    }

    /// <summary><c>GET /dashboard/export?type=…&amp;days=…</c>: the figures of a block as a CSV file; the types are the routes of the reports.</summary>
    public static async Task ExportAsync(HttpContext http)
    {
        if (await PageOfCallerAsync(http) is not { } page)
        {
            return;
        }

        var period = PeriodOf(http);
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var scope = ReportScope.Of(http.RequestServices, page.Id, period.Days, period.Since(now));
        var type = http.Request.Query["type"].ToString();
        if (await DashboardFiles.TableAsync(type, scope, page, http.RequestAborted) is { } table)
        {
            await Export.SendAsync(http, type, table);
        }
        else
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
        }
    }

    private static Period PeriodOf(HttpContext http) => Period.Of(http.Request.Query["days"]);

    /// <returns>The page of who is signed in; null when the request is answered already.</returns>
    private static async Task<BioPage?> PageOfCallerAsync(HttpContext http)
    {
        if (!await SessionCookie.SignInAsync(http))
        {
            http.Response.Headers.CacheControl = "no-store";
            SignInPage.GoTo(http, "/dashboard/sign-in");
            return null;
        }

        var limit = new ThrottlePolicy("dashboard", http.RequestServices.GetRequiredService<Settings>().ReportsPerMinute, TimeSpan.FromMinutes(1));
        if (http.RequestServices.GetRequiredService<Throttle>().Take(http, limit) is { } over)
        {
            await Errors.WriteAsync(http, over);
            return null;
        }

        var (id, refusal) = await CallerPage.OfCallerAsync(http);
        var page = id is null ? null : await BioPage.OfIdAsync(http.RequestServices.GetRequiredService<MainDatabase>(), id.Value, http.RequestAborted);
        if (page is null)
        {
            await Errors.WriteAsync(http, refusal ?? ApiError.ForStatus(StatusCodes.Status404NotFound));
        }

        return page;
    }

    private static Html Render(View view, Html formField) => Html.Of($"""
        <a class="skip" href="#main">To the figures</a>
        <header class="top"><span class="face" aria-hidden="true">{BioPageHtml.Initials(ShownText.Of(view.Page.Title ?? view.Page.Handle ?? "·"))}</span><p><b><bdi>{view.Name}</bdi></b>{Address(view)}</p>
        <form method="post" action="/dashboard/sign-out">{formField}<button class="quiet">Sign out</button></form></header>
        <main id="main">
        {(view.Figures.FirstVisit is null ? Start.Render(view) : Filled(view))}
        </main>
        <footer><p>Days begin at 00:00 UTC. Every figure is an exact count of stored rows. The published reports of the <a href="/docs">API</a> call a click a view too; here it is a click only.</p></footer>

        """);

    private static Html Filled(View view) => Html.Of($"""
        <nav class="period" aria-label="Period"><ul>{Period.All.Select(period => Choice(view, period))}</ul></nav>
        <div class="hero">{Headline.Sentence(view)}<section class="live" id="live" aria-label="Live" data-live="/dashboard/live">{Live.Render(view.Live, view.Language)}</section></div>
        <p class="again" hidden><a href="/dashboard?days={view.Period.Key}#live">Refresh the live visits</a></p>
        {Headline.Figures(view)}
        {TrendChart.Render(view)}
        <div class="pair">{Sources.Render(view)}{CountriesMap.Render(view)}</div>
        <div class="pair"><div>{Devices.Render(view)}{Quality.Render(view)}</div>{Links.Render(view)}</div>
        """);

    private static Html Choice(View view, Period period)
    {
        var text = period.IsToday ? Html.Of($"Today") : Html.Of($"""{period.Days.ToString(CultureInfo.InvariantCulture)}<span> days</span>""");
        return Html.Of($"""<li><a href="/dashboard?days={period.Key}"{(period == view.Period ? Html.Trusted(" aria-current=\"page\"") : Html.Nothing)}>{text}</a></li>""");
    }

    private static Html Address(View view) => view.Page.Handle is { } handle
        ? Html.Of($"""<a href="/@{handle}"><bdi>{(view.Page.Title is null ? "Your page" : "@" + handle)}</bdi></a>""")
        : Html.Nothing;
}
