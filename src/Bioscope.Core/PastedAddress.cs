namespace Bioscope.Core;

/// <summary>The address of a link as people paste or type it.</summary>
public static class PastedAddress
{
    /// <summary>
    /// The address with <c>https://</c> where it has no scheme: people type <c>anna.example/shop</c>. A text with another scheme, such as
    /// <c>mailto:</c>, stays as it is.
    /// </summary>
    public static string Complete(string text)
    {
        var address = text.Trim();
        var colon = address.AsSpan().IndexOfAny(":/?#");
        // In anna.example:8080 the part before the colon is a host.
        var hasScheme = colon > 0 && address[colon] == ':' && !address.AsSpan(0, colon).Contains('.');
        return hasScheme || address.Length == 0 || address[0] == '/' ? address : "https://" + address;
    }

    /// <summary>
    /// A title for a link to the address: the name of a known service (<c>Instagram</c>), otherwise its host (<c>anna.example</c>); empty
    /// when a page may not link to it.
    /// </summary>
    public static string TitleOf(string address)
    {
        if (!OutboundUrl.IsAllowed(address))
        {
            return "";
        }

        var host = OutboundUrl.HostOf(address);
        return SourceName.Of(host)?.Name ?? host;
    }
}
