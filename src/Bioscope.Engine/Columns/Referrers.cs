using Bioscope.Core;

namespace Bioscope.Engine.Columns;

/// <summary>What people call the place that a session came from.</summary>
internal static class Referrers
{
    /// <summary>A referrer domain without a referrer, as in the published reports.</summary>
    public const string NoDomain = "direct";

    /// <summary>The domain, never null.</summary>
    public static string Domain(string? domain) => string.IsNullOrEmpty(domain) ? NoDomain : domain;

    /// <summary>
    /// Host and path of a referrer without its query: the host as the domain is written, the path as it was sent, without one that is only a slash.
    /// Where only a domain is stored, that.
    /// </summary>
    public static string? HostAndPath(string? referrer, string? domain)
    {
        if (string.IsNullOrEmpty(referrer))
        {
            return domain;
        }

        if (string.IsNullOrEmpty(domain) && (domain = Referrer.Domain(referrer)) is null)
        {
            return null;
        }

        var rest = referrer.AsSpan().Trim();
        rest = rest[..(rest.IndexOfAny('?', '#') is >= 0 and var end ? end : rest.Length)];
        // The first slash is that of the scheme, where there is one: a path may have "://" in it too.
        var host = rest.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme && rest.IndexOf('/') == scheme + 1
            ? rest[(scheme + 3)..]
            : rest;
        var path = host.IndexOf('/') is >= 0 and var slash ? host[slash..] : "";
        return path is "/" ? domain : string.Concat(domain, path);
    }
}
