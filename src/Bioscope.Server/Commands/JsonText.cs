using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Bioscope.Server.Commands;

/// <summary>
/// Reads a JSON string or null that may contain escaped surrogates without their partners, which JavaScript writes and System.Text.Json
/// refuses to read.
/// </summary>
internal static class JsonText
{
    public static bool TryRead(string json, out string? text)
    {
        text = null;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Null)
            {
                return true;
            }

            if (document.RootElement.ValueKind != JsonValueKind.String)
            {
                return false;
            }
            // The text is valid by the grammar, so every backslash starts a complete escape.
            text = Unescape(document.RootElement.GetRawText().AsSpan()[1..^1]);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Unescape(ReadOnlySpan<char> raw)
    {
        var text = new StringBuilder(raw.Length);
        while (raw.IndexOf('\\') is var backslash and >= 0)
        {
            text.Append(raw[..backslash]);
            raw = raw[(backslash + 1)..];
            if (raw[0] == 'u')
            {
                text.Append((char)int.Parse(raw[1..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            }
            else
            {
                text.Append(raw[0] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var same => same });
            }

            raw = raw[(raw[0] == 'u' ? 5 : 1)..];
        }

        return text.Append(raw).ToString();
    }
}
