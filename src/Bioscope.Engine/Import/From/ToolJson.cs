using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bioscope.Engine.Import.From;

/// <summary>Reads JSON of other tools, whose numbers may be texts and whose fields may be missing.</summary>
internal static class ToolJson
{
    /// <summary>A whole document.</summary>
    /// <exception cref="InvalidDataException">It is not JSON.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonElement.Parse(json.Span);
        }
        catch (JsonException e)
        {
            throw NotJson(e);
        }
    }

    public static InvalidDataException NotJson(JsonException e) =>
        new(string.Create(CultureInfo.InvariantCulture, $"it is not valid JSON, from line {e.LineNumber + 1}"), e);

    /// <summary>The text of a field; null where it is missing, empty or something else.</summary>
    public static string? Text(this JsonElement element, string field)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(field, out var value))
        {
            return null;
        }

        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return null; // half of a surrogate pair
        }
    }

    /// <summary>The number of a field; null where there is none.</summary>
    public static double? Number(this JsonElement element, string field) =>
        double.TryParse(element.Text(field), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number : null;

    /// <summary>A field that is an object or a list; otherwise undefined.</summary>
    public static JsonElement Part(this JsonElement element, string field) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(field, out var value) ? value : default;

    /// <summary>The elements of a list; none of anything else.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    /// <summary>An instant in seconds since 1970; null where it is out of any range.</summary>
    public static DateTimeOffset? Instant(double? seconds) =>
        seconds is >= 0 and < 32_503_680_000 ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds.Value * 1000)) : null;
}

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ToolJsonContext : JsonSerializerContext;
