using System.Globalization;
using System.Text;

namespace Bioscope.Core;

/// <summary>Names and values of a query as <c>application/x-www-form-urlencoded</c>, the way browsers read it.</summary>
internal static class QueryText
{
    // The longest name that anybody asks for has 12 characters; each may be written as three.
    private const int LongestName = 36;

    /// <summary>A name, or null for one that is too long to be any of ours.</summary>
    public static string? Name(ReadOnlySpan<char> text) => text.Length is 0 or > LongestName ? null : Decode(text);

    /// <summary>
    /// <c>+</c> is a space, <c>%C3%BC</c> a byte each; then all is read as UTF-8, with U+FFFD for what is none. Lone surrogates stay
    /// as they are.
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

    // A percent sign that two hexadecimal digits do not follow is just that.
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
