using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Bioscope.Server.Docs;

/// <summary>JSON as indented, coloured HTML; short values are on one line.</summary>
internal static class JsonMarkup
{
    private const int MaxOnALine = 56;

    public static string Of(JsonNode? node)
    {
        var html = new StringBuilder();
        Write(html, node, "");
        return html.ToString();
    }

    private static void Write(StringBuilder html, JsonNode? node, string indent)
    {
        var isFlat = Flat(node).Length + indent.Length <= MaxOnALine;
        var inner = indent + "  ";
        switch (node)
        {
            case JsonObject members:
                WriteList(html, '{', '}', members, isFlat, indent, member =>
                {
                    html.Append("<i>").Append(Text(member.Key)).Append("</i>: ");
                    Write(html, member.Value, inner);
                });
                break;
            case JsonArray items:
                WriteList(html, '[', ']', items, isFlat, indent, item => Write(html, item, inner));
                break;
            case JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.String:
                html.Append("<b>").Append(Text((string)value!)).Append("</b>");
                break;
            default:
                html.Append("<u>").Append(Flat(node)).Append("</u>");
                break;
        }
    }

    private static void WriteList<T>(
        StringBuilder html, char open, char close, ICollection<T> items, bool isFlat, string indent, Action<T> write)
    {
        html.Append(open);
        var separator = "";
        foreach (var item in items)
        {
            html.Append(separator).Append(isFlat ? "" : $"\n{indent}  ");
            write(item);
            separator = isFlat ? ", " : ",";
        }

        html.Append(isFlat || items.Count == 0 ? "" : $"\n{indent}").Append(close);
    }

    private static string Text(string text) => WebUtility.HtmlEncode(
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"");

    private static string Flat(JsonNode? node) => node?.ToJsonString() ?? "null";
}
