using System.Text.Json.Serialization;
using Bioscope.Engine.Counting;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/devices</c>: the device classes of the visits to the caller's page: <c>mobile</c>, <c>tablet</c>,
/// <c>desktop</c>, or <c>unknown</c>. Without a limit; order and ties as in <see cref="TrafficSources"/>, percentages of all visits.
/// </summary>
internal sealed record DeviceSegments(IReadOnlyList<DeviceSegment> Segments)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        ReportScope.MapReport(reports, "devices", settings, DeviceSegmentsJson.Default.SuccessDeviceSegments, ReadAsync);

    public static async Task<DeviceSegments> ReadAsync(ReportScope scope, CancellationToken cancellationToken)
    {
        var slices = await scope.TopAsync(Dimension.DeviceClass, limit: int.MaxValue, cancellationToken);
        return new DeviceSegments(slices.ConvertAll(slice => new DeviceSegment(slice.Value, slice.Sessions, slice.Percentage)));
    }
}

/// <summary>One row of the report: visits in sessions, percentage of all visits as a whole number.</summary>
internal sealed record DeviceSegment(string Name, long Count, int Percentage);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<DeviceSegments>))]
internal sealed partial class DeviceSegmentsJson : JsonSerializerContext;
