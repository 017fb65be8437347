using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bioscope.Client;

/// <summary>The client reads and writes JSON by generated code only, so that it works where reflection is off.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(QueryRangeConverter), typeof(QueryFilterConverter), typeof(QueryOrderConverter)])]
[JsonSerializable(typeof(Query))]
[JsonSerializable(typeof(Success<TrafficSources>))]
[JsonSerializable(typeof(Success<QueryResponse>))]
[JsonSerializable(typeof(Success<SourcesResponse>))]
[JsonSerializable(typeof(Failure))]
internal sealed partial class ClientJson : JsonSerializerContext;

internal sealed record Success<T>(T? Data);

internal sealed record Failure(FailureError? Error);

internal sealed record FailureError(
    string? Code, string? Message, string? I18nKey, Dictionary<string, JsonElement>? I18nVars, IReadOnlyList<FailureDetail?>? Details,
    string? CorrelationId);

internal sealed record FailureDetail(string? Message);

internal sealed class QueryRangeConverter : WriteOnlyConverter<QueryRange>
{
    public override void Write(Utf8JsonWriter writer, QueryRange value, JsonSerializerOptions options) => value.WriteTo(writer);
}

/// <summary><c>[operator, dimension, [values]]</c>.</summary>
internal sealed class QueryFilterConverter : WriteOnlyConverter<QueryFilter>
{
    public override void Write(Utf8JsonWriter writer, QueryFilter value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(value.Operator);
        writer.WriteStringValue(value.Dimension);
        if (value.Values.Count > 0)
        {
            writer.WriteStartArray();
            foreach (var one in value.Values)
            {
                writer.WriteStringValue(one);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }
}

/// <summary><c>[metric or dimension, "asc" or "desc"]</c>.</summary>
internal sealed class QueryOrderConverter : WriteOnlyConverter<QueryOrder>
{
    public override void Write(Utf8JsonWriter writer, QueryOrder value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(value.By);
        writer.WriteStringValue(value.IsDescending ? "desc" : "asc");
        writer.WriteEndArray();
    }
}

/// <summary>For what the client sends and never receives.</summary>
internal abstract class WriteOnlyConverter<T> : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException($"{typeof(T).Name} is sent and never received.");
}
