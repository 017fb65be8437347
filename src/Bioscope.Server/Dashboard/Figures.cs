using Bioscope.Core;
using Bioscope.Server.Reports;

namespace Bioscope.Server.Dashboard;

/// <summary>What the dashboard shows: the API's own records for the period, and what they were in the period before.</summary>
internal sealed record Figures(
    Overview Overview,
    Trend Trend,
    TrafficSources Traffic,
    GeoLocations Geo,
    DeviceSegments Devices,
    LinkClicks Links,
    SessionQuality Sessions,
    DateTimeOffset? FirstVisit,
    Before? Before)
{
    private const string FirstSession = """
        -- first session
        SELECT MIN("startedAt") FROM "AnalyticsSession" WHERE "bioPageId" = @page
        """;

    /// <summary>Page views and clicks by hour, for today only.</summary>
    public IReadOnlyList<HourOfDay> Hours { get; private init; } = [];

    public static async Task<Figures> ReadAsync(ReportScope scope, Period period, DateTimeOffset now, VisitorsBefore visitors, CancellationToken cancellation)
    {
        var overview = Overview.ReadAsync(scope, cancellation);
        var trend = Trend.ReadAsync(scope, cancellation);
        var traffic = TrafficSources.ReadAsync(scope, cancellation);
        var geo = GeoLocations.ReadAsync(scope, cancellation);
        var devices = DeviceSegments.ReadAsync(scope, cancellation);
        var links = LinkClicks.ReadAsync(scope, cancellation);
        var sessions = SessionQuality.ReadAsync(scope, cancellation);
        var hours = period.IsToday ? HourOfDay.ReadAsync(scope, cancellation) : Task.FromResult<IReadOnlyList<HourOfDay>>([]);
        var first = await FirstVisitAsync(scope, cancellation);
        var before = Before.ReadAsync(scope, first, period.Before(now), period, visitors, cancellation);
        await Task.WhenAll(overview, trend, traffic, geo, devices, links, sessions, before, hours);
        return new Figures(
            await overview, await trend, await traffic, await geo, await devices, await links, await sessions, first, await before)
        { Hours = await hours };
    }

    private static async Task<DateTimeOffset?> FirstVisitAsync(ReportScope scope, CancellationToken cancellation)
    {
        var analytics = scope.Windows.Analytics;
        var first = await analytics.QueryAsync(
            FirstSession, row => row.IsDBNull(0) ? (DateTimeOffset?)null : analytics.Dialect.ReadInstant(row, 0), cancellation, ("@page", scope.BioPageId));
        return first[0];
    }
}

/// <summary>The headline figures of the period before; visitors are null while they are still being counted.</summary>
internal sealed record Before(long Views, long? Visitors, long Clicks, double Ctr)
{
    /// <returns>Null when the page was not yet visited for the whole of that period: it would look like growth.</returns>
    public static async Task<Before?> ReadAsync(
        ReportScope scope, DateTimeOffset? firstVisit, (DateTimeOffset From, DateTimeOffset Until) window, Period period, VisitorsBefore visitors, CancellationToken cancellation)
    {
        var (from, until) = window;
        if (firstVisit is null || firstVisit > from)
        {
            return null;
        }

        // Windows have no upper end: what is in the longer one and not in the shorter one was in between.
        var longer = Overview.ReadAsync(scope with { Since = from }, cancellation);
        var shorter = Overview.ReadAsync(scope with { Since = until }, cancellation);
        var distinct = visitors.CountAsync(scope.BioPageId, period, from, until);
        await Task.WhenAll(longer, shorter, distinct);
        var (views, clicks) = ((await longer).TotalViews - (await shorter).TotalViews, (await longer).TotalClicks - (await shorter).TotalClicks);
        return new Before(views, await distinct, clicks, Percentage.WithTwoDecimals(clicks, views));
    }
}

/// <summary>Page views and clicks in an hour of the day, UTC.</summary>
internal sealed record HourOfDay(int Hour, long Views, long Clicks)
{
    private const string Sql = """
        -- hours
        SELECT {hourOfEnteredAt} AS "hour", COUNT(*), COUNT("linkClicked") FROM "AnalyticsPageView"
        WHERE "bioPageId" = @page AND "enteredAt" >= @since GROUP BY 1
        """;

    /// <summary>The hours since midnight that have page views.</summary>
    public static async Task<IReadOnlyList<HourOfDay>> ReadAsync(ReportScope scope, CancellationToken cancellation) => await scope.Windows.Analytics.QueryAsync(
        Sql, row => new HourOfDay((int)(row.GetInt64(0) % 24), row.GetInt64(1), row.GetInt64(2)), cancellation, ("@page", scope.BioPageId), ("@since", scope.Since));
}
