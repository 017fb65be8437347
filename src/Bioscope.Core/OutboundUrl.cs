using System.Buffers;

namespace Bioscope.Core;

/// <summary>
/// The addresses to which a bio page may link: web addresses with a host, written so that every browser and every person reads the same
/// host.
/// </summary>
public static class OutboundUrl
{
    private static readonly SearchValues<char> AuthorityEnds = SearchValues.Create("/\\?#");

    /// <summary>
    /// Whether the text is <c>http://</c> or <c>https://</c> followed by a host that the URL standard accepts. Some forms that browsers
    /// accept are refused: missing slashes, backslashes for slashes, control characters that browsers remove (<c>java\tscript:</c>), and
    /// credentials, which put another site's name before the host (<c>https://bank.example@evil.example</c>).
    /// </summary>
    public static bool IsAllowed(string url)
    {
        foreach (var c in url)
        {
            if (char.IsControl(c))
            {
                return false;
            }
        }

        var start = url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8
            : url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7
            : 0;
        if (start == 0)
        {
            return false;
        }

        var authority = url.AsSpan(start);
        var end = authority.IndexOfAny(AuthorityEnds);
        if (end >= 0)
        {
            if (authority[end] == '\\')
            {
                return false;
            }

            authority = authority[..end];
        }

        // An empty authority would make browsers skip the slashes and read the path as the host. A space is removed from the end of a
        // text before it is parsed, but never from a host.
        return authority.Length > 0 && !authority.ContainsAny('@', ' ') && UrlHost.Of(url).Length > 0;
    }

    /// <summary>
    /// The host of an allowed address for display: in ASCII, so that no letter can be mistaken for another, and without a leading
    /// <c>www.</c>. This is not the referrer domain, which also loses a <c>www.</c> in the middle: <c>bank.www.example</c> must not look
    /// like <c>bank.example</c>.
    /// </summary>
    public static string HostOf(string url)
    {
        var host = UrlHost.Of(url);
        return (host.StartsWith("www.") && host.Length > 4 ? host[4..] : host).ToString();
    }
}
