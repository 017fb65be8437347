using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Bioscope.Server.Accounts;
using Bioscope.Server.BioPages;
using Bioscope.Server.Ingest;
using Bioscope.Server.Reports;

namespace Bioscope.Server.Http;

/// <summary>What a request that went well is answered with: <c>{"success":true,"data":…}</c>.</summary>
internal sealed record Success<T>(T Data)
{
    [JsonPropertyName("success"), JsonPropertyOrder(-1)]
    public bool IsSuccess { get; } = true;
}

/// <summary>What a request that failed is answered with, whatever failed; made in <see cref="Errors"/> only.</summary>
internal sealed record Failure(FailureError Error)
{
    [JsonPropertyName("success"), JsonPropertyOrder(-1)]
    public bool IsSuccess { get; } = false;
}

/// <summary>The inside of <see cref="Failure"/>; every key is always there.</summary>
internal sealed record FailureError(
    string Code, string Message, string I18nKey, JsonObject I18nVars, IReadOnlyList<FailureDetail> Details, string CorrelationId);

/// <summary>One thing that is wrong with the request.</summary>
internal sealed record FailureDetail(string Message);

/// <summary>All that is sent as JSON. Metadata is generated at compile time: nothing is reflected on at start.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Failure))]
[JsonSerializable(typeof(Success<Overview>))]
[JsonSerializable(typeof(Success<Trend>))]
[JsonSerializable(typeof(Success<TrafficSources>))]
[JsonSerializable(typeof(Success<GeoLocations>))]
[JsonSerializable(typeof(Success<DeviceSegments>))]
[JsonSerializable(typeof(Success<LinkClicks>))]
[JsonSerializable(typeof(Success<SessionQuality>))]
[JsonSerializable(typeof(Success<Drops>))]
[JsonSerializable(typeof(Success<QueryResponse>))]
[JsonSerializable(typeof(Success<StoredId>))]
[JsonSerializable(typeof(Success<HiAnswer>))]
[JsonSerializable(typeof(Success<Acknowledged>))]
[JsonSerializable(typeof(Success<SignedIn>))]
[JsonSerializable(typeof(Success<BioPage>))]
[JsonSerializable(typeof(Success<BioLink>))]
[JsonSerializable(typeof(Success<BioLinks>))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>
    /// Escapes only what JSON must: <c>Türkiye</c> and <c>&amp;</c> are sent as they are. The default also guards those who paste
    /// JSON into HTML, which nobody does with an answer of type application/json that must not be sniffed.
    /// </summary>
    public static ApiJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
