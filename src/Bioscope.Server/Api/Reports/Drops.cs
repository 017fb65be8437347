using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/drops</c>: what was not counted on the caller's page, by reason and by UTC day, as counts only. Days
/// are whole, including the first one; <c>reasons</c> are ordered by count, highest first, then by name; days are in order. Reasons and
/// days without a count are left out. Counts of other instances appear a few seconds later. Available only where Bioscope owns the
/// tables.
/// </summary>
internal sealed record Drops(int Days, long Total, IReadOnlyList<DropCount> Reasons, IReadOnlyList<DropDay> Daily)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings) => ReportScope.Map(
        reports, "drops", settings, async (http, scope) =>
    {
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        await http.RequestServices.GetRequiredService<DropCounter>().TryFlushAsync(scope.BioPageId);
        await ApiResponse.OkAsync(http, await ReadAsync(scope, now, http.RequestAborted), DropsJson.Default.SuccessDrops);
    });

    public static async Task<Drops> ReadAsync(ReportScope scope, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await PageDrop.ReadAsync(
            scope.Analytics, scope.BioPageId, Grain.Day.Floor(scope.Since), Grain.Day.Floor(now), cancellationToken);
        var days = rows.GroupBy(row => row.Day).OrderBy(day => day.Key).Select(day =>
        {
            var reasons = ByReason(day);
            return new DropDay(
                day.Key.ToText(),
                reasons.Sum(reason => reason.Count),
                reasons.ToDictionary(reason => reason.Reason, reason => reason.Count));
        });
        var all = ByReason(rows);
        return new Drops(scope.Days, all.Sum(reason => reason.Count), all, [.. days.Where(day => day.Total > 0)]);
    }

    private static List<DropCount> ByReason(IEnumerable<PageDrop> rows) =>
    [
        .. rows.GroupBy(row => row.Reason).Select(reason => new DropCount(reason.Key, reason.Sum(row => row.Count))).Where(
            reason => reason.Count > 0)
            .OrderByDescending(reason => reason.Count).ThenBy(reason => reason.Reason, StringComparer.Ordinal),
    ];
}

/// <summary>
/// How many were dropped for one reason: <c>consent</c>, <c>unanswered</c>, <c>bot</c>, <c>token</c>, <c>session</c>, <c>link</c>,
/// <c>throttle</c>, <c>overload</c>, <c>storage</c>.
/// </summary>
internal sealed record DropCount(string Reason, long Count);

/// <summary>A day, as its midnight in UTC, and how many were dropped on it: in total, and by reason.</summary>
internal sealed record DropDay(string Day, long Total, IReadOnlyDictionary<string, long> Reasons);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<Drops>))]
internal sealed partial class DropsJson : JsonSerializerContext;
