using System.Buffers;

namespace Bioscope.Core;

/// <summary>
/// Which addresses a bio page may link to: web addresses with a host, written so that every browser and every person reads the
/// same host in them.
/// </summary>
public static class OutboundUrl
{
    private static readonly SearchValues<char> AuthorityEnds = SearchValues.Create("/\\?#");

    /// <summary>
    /// Whether the text is <c>http://</c> or <c>https://</c> followed by a host that the URL standard accepts. Browsers accept more, and
    /// that is refused: missing slashes, backslashes for slashes, control characters that they remove (<c>java\tscript:</c>),
    /// and credentials, which put another site's name before the host (<c>https://bank.example@evil.example</c>).
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

        // An empty authority would make browsers skip the slashes and take the path for the host.
        // A space is taken off the end of a text before it is read, but never off a host.
        return authority.Length > 0 && !authority.ContainsAny('@', ' ') && UrlHost.Of(url).Length > 0;
    }

    /// <summary>
    /// The host of an allowed address as it is shown to people: in ASCII, so that no letter can pass for another, and without a leading
    /// <c>www.</c>. Not the referrer domain, which loses a <c>www.</c> in the middle too: <c>bank.www.example</c> must not look like <c>bank.example</c>.
    /// </summary>
    public static string HostOf(string url)
    {
        var host = UrlHost.Of(url);
        return (host.StartsWith("www.") && host.Length > 4 ? host[4..] : host).ToString();
    }
}
