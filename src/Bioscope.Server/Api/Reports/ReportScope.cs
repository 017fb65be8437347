using System.Text.Json.Serialization.Metadata;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.WebUtilities;
using NodaTime;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// The subject of a report and its data source: the caller's own page, and the window from <see cref="Since"/> (inclusive) without an
/// upper end.
/// </summary>
internal sealed record ReportScope(
    MainDatabase Main, AnalyticsDatabase Analytics, QueryEngine Engine, Guid BioPageId, int Days, DateTimeOffset Since)
{
    /// <summary>Counts the metrics in the window, all as of one instant.</summary>
    /// <param name="dimension">What they are counted by; null for the totals alone.</param>
    /// <param name="metrics">What is counted.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    public Task<CountResult> CountAsync(Dimension? dimension, EquatableList<Metric> metrics, CancellationToken cancellationToken)
    {
        var range = new InstantRange(Since.ToUnixTimeMilliseconds(), QueryRange.Latest);
        return Engine.CountAsync(
            new CountQuery(BioPageId, range, DateTimeZone.Utc, dimension is null ? [] : [dimension], [], metrics), cancellationToken);
    }

    /// <summary>The values with most visits; equal ones by value, in code point order.</summary>
    public async Task<List<Slice>> TopAsync(Dimension dimension, int limit, CancellationToken cancellationToken)
    {
        var top = Ranking.Of(await CountAsync(dimension, [Metric.Visits], cancellationToken), tally => tally.Visits, limit);
        var total = top.Sum(row => row.Count);
        return top.ConvertAll(row => new Slice(row.Value, row.Count, Percentage.Of(row.Count, total)));
    }

    /// <summary>
    /// Maps <c>GET …/{name}</c>, and HEAD, to a report: checks the bearer and the rate limit, finds the caller's page and window, and sends the
    /// result of <paramref name="read"/>.
    /// </summary>
    public static void MapReport<T>(
        IEndpointRouteBuilder reports, string name, Settings settings, JsonTypeInfo<Success<T>> json,
        Func<ReportScope, CancellationToken, Task<T>> read) =>
        Map(reports, name, settings, async (http, scope) => await ApiResponse.OkAsync(http, await read(scope, http.RequestAborted), json));

    /// <summary>Like <see cref="MapReport"/>, for a report that writes its own response.</summary>
    public static void Map(IEndpointRouteBuilder reports, string name, Settings settings, Func<HttpContext, ReportScope, Task> answer)
    {
        reports.MapRead(name, async http =>
        {
            var (scope, refusal) = await ResolveAsync(http);
            await (scope is null ? Errors.WriteAsync(http, refusal!) : answer(http, scope));
        }).RequireAuthorization().WithMetadata(new ThrottlePolicy($"report {name}", settings.ReportsPerMinute, TimeSpan.FromMinutes(1)));
    }

    /// <summary>
    /// The first parameter with exactly that name: the framework's own collection would take <c>DAYS</c> for <c>days</c>.
    /// </summary>
    public static string? FirstOf(QueryString query, string name)
    {
        foreach (var parameter in new QueryStringEnumerable(query.Value))
        {
            if (parameter.DecodeName().Span.SequenceEqual(name))
            {
                return parameter.DecodeValue().ToString();
            }
        }

        return null;
    }

    /// <summary>Reads a page's rows from an instant on.</summary>
    public static ReportScope Of(IServiceProvider services, Guid page, int days, DateTimeOffset since) =>
        new(
            services.GetRequiredService<MainDatabase>(),
            services.GetRequiredService<AnalyticsDatabase>(),
            services.GetRequiredService<QueryEngine>(),
            page,
            days,
            since);

    private static async Task<(ReportScope? Scope, ApiError? Refusal)> ResolveAsync(HttpContext http)
    {
        var (page, refusal) = await CallerPage.OfCallerAsync(http);
        if (page is null)
        {
            return (null, refusal);
        }

        var days = Core.Days.Parse(FirstOf(http.Request.QueryString, "days"));
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        return (Of(http.RequestServices, page.Value, days, Core.Days.Since(now, days)), null);
    }
}

/// <summary>One value of a dimension: its sessions, and their share of the sessions shown in whole percent.</summary>
internal sealed record Slice(string Value, long Sessions, int Percentage);

/// <summary>Values with the number of their occurrences.</summary>
internal static class Ranking
{
    /// <summary>The most frequent values, at most <paramref name="limit"/>; ties are ordered by value, in code point order.</summary>
    public static List<(string Value, long Count)> Of(CountResult counts, Func<Tally, long> count, int limit = int.MaxValue) =>
    [
        .. counts.Rows.Select(row => (Value: row.Values[0].Text!, Count: count(row.Tally)))
            .OrderByDescending(row => row.Count).ThenBy(row => row.Value, CodePointOrder.Instance).Take(limit),
    ];
}
