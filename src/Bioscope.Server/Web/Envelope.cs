using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Bioscope.Server.Web;

/// <summary>The body of a successful response: <c>{"success":true,"data":…}</c>.</summary>
internal sealed record Success<T>(T Data)
{
    [JsonPropertyName("success"), JsonPropertyOrder(-1)]
    public bool IsSuccess { get; } = true;
}

/// <summary>The body of every failed response; created only in <see cref="Errors"/>.</summary>
internal sealed record Failure(FailureError Error)
{
    [JsonPropertyName("success"), JsonPropertyOrder(-1)]
    public bool IsSuccess { get; } = false;
}

/// <summary>The content of <see cref="Failure"/>; every key is always present.</summary>
internal sealed record FailureError(
    string Code, string Message, string I18nKey, JsonObject I18nVars, IReadOnlyList<FailureDetail> Details, string CorrelationId);

/// <summary>One problem of the request.</summary>
internal sealed record FailureDetail(string Message);

/// <summary>
/// The envelopes that belong to no slice. Each slice has its own context for its responses: metadata is generated at compile time, and
/// start-up needs no reflection.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Failure))]
[JsonSerializable(typeof(Success<Acknowledged>))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    // Escapes only what JSON requires: Türkiye and & are sent as they are. The default also protects JSON pasted into HTML, which does
    // not apply to a response of type application/json with nosniff.
    private static readonly JsonWriterOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>The JSON of an envelope, in UTF-8.</summary>
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
