using System.Globalization;
using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/trend</c>: page views and clicks of the caller's page by UTC day, oldest first. Days without page
/// views are omitted; the first day counts from the start of the window.
/// </summary>
internal sealed record Trend(int Days, IReadOnlyList<TrendDay> Daily)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        ReportScope.MapReport(reports, "trend", settings, TrendJson.Default.SuccessTrend, ReadAsync);

    public static async Task<Trend> ReadAsync(ReportScope scope, CancellationToken cancellationToken)
    {
        var counts = await scope.CountAsync(Dimension.Named("day"), [Metric.Views, Metric.Clicks], cancellationToken);
        var days = counts.Rows.Select(row => new TrendDay(
            DateTimeOffset.ParseExact(row.Values[0].Text!, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToText(),
            row.Tally.Views + row.Tally.Clicks,
            row.Tally.Clicks));
        return new Trend(scope.Days, [.. days.OrderBy(day => day.Day, StringComparer.Ordinal)]);
    }
}

/// <summary>One row of the report: <c>day</c> is its midnight, UTC.</summary>
internal sealed record TrendDay(string Day, long Views, long Clicks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<Trend>))]
internal sealed partial class TrendJson : JsonSerializerContext;
