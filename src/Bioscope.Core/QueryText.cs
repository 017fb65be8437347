using System.Globalization;
using System.Text;

namespace Bioscope.Core;

/// <summary>Names and values of a query as <c>application/x-www-form-urlencoded</c>, decoded as browsers do.</summary>
internal static class QueryText
{
    // The longest name that we read has 16 characters, each of which may be percent-encoded as three, and "amp;" in front.
    private const int LongestName = 60;

    /// <summary>A name, or null for one that is too long to be one of ours.</summary>
    public static string? Name(ReadOnlySpan<char> text) => text.Length is 0 or > LongestName ? null : Decode(text);

    /// <summary>
    /// Replaces <c>+</c> by a space and decodes percent-encoded bytes such as <c>%C3%BC</c>. The result is read as UTF-8, with U+FFFD for
    /// invalid bytes; lone surrogates are left unchanged.
    /// </summary>
    public static string Decode(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAny('%', '+'))
        {
            return text.ToString();
        }

        var decoded = new StringBuilder(text.Length);
        var bytes = new byte[text.Length / 3];
        while (!text.IsEmpty)
        {
            var count = 0;
            while (TryByte(text, out var value))
            {
                bytes[count++] = value;
                text = text[3..];
            }

            if (count > 0)
            {
                decoded.Append(Encoding.UTF8.GetString(bytes, 0, count));
                continue;
            }

            decoded.Append(text[0] == '+' ? ' ' : text[0]);
            text = text[1..];
        }

        return decoded.ToString();
    }

    // A percent sign without two hexadecimal digits stands for itself.
    private static bool TryByte(ReadOnlySpan<char> text, out byte value)
    {
        if (text is not ['%', _, _, ..])
        {
            value = 0;
            return false;
        }

        return byte.TryParse(text[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
