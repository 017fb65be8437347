using System.Text.Json;
using System.Text.Json.Nodes;
using Bioscope.Server.Web;

namespace Bioscope.Server.Docs;

/// <summary>JSON as indented, coloured HTML; short values are on one line.</summary>
internal static class JsonMarkup
{
    private const int MaxOnALine = 56;

    public static Html Of(JsonNode? node, string indent = "")
    {
        var inner = indent + "  ";
        return node switch
        {
            JsonObject members => Html.Of($"{{{Lines(
                members, members.Select(member => Html.Of($"<i>{Quoted(member.Key)}</i>: {Of(member.Value, inner)}")), indent)}}}"),
            JsonArray items => Html.Of($"[{Lines(items, items.Select(item => Of(item, inner)), indent)}]"),
            JsonValue value when value.GetValueKind() == JsonValueKind.String => Html.Of($"<b>{Quoted((string)value!)}</b>"),
            _ => Html.Of($"<u>{Flat(node)}</u>"),
        };
    }

    private static Html Lines(JsonNode list, IEnumerable<Html> items, string indent)
    {
        if (Flat(list).Length + indent.Length <= MaxOnALine)
        {
            return Html.Join(items, Html.Trusted(", "));
        }

        var line = $"\n{indent}  ";
        return Html.Trusted($"{line}{Html.Join(items, Html.Trusted("," + line))}\n{indent}");
    }

    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + "\"";

    private static string Flat(JsonNode? node) => node?.ToJsonString() ?? "null";
}
