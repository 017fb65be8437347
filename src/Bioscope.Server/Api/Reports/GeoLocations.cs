using System.Text.Json.Serialization;
using Bioscope.Engine.Counting;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/geo</c>: the countries, by English name, of the visits to the caller's page; <c>Unknown</c> where
/// there is none. At most 20; order, ties and percentages as in <see cref="TrafficSources"/>.
/// </summary>
internal sealed record GeoLocations(IReadOnlyList<GeoLocation> Locations)
{
    public const int MaxLocations = 20;

    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        ReportScope.MapReport(reports, "geo", settings, GeoLocationsJson.Default.SuccessGeoLocations, ReadAsync);

    public static async Task<GeoLocations> ReadAsync(ReportScope scope, CancellationToken cancellationToken)
    {
        var slices = await scope.TopAsync(Dimension.CountryName, MaxLocations, cancellationToken);
        return new GeoLocations(slices.ConvertAll(slice => new GeoLocation(slice.Value, slice.Sessions, slice.Percentage)));
    }
}

/// <summary>One row of the report: visits in sessions, percentage of the visits shown as a whole number.</summary>
internal sealed record GeoLocation(string Country, long Visits, int Percentage);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<GeoLocations>))]
internal sealed partial class GeoLocationsJson : JsonSerializerContext;
