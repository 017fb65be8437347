using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Reports;

namespace Bioscope.Server.Dashboard;

/// <summary>What the dashboard shows of a period, from the API's own records, and what the headline figures were in the period before.</summary>
internal sealed record Figures(
    long Visitors,
    ViewsAndClicks Totals,
    Trend Trend,
    TrafficSources Traffic,
    GeoLocations Geo,
    DeviceSegments Devices,
    PageLinks Links,
    SessionQuality Sessions,
    DateTimeOffset? FirstVisit,
    Drops Drops,
    Before? Before)
{
    private const string FirstSession = """
        -- first session
        SELECT MIN("startedAt") FROM "AnalyticsSession" WHERE "bioPageId" = @page
        """;

    /// <summary>Views and clicks by hour, for today only.</summary>
    public IReadOnlyList<HourOfDay> Hours { get; private init; } = [];

    public static async Task<Figures> ReadAsync(ReportScope scope, BioPage page, Period period, DateTimeOffset now, PreviousPeriod visitors, CancellationToken cancellationToken)
    {
        var overview = Overview.ReadAsync(scope, cancellationToken);
        var trend = Trend.ReadAsync(scope, cancellationToken);
        var traffic = TrafficSources.ReadAsync(scope, cancellationToken);
        var geo = GeoLocations.ReadAsync(scope, cancellationToken);
        var devices = DeviceSegments.ReadAsync(scope, cancellationToken);
        var links = PageLinks.ReadAsync(scope, page.Links, cancellationToken);
        var sessions = SessionQuality.ReadAsync(scope, cancellationToken);
        var drops = Drops.ReadAsync(scope, now, cancellationToken);
        var hours = period.IsToday ? HourOfDay.ReadAsync(scope, cancellationToken) : Task.FromResult<IReadOnlyList<HourOfDay>>([]);
        var first = await FirstVisitAsync(scope, cancellationToken);
        var before = Before.ReadAsync(scope, first, period.Before(now), period, visitors, cancellationToken);
        await Task.WhenAll(overview, trend, traffic, geo, devices, links, sessions, drops, before, hours);
        return new Figures(
            (await overview).UniqueVisitors, ViewsAndClicks.Of(await overview), await trend, await traffic, await geo, await devices, await links, await sessions, first, await drops, await before)
        { Hours = await hours };
    }

    private static async Task<DateTimeOffset?> FirstVisitAsync(ReportScope scope, CancellationToken cancellationToken)
    {
        var analytics = scope.Windows.Analytics;
        var first = await analytics.QueryAsync(
            FirstSession, row => row.IsDBNull(0) ? (DateTimeOffset?)null : analytics.Dialect.ReadInstant(row, 0), cancellationToken, ("@page", scope.BioPageId));
        return first[0];
    }
}

/// <summary>The headline figures of the period before; visitors are null while they are still being counted.</summary>
internal sealed record Before(ViewsAndClicks Totals, long? Visitors)
{
    /// <returns>Null when the page was not yet visited for the whole of that period: it would look like growth.</returns>
    public static async Task<Before?> ReadAsync(
        ReportScope scope, DateTimeOffset? firstVisit, (DateTimeOffset From, DateTimeOffset Until) window, Period period, PreviousPeriod visitors, CancellationToken cancellationToken)
    {
        var (from, until) = window;
        if (firstVisit is null || firstVisit > from)
        {
            return null;
        }

        // Windows have no upper end: what is in the longer one and not in the shorter one was in between.
        var longer = Overview.ReadAsync(scope with { Since = from }, cancellationToken);
        var shorter = Overview.ReadAsync(scope with { Since = until }, cancellationToken);
        var distinct = visitors.CountAsync(scope.BioPageId, period, from, until);
        await Task.WhenAll(longer, shorter, distinct);
        return new Before(ViewsAndClicks.Of(await longer) - ViewsAndClicks.Of(await shorter), await distinct);
    }
}

/// <summary>Views and clicks in an hour of the day, UTC.</summary>
internal sealed record HourOfDay(int Hour, ViewsAndClicks Totals)
{
    // What a clock that was ahead has left in days to come is not of today.
    private const string Sql = """
        -- hours
        SELECT {hourOfEnteredAt} AS "hour", COUNT(*), COUNT("linkClicked") FROM "AnalyticsPageView"
        WHERE "bioPageId" = @page AND "enteredAt" >= @since AND "enteredAt" < @until GROUP BY 1
        """;

    /// <summary>The hours of the day that begins with the scope's window which have page views.</summary>
    public static async Task<IReadOnlyList<HourOfDay>> ReadAsync(ReportScope scope, CancellationToken cancellationToken) => await scope.Windows.Analytics.QueryAsync(
        Sql,
        row => new HourOfDay((int)(row.GetInt64(0) % 24), ViewsAndClicks.OfPageViews(row.GetInt64(1), row.GetInt64(2))),
        cancellationToken,
        ("@page", scope.BioPageId),
        ("@since", scope.Since),
        ("@until", scope.Since.AddDays(1)));
}
