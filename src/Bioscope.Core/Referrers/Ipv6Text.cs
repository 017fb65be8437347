using System.Buffers;
using System.Globalization;
using System.Text;

namespace Bioscope.Core;

/// <summary>The URL standard's IPv6 parser and serializer. Zones (<c>%eth0</c>) are not supported by it.</summary>
internal static class Ipv6Text
{
    private const int Pieces = 8;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789ABCDEFabcdef");

    /// <summary>The shortest form, in brackets; empty on failure.</summary>
    /// <param name="text">The text between the brackets.</param>
    public static ReadOnlySpan<char> Canonical(ReadOnlySpan<char> text)
    {
        Span<ushort> address = stackalloc ushort[Pieces]; // zeroed; the parser relies on it
        return TryParse(text, address) ? Serialized(address) : default;
    }

    private static bool TryParse(ReadOnlySpan<char> text, Span<ushort> address)
    {
        var index = 0;
        var afterGap = -1; // "::" counts as one piece first, and afterwards as all those that are missing
        if (text.StartsWith(':'))
        {
            if (!text.StartsWith("::"))
            {
                return false;
            }

            text = text[2..];
            afterGap = ++index;
        }

        while (!text.IsEmpty)
        {
            if (index == Pieces)
            {
                return false;
            }

            if (text[0] == ':')
            {
                if (afterGap >= 0)
                {
                    return false;
                }

                text = text[1..];
                afterGap = ++index;
                continue;
            }

            var digits = CountOfHexDigits(text);
            if (digits > 0 && digits < text.Length && text[digits] == '.')
            {
                if (index > Pieces - 2 || !TryParseIpv4(text, address[index..]))
                {
                    return false;
                }

                index += 2;
                break;
            }

            if (!ushort.TryParse(text[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out address[index++])
                || !TrySkipColon(ref text, digits))
            {
                return false;
            }
        }

        return TryFillGap(address, index, afterGap);
    }

    /// <summary>At most four digits, the size of a piece; a fifth is not a colon and fails.</summary>
    private static int CountOfHexDigits(ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, 4)];
        var digits = text.IndexOfAnyExcept(HexDigits);
        return digits < 0 ? text.Length : digits;
    }

    /// <summary>A piece is followed by the end, or by a colon and more text.</summary>
    private static bool TrySkipColon(ref ReadOnlySpan<char> text, int digits)
    {
        text = text[digits..];
        if (text.IsEmpty)
        {
            return true;
        }

        var isColon = text[0] == ':' && text.Length > 1;
        text = text[1..];
        return isColon;
    }

    /// <summary>
    /// The last 32 bits as four decimal numbers; stricter than an IPv4 host: no hex, no leading zeros, no omitted numbers.
    /// </summary>
    private static bool TryParseIpv4(ReadOnlySpan<char> text, Span<ushort> pieces)
    {
        var count = 0;
        foreach (var part in text.Split('.'))
        {
            var number = text[part];
            if (count == 4 || (number.Length > 1 && number[0] == '0')
                || !byte.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return false;
            }

            pieces[count / 2] = (ushort)((pieces[count / 2] << 8) | value);
            count++;
        }

        return count == 4;
    }

    private static bool TryFillGap(Span<ushort> address, int index, int afterGap)
    {
        if (afterGap < 0)
        {
            return index == Pieces;
        }

        var moved = index - afterGap;
        address[afterGap..index].CopyTo(address[^moved..]);
        address[afterGap..^moved].Clear();
        return true;
    }

    /// <summary>"IPv6 serializer": lower-case, no leading zeros, the first longest run of zeros (of two or more) as "::".</summary>
    private static string Serialized(ReadOnlySpan<ushort> address)
    {
        (var gap, var gapLength) = LongestRunOfZeros(address);
        var text = new StringBuilder("[", 41);
        for (var i = 0; i < Pieces; i++)
        {
            if (i == gap)
            {
                text.Append("::");
                i += gapLength - 1;
                continue;
            }

            if (i > 0 && i != gap + gapLength)
            {
                text.Append(':');
            }

            text.Append(CultureInfo.InvariantCulture, $"{address[i]:x}");
        }

        return text.Append(']').ToString();
    }

    private static (int Start, int Length) LongestRunOfZeros(ReadOnlySpan<ushort> address)
    {
        (int Start, int Length) longest = (-1, 1);
        for (var i = 0; i < Pieces; i++)
        {
            var start = i;
            while (i < Pieces && address[i] == 0)
            {
                i++;
            }

            if (i - start > longest.Length)
            {
                longest = (start, i - start);
            }
        }

        return longest;
    }
}
