using System.Text.Json.Serialization;
using Bioscope.Engine.Counting;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/traffic</c>: the sources of the visits to the caller's page. A visit is one session; its source is
/// the referrer domain determined when the session was created, or <c>direct</c>. At most 15 sources, most visits first, ties by source;
/// percentages are of the visits shown, rounded half up. Without traffic, the list is empty.
/// </summary>
internal sealed record TrafficSources(IReadOnlyList<TrafficSource> Sources)
{
    public const int MaxSources = 15;

    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        ReportScope.MapReport(reports, "traffic", settings, TrafficSourcesJson.Default.SuccessTrafficSources, ReadAsync);

    public static async Task<TrafficSources> ReadAsync(ReportScope scope, CancellationToken cancellationToken)
    {
        var slices = await scope.TopAsync(Dimension.Named("referrerDomain")!, MaxSources, cancellationToken);
        return new TrafficSources(slices.ConvertAll(slice => new TrafficSource(slice.Value, slice.Sessions, slice.Percentage)));
    }
}

/// <summary>One row of the report: visits in sessions, percentage of the visits shown as a whole number.</summary>
internal sealed record TrafficSource(string Source, long Visits, int Percentage);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<TrafficSources>))]
internal sealed partial class TrafficSourcesJson : JsonSerializerContext;
