using System.Globalization;

namespace Bioscope.Core;

/// <summary>
/// The origin of a web site as browsers send it in <c>Origin</c>: <c>https://shop.example</c>, with a port where it is not the scheme's own.
/// </summary>
public static class SiteOrigin
{
    /// <summary>The maximum length of an origin in characters.</summary>
    public const int MaxLength = 300;

    private const int MaxAddress = 2_048;

    private const string Www = "www.";

    /// <summary>The origin of an address as people paste it, with or without scheme, path and query; null where it is no web address.</summary>
    public static string? Of(string? address)
    {
        var text = address?.Trim();
        if (text is null or "" || text.Length > MaxAddress)
        {
            return null;
        }

        var url = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        // The standard's parser gives the host, the framework's the port.
        if (!OutboundUrl.IsAllowed(url) || !Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            return null;
        }

        var port = uri.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{uri.Port}");
        var origin = $"{uri.Scheme}://{UrlHost.Of(url)}{port}";
        return origin.Length <= MaxLength ? origin : null;
    }

    /// <summary>
    /// What two origins of one site have in common: host, without a first <c>www.</c>, and port. Sites answer under both names, and redirect
    /// from <c>http:</c> at some time.
    /// </summary>
    /// <param name="origin">As <see cref="Of"/> gives it.</param>
    public static string SiteOf(string origin)
    {
        var host = origin[(origin.IndexOf("://", StringComparison.Ordinal) + 3)..];
        return host.StartsWith(Www, StringComparison.Ordinal) && host.AsSpan(Www.Length).Contains('.') ? host[Www.Length..] : host;
    }

    /// <summary>The path of a page's address, <c>/</c> where there is none; null where it is no web address.</summary>
    /// <param name="url">The address.</param>
    /// <param name="maxLength">The rest of a longer path is left out.</param>
    public static string? PathOf(string? url, int maxLength)
    {
        if (url is null || !OutboundUrl.IsAllowed(url.Trim()))
        {
            return null;
        }

        var rest = url.AsSpan().Trim();
        rest = rest[(rest.IndexOf("://", StringComparison.Ordinal) + 3)..];
        rest = rest[..(rest.IndexOfAny('?', '#') is >= 0 and var end ? end : rest.Length)];
        var path = rest.IndexOf('/') is >= 0 and var slash ? rest[slash..] : "/";
        if (path.Length > maxLength)
        {
            path = path[..(char.IsHighSurrogate(path[maxLength - 1]) ? maxLength - 1 : maxLength)];
        }

        return path.ToString();
    }
}
