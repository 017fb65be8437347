using Bioscope.Engine.Auditing;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Retention;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Auditing;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Dashboard.Sharing;
using Bioscope.Server.Dashboard.Team;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>GET /dashboard</c>: where the visitors of the signed-in creator come from, on one page. Period, filters and comparison are in the
/// <see cref="Address"/>; all figures are the engine's results as of one instant.
/// </summary>
internal static class DashboardPage
{
    public static async Task AnswerAsync(HttpContext http)
    {
        if (TeamJoinPage.IsWaiting(http) || await Desk.OfCallerAsync(http) is not { } desk)
        {
            return;
        }

        var services = http.RequestServices;
        var analytics = services.GetRequiredService<AnalyticsDatabase>();
        await services.GetRequiredService<DropCounter>().TryFlushAsync(desk.Page.Id);
        var live = LiveVisits.ReadAsync(analytics, desk.Page.Id, desk.Naming, Instant(desk.Timeframe.Now), http.RequestAborted);
        var drops = DropsAsync(services, desk, http.RequestAborted);
        var figures = await Figures.ReadAsync(services.GetRequiredService<QueryEngine>(), desk, onlyLink: null, http.RequestAborted);
        figures = figures with { Imported = await ImportedAsync(analytics, desk, figures.Range, http.RequestAborted) };
        var origin = ServerUrl.Of(http);
        var view = new View(desk, figures, await drops, origin);
        await PageFrame.WriteAsync(
            http,
            PageColour.Of(desk.Page.Id),
            new DashboardWords(view.Words).Title(view.Name),
            Render(view, await live, services.GetRequiredService<FormGuard>().FieldFor(http)));
    }

    /// <summary><c>GET /dashboard/export?type=…</c>: the figures of a block as a CSV file, see <see cref="DashboardFiles"/>.</summary>
    public static async Task ExportAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is not { } desk)
        {
            return;
        }

        var (type, by) = (http.Request.Query["type"].ToString(), http.Request.Query["by"].ToString());
        var kept = http.RequestServices.GetRequiredService<KeptVisits>();
        if (await DashboardFiles.TableAsync(type, by, desk, kept, http.RequestAborted) is { } table)
        {
            await Audit.WriteAsync(http, AuditKind.Figures, page: desk.Page.Id);
            await Export.SendAsync(http, by.Length == 0 ? type : $"{type}-{by}", table);
        }
        else
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
        }
    }

    // Dropped events are stored by whole UTC days.
    internal static Task<Drops> DropsAsync(IServiceProvider services, Desk desk, CancellationToken cancellationToken)
    {
        var scope = ReportScope.Of(services, desk.Page.Id, 0, Instant(desk.Timeframe.Range.From));
        return Drops.ReadAsync(scope, Instant(Math.Min(desk.Timeframe.Now, desk.Timeframe.Range.Until - 1)), cancellationToken);
    }

    /// <summary>
    /// What was imported as sums for the days of the chart: none where it has hours or filters, which sums cannot follow.
    /// </summary>
    private static async Task<IReadOnlyList<ImportedDay>> ImportedAsync(
        AnalyticsDatabase analytics, Desk desk, InstantRange range, CancellationToken cancellationToken)
    {
        var timeframe = desk.Timeframe;
        return desk.FirstImported is null || desk.Address.Filters.Count > 0 || timeframe.Grain.Name == "hour" ? []
            : await ImportedDay.ReadAsync(analytics, desk.Page.Id, Day(range.From), Day(range.Until - 1), cancellationToken);

        // The tool's calendar days are taken as those of the page's zone.
        DateTimeOffset Day(long ms) => new(timeframe.Local(ms).Date.ToDateOnly(), default, TimeSpan.Zero);
    }

    private static DateTimeOffset Instant(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    private static Html Render(View view, LiveVisits live, Html formField)
    {
        var texts = new DashboardWords(view.Words);
        return Html.Of($"""
            {PageTop.Render(view, formField, Address.Dashboard)}
            <main id="main">
            {(view.FirstVisit is null && view.FirstImported is null ? Start.Render(view, live) : Filled(view, live))}
            </main>
            <footer>{ZoneForm.Render(view, formField)}<p><a href="/dashboard/mails">{texts.Mails}</a> · {(view.Role == PageRole.Owner ? Html.Of($"""<a href="{TeamPage.Path}">{texts.Team}</a> · """) : Html.Nothing)}<a href="/dashboard/account">{texts.YourAccount}</a></p><p>{texts.ExactCounts(Html.Trusted("""<a href="/docs">API</a>"""))}</p></footer>

            """);
    }

    private static Html Filled(View view, LiveVisits live)
    {
        var texts = new DashboardWords(view.Words);
        return Html.Of($"""
            {PeriodPicker.Render(view, Address.Dashboard)}{Chips.Render(view, Address.Dashboard)}
            <div class="hero">{Headline.Sentence(view)}<section class="live" id="live" aria-label="{new LiveWords(view.Words).Name}" data-live="/dashboard/live">{Live.Render(live, view.Words)}</section></div>
            <p class="again" hidden><a href="{view.Address.Link}#live">{texts.RefreshLive}</a></p>
            {Headline.Figures(view)}{(view.MayEdit ? Html.Of($"""<p><a class="all" href="{view.Address.To(SharedPage.Path)}">{texts.ShareView}</a></p>""") : Html.Nothing)}
            {KeptNote.Render(view)}
            {TrendChart.Render(view)}
            {SourceCoverage.Render(view)}
            <div class="pair">{Sources.Render(view)}{Links.Render(view)}</div>
            <div class="pair">{CountriesMap.Render(view)}<div>{Devices.Render(view)}{Quality.Render(view)}</div></div>
            {Devices.More(view)}
            """);
    }
}
