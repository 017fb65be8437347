using System.Buffers;
using System.Text;

namespace Bioscope.Core;

/// <summary>
/// The part of the URL standard's basic URL parser that finds the host of a URL without a base. Nothing after the authority can make a
/// URL invalid, so the rest of the text is ignored.
/// </summary>
/// <remarks>"Not a URL" and "a URL with an empty host" give the same result, an empty span: neither has a domain.</remarks>
internal static class UrlHost
{
    private static readonly SearchValues<char> SchemeCharacters =
        SearchValues.Create("+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> AuthorityEnds = SearchValues.Create("/?#");

    /// <summary>In special schemes a backslash is a slash.</summary>
    private static readonly SearchValues<char> SpecialAuthorityEnds = SearchValues.Create("/\\?#");

    private enum SchemeKind { Other, Special, File }

    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> text)
    {
        text = Cleaned(text);
        var colon = text.IndexOf(':');
        if (colon <= 0 || !char.IsAsciiLetter(text[0]) || text[..colon].ContainsAnyExcept(SchemeCharacters))
        {
            return default; // "no scheme state": relative, and there is no base
        }

        var rest = text[(colon + 1)..];
        return KindOf(text[..colon]) switch
        {
            SchemeKind.File => FileHost(rest),
            // "special authority ignore slashes state": https:example.com and https:\\///example.com are the same URL.
            SchemeKind.Special => AuthorityHost(rest.TrimStart("/\\"), isSpecial: true),
            // Otherwise only two slashes make an authority; the rest are paths (mailto:, about:, blob:, data:).
            _ => rest.StartsWith("//") ? AuthorityHost(rest[2..], isSpecial: false) : default,
        };
    }

    /// <summary>Removes leading and trailing C0 controls and spaces, and tabs and newlines anywhere.</summary>
    private static ReadOnlySpan<char> Cleaned(ReadOnlySpan<char> text)
    {
        int start = 0, end = text.Length;
        while (start < end && text[start] <= ' ')
        {
            start++;
        }

        while (end > start && text[end - 1] <= ' ')
        {
            end--;
        }

        text = text[start..end];
        if (!text.ContainsAny('\t', '\n', '\r'))
        {
            return text;
        }

        var kept = new char[text.Length];
        var length = 0;
        foreach (var c in text)
        {
            if (c is not ('\t' or '\n' or '\r'))
            {
                kept[length++] = c;
            }
        }

        return kept.AsSpan(0, length);
    }

    private static SchemeKind KindOf(ReadOnlySpan<char> scheme) => scheme.Length switch
    {
        2 when Ascii.EqualsIgnoreCase(scheme, "ws") => SchemeKind.Special,
        3 when Ascii.EqualsIgnoreCase(scheme, "wss") || Ascii.EqualsIgnoreCase(scheme, "ftp") => SchemeKind.Special,
        4 when Ascii.EqualsIgnoreCase(scheme, "http") => SchemeKind.Special,
        4 when Ascii.EqualsIgnoreCase(scheme, "file") => SchemeKind.File,
        5 when Ascii.EqualsIgnoreCase(scheme, "https") => SchemeKind.Special,
        _ => SchemeKind.Other,
    };

    /// <summary>"Authority state", "host state" and "port state": [credentials@]host[:port].</summary>
    private static ReadOnlySpan<char> AuthorityHost(ReadOnlySpan<char> rest, bool isSpecial)
    {
        var authority = UpTo(rest, isSpecial ? SpecialAuthorityEnds : AuthorityEnds);
        authority = authority[(authority.LastIndexOf('@') + 1)..];

        // The colons of an IPv6 address are inside its brackets. A bracket anywhere else makes the host fail below.
        var bracket = authority.StartsWith('[') ? authority.IndexOf(']') : 0;
        var colon = bracket < 0 ? -1 : authority[bracket..].IndexOf(':');
        if (colon < 0)
        {
            return HostParser.Parse(authority, isSpecial);
        }

        colon += bracket;
        return IsPort(authority[(colon + 1)..]) ? HostParser.Parse(authority[..colon], isSpecial) : default;
    }

    /// <summary>
    /// "File state", "file slash state" and "file host state": no credentials, no port, and two hosts that count as empty.
    /// </summary>
    private static ReadOnlySpan<char> FileHost(ReadOnlySpan<char> rest)
    {
        if (rest.Length < 2 || rest[0] is not ('/' or '\\') || rest[1] is not ('/' or '\\'))
        {
            return default;
        }

        // A Windows drive letter (C: or C|) belongs to the path; parsed as a host it fails, which is the same here.
        var host = HostParser.Parse(UpTo(rest[2..], SpecialAuthorityEnds), isSpecial: true);
        return host is "localhost" ? default : host;
    }

    private static ReadOnlySpan<char> UpTo(ReadOnlySpan<char> text, SearchValues<char> ends)
    {
        var end = text.IndexOfAny(ends);
        return end < 0 ? text : text[..end];
    }

    /// <summary>A port may have no digits at all, or any number of leading zeros.</summary>
    private static bool IsPort(ReadOnlySpan<char> port)
    {
        if (port.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        port = port.TrimStart('0');
        return port.Length < 5 || (port.Length == 5 && port.SequenceCompareTo("65535") <= 0);
    }
}
