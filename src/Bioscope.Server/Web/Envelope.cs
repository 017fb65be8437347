using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Bioscope.Server.Web;

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

/// <summary>
/// The envelopes that belong to no slice. Each slice has a context of its own for what it answers: metadata is generated at compile time, and
/// nothing is reflected on at start.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Failure))]
[JsonSerializable(typeof(Success<Acknowledged>))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    // Escapes only what JSON must: Türkiye and & are sent as they are. The default also guards those who paste JSON into HTML, which nobody
    // does with an answer of type application/json that must not be sniffed.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The JSON of an envelope, as UTF-8.</summary>
    public static ReadOnlyMemory<byte> Utf8<T>(T envelope, JsonTypeInfo<T> json)
    {
        var utf8 = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(utf8, Readable))
        {
            JsonSerializer.Serialize(writer, envelope, json);
        }

        return utf8.WrittenMemory;
    }
}
