using System.Buffers;
using System.Text;

namespace Bioscope.Core;

/// <summary>The URL standard's host parser and host serializer in one. An empty result means failure.</summary>
internal static class HostParser
{
    /// <summary>Forbidden domain code points: not allowed in a domain after decoding.</summary>
    public static readonly SearchValues<char> ForbiddenInDomain = SearchValues.Create(C0Controls + " #%/:<>?@[\\]^|\u007F");

    /// <summary>Forbidden host code points. An opaque host may contain controls and percent signs: it is text, not a name.</summary>
    private static readonly SearchValues<char> ForbiddenInOpaqueHost = SearchValues.Create("\0\t\n\r #/:<>?@[\\]^|");

    private const string C0Controls = "\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\v\f\r\u000E\u000F"
        + "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F";

    /// <summary>The fast path: nothing to decode, map or reject, as in nearly every host. It is its own domain to ASCII.</summary>
    private static readonly SearchValues<char> PlainCharacters = SearchValues.Create("-.0123456789_abcdefghijklmnopqrstuvwxyz");

    public static ReadOnlySpan<char> Parse(ReadOnlySpan<char> host, bool isSpecial)
    {
        if (host.StartsWith('['))
        {
            return host.EndsWith(']') ? Ipv6Text.Canonical(host[1..^1]) : default;
        }

        if (!isSpecial)
        {
            return Opaque(host);
        }

        var domain = host.ContainsAnyExcept(PlainCharacters) ? DomainToAscii(host) : host;
        return Ipv4Text.EndsInNumber(domain) ? Ipv4Text.Canonical(domain) : domain;
    }

    private static ReadOnlySpan<char> DomainToAscii(ReadOnlySpan<char> host)
    {
        var domain = host.Contains('%') ? PercentDecoded(host) : host;
        if (!Ascii.IsValid(domain))
        {
            return Uts46.ToAscii(domain);
        }

        // An all-ASCII domain is only lower-cased, even with an invalid xn-- label (whatwg/url pull request 914).
        var lower = new char[domain.Length];
        Ascii.ToLower(domain, lower, out _);
        return lower.AsSpan().ContainsAny(ForbiddenInDomain) ? default : lower;
    }

    /// <summary>"Percent-decode", then "UTF-8 decode without BOM". Invalid bytes become U+FFFD, which no domain may contain.</summary>
    private static string PercentDecoded(ReadOnlySpan<char> host)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(host.Length)];
        ReadOnlySpan<byte> source = bytes.AsSpan(0, Encoding.UTF8.GetBytes(host, bytes));
        var length = 0;
        for (var i = 0; i < source.Length; i++)
        {
            var value = source[i];
            if (value == '%' && i + 2 < source.Length && char.IsAsciiHexDigit((char)source[i + 1])
                && char.IsAsciiHexDigit((char)source[i + 2]))
            {
                value = (byte)((HexValue(source[i + 1]) << 4) | HexValue(source[i + 2]));
                i += 2;
            }

            bytes[length++] = value; // never overwrites unread bytes
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    /// <summary>"Opaque-host parse": UTF-8 percent-encode with the C0 control percent-encode set; letters keep their case.</summary>
    private static ReadOnlySpan<char> Opaque(ReadOnlySpan<char> host)
    {
        if (host.ContainsAny(ForbiddenInOpaqueHost))
        {
            return default;
        }

        if (!host.ContainsAnyExceptInRange('\u0020', '\u007E'))
        {
            return host;
        }

        var bytes = new byte[Encoding.UTF8.GetByteCount(host)];
        Encoding.UTF8.GetBytes(host, bytes);
        var encoded = new StringBuilder(bytes.Length * 3);
        foreach (var value in bytes)
        {
            if (value is >= 0x20 and <= 0x7E)
            {
                encoded.Append((char)value);
            }
            else
            {
                encoded.Append('%').Append("0123456789ABCDEF"[value >> 4]).Append("0123456789ABCDEF"[value & 15]);
            }
        }

        return encoded.ToString();
    }
}
