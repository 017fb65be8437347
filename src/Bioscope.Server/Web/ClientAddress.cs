using System.Net;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>
/// The client's address: the socket's address or, behind a proxy that the operator trusts, the one that the proxy names; a back-end with a
/// key of <see cref="KeyScope.Ingest"/> names its visitor's. It is used to count requests and to find the country, and never stored or
/// logged.
/// </summary>
internal sealed class ClientAddress(Settings settings)
{
    public IPAddress Of(HttpContext http)
    {
        if (http.User.Identity is KeyIdentity { Visitor: { } visitor })
        {
            return visitor;
        }

        var socket = Unmapped(http.Connection.RemoteIpAddress ?? IPAddress.None);
        if (!IsTrusted(socket))
        {
            return socket;
        }

        if (http.Request.Headers["CF-Connecting-IP"] is [{ } single] && Parse(single) is { } cloudflare)
        {
            return cloudflare;
        }

        return RightmostUntrusted(http.Request.Headers["X-Forwarded-For"].ToString()) ?? socket;
    }

    /// <summary>How many trusted proxies the request went through: the one that sent it, and those that it names before it.</summary>
    public int TrustedHops(HttpContext http)
    {
        var hops = 1;
        foreach (var entry in Entries(http.Request.Headers["X-Forwarded-For"].ToString()))
        {
            if (Parse(entry) is not { } address || !IsTrusted(address))
            {
                break;
            }

            hops++;
        }

        return hops;
    }

    /// <summary>The last one first.</summary>
    private static IEnumerable<string> Entries(string forwardedFor) =>
        forwardedFor.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Reverse();

    // Every proxy appends the address it saw, so only the part after the last address that is not a trusted proxy can be trusted.
    private IPAddress? RightmostUntrusted(string forwardedFor)
    {
        IPAddress? last = null;
        foreach (var entry in Entries(forwardedFor))
        {
            if (Parse(entry) is not { } address)
            {
                return last;
            }

            last = address;
            if (!IsTrusted(address))
            {
                return address;
            }
        }

        return last;
    }

    /// <summary>Whether it is a proxy that the operator trusts.</summary>
    public bool IsTrusted(IPAddress address)
    {
        foreach (var network in settings.TrustedProxies)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    // Some proxies append the port. IPEndPoint also reads an address without one.
    public static IPAddress? Parse(string text) => IPEndPoint.TryParse(text.Trim(), out var endPoint) ? Unmapped(endPoint.Address) : null;

    public static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
