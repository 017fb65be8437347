using System.Text.Json.Nodes;

namespace Bioscope.Server.Docs;

/// <summary>
/// The OpenAPI 3.1 document: <c>docs/openapi.json</c> which tests compare with the server. With shared databases, operations marked
/// <c>x-own</c> are not served and are left out. <see cref="ClientDocument"/> is what programs get.
/// </summary>
internal sealed class ApiDocument
{
    // They are in our own tables.
    private const string Key = "key";

    public ApiDocument(bool sharedOwnership)
    {
        using var file = typeof(ApiDocument).Assembly.GetManifestResourceStream("openapi.json")!;
        Root = JsonNode.Parse(file)!.AsObject();
        if (sharedOwnership)
        {
            RemoveOwn(Root);
        }
    }

    public JsonObject Root { get; }

    /// <summary>The target of a <c>$ref</c>, or the node itself.</summary>
    public JsonObject Resolve(JsonNode node)
    {
        while (node["$ref"] is { } reference)
        {
            node = ((string)reference!).Split('/')[1..].Aggregate((JsonNode)Root, (at, name) => at[name]!);
        }

        return node.AsObject();
    }

    /// <summary>Every operation with its address and method, in the document's order.</summary>
    public IEnumerable<(string Path, string Method, JsonObject Operation)> Operations() =>
        from path in Root["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (path.Key, operation.Key.ToUpperInvariant(), operation.Value!.AsObject());

    /// <summary>The name of a way in which an operation may be called: <c>bearer</c>, <c>key: read</c>; <c>public</c> for none.</summary>
    public static string NameOf(JsonObject way) => way.Count == 0 ? "public"
        : string.Join(": ", [way.First().Key, .. way.First().Value!.AsArray().Select(scope => (string)scope!)]);

    private static void RemoveOwn(JsonObject root)
    {
        var paths = root["paths"]!.AsObject();
        root["components"]!["securitySchemes"]!.AsObject().Remove(Key);
        foreach (var (path, operations) in paths.ToArray())
        {
            foreach (var (method, operation) in operations!.AsObject().ToArray())
            {
                if ((bool?)operation!["x-own"] == true)
                {
                    operations.AsObject().Remove(method);
                }
                else
                {
                    operation["security"]!.AsArray().RemoveAll(way => way!.AsObject().ContainsKey(Key));
                }
            }

            if (operations.AsObject().Count == 0)
            {
                paths.Remove(path);
            }
        }

        var used = paths.SelectMany(path => path.Value!.AsObject()).SelectMany(operation => operation.Value!["tags"]!.AsArray())
            .Select(tag => (string)tag!).ToHashSet();
        root["tags"]!.AsArray().RemoveAll(tag => !used.Contains((string)tag!["name"]!));
    }
}
