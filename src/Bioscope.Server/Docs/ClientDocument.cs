using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bioscope.Server.Docs;

/// <summary>
/// The document as it is served: derived from <c>docs/openapi.json</c> so that programs which generate clients make good ones. The file
/// is as strict as our tests need it, and says once what is true on every address.
/// </summary>
internal sealed class ClientDocument
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ApiDocument _document;
    private readonly string _text;

    public ClientDocument(bool sharedOwnership)
    {
        _document = new ApiDocument(sharedOwnership);
        Root["servers"]![0]!["url"] = ApiOrigin.Placeholder;
        AddGeneralResponses(sharedOwnership);
        OpenAnswers();
        SayTypesPlainly(Root["paths"]!);
        SayTypesPlainly(Root["components"]!["schemas"]!);
        RemoveUnused();
        _text = Encoding.UTF8.GetString(ToUtf8(Root));
    }

    public JsonObject Root => _document.Root;

    public byte[] Render(string origin) => Encoding.UTF8.GetBytes(
        _text.Replace(ApiOrigin.Placeholder, JsonEncodedText.Encode(origin, Readable.Encoder).ToString(), StringComparison.Ordinal));

    private static byte[] ToUtf8(JsonObject root)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Readable))
        {
            root.WriteTo(writer);
        }

        return stream.ToArray();
    }

    /// <summary>
    /// The responses with <c>x-status</c> may occur on every address: they are added where the operation has none with that status. A role
    /// (403) matters only where there is a caller.
    /// </summary>
    private void AddGeneralResponses(bool sharedOwnership)
    {
        var general = new List<(string Status, string Name)>();
        foreach (var (name, response) in Root["components"]!["responses"]!.AsObject())
        {
            var isServed = !sharedOwnership || (bool?)response!["x-own"] != true;
            response!.AsObject().Remove("x-own");
            if (response["x-status"] is { } status)
            {
                response.AsObject().Remove("x-status");
                if (isServed)
                {
                    general.Add((status.ToString(), name));
                }
            }
        }

        foreach (var (_, _, operation) in _document.Operations())
        {
            var responses = operation["responses"]!.AsObject();
            var hasCaller = operation["security"]!.AsArray().Any(scheme => scheme!["bearer"] is not null);
            foreach (var (status, name) in general.Where(one => !responses.ContainsKey(one.Status) && (one.Status != "403" || hasCaller)))
            {
                responses[status] = new JsonObject { ["$ref"] = $"#/components/responses/{name}" };
            }

            // JsonNode has one parent: the children leave before they are added in order.
            var all = responses.OrderBy(response => response.Key, StringComparer.Ordinal).ToList();
            responses.Clear();
            all.ForEach(responses.Add);
        }
    }

    /// <summary>A later version may add a field to an answer; a client that validates must not refuse it.</summary>
    private void OpenAnswers()
    {
        var seen = new HashSet<JsonNode>(ReferenceEqualityComparer.Instance);
        foreach (var response in _document.Operations().SelectMany(entry => entry.Operation["responses"]!.AsObject()))
        {
            Open(response.Value!);
        }

        void Open(JsonNode? node)
        {
            switch (node)
            {
                case JsonObject reference when reference.ContainsKey("$ref"):
                    Open(_document.Resolve(reference));
                    break;
                case JsonObject schema when seen.Add(schema):
                    if (schema["additionalProperties"] is JsonValue allowed && !(bool)allowed)
                    {
                        schema.Remove("additionalProperties");
                    }

                    foreach (var (name, child) in schema.Where(member => !IsExample(member.Key)))
                    {
                        Open(child);
                    }

                    break;
                case JsonArray items:
                    foreach (var item in items)
                    {
                        Open(item);
                    }

                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Some generators know no type but the declared one, and of several only the first; and take a default for required.</summary>
    private static void SayTypesPlainly(JsonNode? node)
    {
        if (node is JsonObject schema)
        {
            if (schema["type"] is JsonArray types && types.Count(type => (string)type! != "null") > 1)
            {
                var items = schema["items"]?.DeepClone();
                schema["anyOf"] = new JsonArray([.. types.Select(type => new JsonObject { ["type"] = type!.DeepClone() })]);
                schema.Remove("type");
                schema.Remove("items");
                if (items is not null)
                {
                    schema["anyOf"]!.AsArray().Single(one => (string)one!["type"]! == "array")!["items"] = items;
                }
            }

            if (schema["const"] is { } constant && !schema.ContainsKey("type"))
            {
                schema["type"] = constant.GetValueKind() switch
                {
                    JsonValueKind.True or JsonValueKind.False => "boolean",
                    JsonValueKind.Number => "integer",
                    _ => "string",
                };
            }

            // With a default, openapi-typescript makes the field of a request one that must be given.
            foreach (var (_, property) in schema["properties"]?.AsObject().Where(one => one.Value!["default"] is not null) ?? [])
            {
                property!["description"] = $"{(string?)property["description"]} Default: `{property["default"]}`.".TrimStart();
                property.AsObject().Remove("default");
            }

            foreach (var (_, child) in schema.Where(member => !IsExample(member.Key)).ToList())
            {
                SayTypesPlainly(child);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                SayTypesPlainly(item);
            }
        }
    }

    /// <summary>With shared databases, what only the absent operations use.</summary>
    private void RemoveUnused()
    {
        var components = Root["components"]!.AsObject();
        var isDone = false;
        while (!isDone)
        {
            var used = References(Root).ToHashSet();
            var unused = components.Where(kind => kind.Key != "securitySchemes")
                .SelectMany(kind => kind.Value!.AsObject().Select(one => (Kind: kind.Key, Name: one.Key)))
                .Where(one => !used.Contains($"#/components/{one.Kind}/{one.Name}")).ToList();
            unused.ForEach(one => components[one.Kind]!.AsObject().Remove(one.Name));
            isDone = unused.Count == 0;
        }
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "$ref" ? [(string)member.Value!] : References(member.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    private static bool IsExample(string name) => name is "example" or "examples";
}
