namespace Bioscope.Core;

/// <summary>
/// The domain of a session's referrer: "Referrer domain" as the contract defines it, by the URL standard (https://url.spec.whatwg.org/),
/// and thus the result of <c>new URL(referrer).hostname</c> in a browser.
/// </summary>
public static class Referrer
{
    /// <summary>The maximum of UTF-16 units of a referrer that are parsed for its domain; the rest is ignored.</summary>
    public const int MaxParsedLength = 8192;

    /// <summary>The maximum of UTF-16 units of a referrer that are stored.</summary>
    public const int MaxStoredLength = 2048;

    private const string Www = "www.";

    /// <summary>
    /// The domain of the referrer: the hostname of the first <see cref="MaxParsedLength"/> units as a URL without a base, in ASCII (IDN
    /// as <c>xn--</c>, IPv6 in brackets), without its first <c>www.</c> at any position, as JavaScript's <c>replace</c> does.
    /// </summary>
    /// <param name="referrer">Any text; a lone surrogate counts as U+FFFD. No input causes an exception.</param>
    /// <returns>Never empty: null when there is no referrer, it is not a URL, or nothing remains of the hostname.</returns>
    public static string? Domain(string? referrer)
    {
        if (referrer is null)
        {
            return null;
        }

        var host = UrlHost.Of(referrer.AsSpan(0, Math.Min(referrer.Length, MaxParsedLength)));
        var www = host.IndexOf(Www);
        var domain = www < 0 ? host.ToString() : string.Concat(host[..www], host[(www + Www.Length)..]);
        return domain.Length == 0 ? null : domain;
    }

    /// <summary>
    /// The referrer as stored: at most <see cref="MaxStoredLength"/> units, never truncated in the middle of a surrogate pair, with
    /// U+FFFD for every U+0000 and lone surrogate, which PostgreSQL's <c>text</c> cannot hold.
    /// </summary>
    /// <returns>Null for null.</returns>
    public static string? ForStorage(string? referrer)
    {
        if (referrer is null)
        {
            return null;
        }

        var length = Math.Min(referrer.Length, MaxStoredLength);
        if (length < referrer.Length && char.IsSurrogatePair(referrer[length - 1], referrer[length]))
        {
            length--;
        }

        var kept = referrer.AsSpan(0, length);
        if (!kept.Contains('\0') && !kept.ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return length == referrer.Length ? referrer : kept.ToString();
        }

        return string.Create(length, kept, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                target[i] = IsStorable(source, i) ? source[i] : '\uFFFD';
            }
        });
    }

    private static bool IsStorable(ReadOnlySpan<char> text, int i) => text[i] switch
    {
        '\0' => false,
        char c when char.IsHighSurrogate(c) => i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]),
        char c when char.IsLowSurrogate(c) => i > 0 && char.IsHighSurrogate(text[i - 1]),
        _ => true,
    };
}
