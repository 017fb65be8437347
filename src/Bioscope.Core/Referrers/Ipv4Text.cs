namespace Bioscope.Core;

/// <summary>The URL standard's IPv4 parser and serializer: one to four numbers, each decimal, 0octal or 0xhex.</summary>
internal static class Ipv4Text
{
    /// <summary>
    /// The "ends in a number checker": if true, the host is an IPv4 address or invalid; <c>foo.1.2.3.4</c> is not a name.
    /// </summary>
    public static bool EndsInNumber(ReadOnlySpan<char> host)
    {
        if (host.EndsWith('.'))
        {
            host = host[..^1];
        }

        var last = host[(host.LastIndexOf('.') + 1)..];
        return !last.IsEmpty && char.IsAsciiDigit(last[0]) // a quick check that excludes nearly every host
            && (!last.ContainsAnyExceptInRange('0', '9') || TryParseNumber(last, out _));
    }

    /// <summary>The four decimal numbers with dots; empty on failure.</summary>
    public static ReadOnlySpan<char> Canonical(ReadOnlySpan<char> host)
    {
        if (host.EndsWith('.'))
        {
            host = host[..^1];
        }

        ulong address = 0;
        var count = 0;
        ulong last = 0;
        foreach (var part in host.Split('.'))
        {
            // Every number but the last is one byte; the last fills the remaining bytes (127.1 is 127.0.0.1).
            if (count == 4 || last > 255 || !TryParseNumber(host[part], out var number))
            {
                return default;
            }

            address = (address << 8) | last;
            last = number;
            count++;
        }

        var bitsLeft = 8 * (5 - count);
        if (last >> bitsLeft != 0)
        {
            return default;
        }

        address = (address << bitsLeft) | last;
        return $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}";
    }

    /// <summary>
    /// "IPv4 number parser". <c>0x</c> is zero. A number too large for any address stays too large, however many digits follow.
    /// </summary>
    private static bool TryParseNumber(ReadOnlySpan<char> text, out ulong number)
    {
        number = 0;
        if (text.IsEmpty)
        {
            return false;
        }

        uint radix = 10;
        if (text.Length > 1 && text[0] == '0')
        {
            radix = text[1] is 'x' or 'X' ? 16u : 8u;
            text = text[(radix == 16 ? 2 : 1)..];
        }

        const ulong TooLarge = 1UL << 40;
        foreach (var c in text)
        {
            var digit = char.IsAsciiHexDigit(c) ? (uint)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10) : uint.MaxValue;
            if (digit >= radix)
            {
                return false;
            }

            number = Math.Min((number * radix) + digit, TooLarge);
        }

        return true;
    }
}
