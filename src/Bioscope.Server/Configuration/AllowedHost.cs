using System.Net;

namespace Bioscope.Server.Configuration;

/// <summary>A host name for which the server responds.</summary>
/// <param name="Pattern">In the form of <see cref="Name"/>; <c>*.example.com</c> stands for every name below it, but not for
/// itself.</param>
/// <param name="Port">Null for every port.</param>
internal sealed record AllowedHost(string Pattern, int? Port)
{
    /// <summary>The normal form of a name: lower case, no dot at the end, an IPv6 address without brackets.</summary>
    public static string Name(string host)
    {
        var name = host.TrimEnd('.').ToLowerInvariant();
        return name.StartsWith('[') && IPAddress.TryParse(name, out var address) ? address.ToString() : name.Trim('[', ']');
    }

    /// <summary>
    /// Reads <c>example.com</c>, <c>*.example.com</c>, <c>203.0.113.1</c> or <c>[2001:db8::1]</c>, each also with a port.
    /// </summary>
    /// <returns>Null when it is not a host name.</returns>
    public static AllowedHost? Parse(string text)
    {
        var isWide = text.StartsWith("*.", StringComparison.Ordinal);
        var host = isWide ? text[2..] : text;
        var hasPort = host.LastIndexOf(':') > host.LastIndexOf(']');
        if (host.Contains('*', StringComparison.Ordinal) || (hasPort && new HostString(host).Port is null or 0)
            || !Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var url)
                || url is not { PathAndQuery: "/", Fragment: "", UserInfo: "" })
        {
            return null;
        }

        var name = Name(url.IdnHost);
        return new AllowedHost(isWide ? "*." + name : name, hasPort ? url.Port : null);
    }

    /// <param name="name">In the form of <see cref="Name"/>.</param>
    /// <param name="port">The port in the request's <c>Host</c>.</param>
    public bool Matches(string name, int? port) =>
        (Port is null || Port == port)
        && (Pattern.StartsWith("*.", StringComparison.Ordinal)
            ? name.Length > Pattern.Length - 1 && name.EndsWith(Pattern.AsSpan(1), StringComparison.Ordinal)
            : name == Pattern);
}
