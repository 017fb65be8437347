using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bioscope.Server.Tests.Support;

/// <summary>The part of JSON Schema that the API's document uses; an unknown keyword is a failure and never ignored.</summary>
internal static class JsonSchema
{
    /// <summary>What is wrong with the value, one line each; empty when it is valid.</summary>
    public static IEnumerable<string> Problems(JsonNode root, JsonNode schema, JsonNode? value, string at = "$")
    {
        foreach (var (keyword, rule) in schema.AsObject())
        {
            foreach (var problem in Check(root, schema, keyword, rule!, value, at))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> Check(JsonNode root, JsonNode schema, string keyword, JsonNode rule, JsonNode? value, string at)
    {
        switch (keyword)
        {
            case "description" or "default" or "example":
                return [];
            case "$ref":
                return Problems(root, ((string)rule!).Split('/')[1..].Aggregate(root, (node, name) => node[name]!), value, at);
            case "properties":
                return value is JsonObject members
                    ? rule.AsObject().Where(property => members.ContainsKey(property.Key))
                        .SelectMany(property => Problems(root, property.Value!, members[property.Key], $"{at}.{property.Key}"))
                    : [];
            case "items":
                return value is JsonArray items ? items.SelectMany((item, i) => Problems(root, rule, item, $"{at}[{i}]")) : [];
            default:
                return Fits(root, schema, keyword, rule, value)
                    ? []
                    : [$"{at} = {value?.ToJsonString() ?? "null"} does not fit {keyword} {rule.ToJsonString()}"];
        }
    }

    private static bool Fits(JsonNode root, JsonNode schema, string keyword, JsonNode rule, JsonNode? value) => keyword switch
    {
        "type" => (rule is JsonArray types ? types.Select(type => (string)type!) : [(string)rule!]).Any(type => IsOf(type, value)),
        "const" => JsonNode.DeepEquals(rule, value),
        "anyOf" => rule.AsArray().Any(one => !Problems(root, one!, value).Any()),
        "enum" => rule.AsArray().Any(one => JsonNode.DeepEquals(one, value)),
        "required" => value is not JsonObject members || rule.AsArray().All(name => members.ContainsKey((string)name!)),
        "additionalProperties" =>
            (bool)rule! || value is not JsonObject members || members.All(member => schema["properties"]![member.Key] is not null),
        "minimum" => !IsOf("number", value) || Number(value) >= Number(rule),
        "maximum" => !IsOf("number", value) || Number(value) <= Number(rule),
        "minLength" => !IsOf("string", value) || ((string)value!).Length >= (int)rule!,
        "maxLength" => !IsOf("string", value) || ((string)value!).Length <= (int)rule!,
        "maxItems" => value is not JsonArray items || items.Count <= (int)rule!,
        "format" => !IsOf("string", value) || IsFormat((string)rule!, (string)value!),
        _ => throw new NotSupportedException($"The keyword {keyword} is not checked."),
    };

    private static bool IsFormat(string format, string text) => format switch
    {
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "date-time" => DateTimeOffset.TryParseExact(
            text, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        _ => throw new NotSupportedException($"The format {format} is not checked."),
    };

    private static bool IsOf(string type, JsonNode? value) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        "integer" => value?.GetValueKind() == JsonValueKind.Number && Number(value) == Math.Floor(Number(value)),
        _ => throw new NotSupportedException($"The type {type} is not checked."),
    };

    private static double Number(JsonNode? value) => double.Parse(value!.ToJsonString(), CultureInfo.InvariantCulture);
}
