using System.Globalization;
using System.Net;
using MailKit.Security;
using MimeKit;

namespace Bioscope.Server.Configuration;

/// <summary>The server that accepts our mail, by the settings <c>Mail:*</c>.</summary>
/// <param name="Host">Its name or address.</param>
/// <param name="Port">Its port.</param>
/// <param name="Security">How the connection is encrypted.</param>
/// <param name="User">Who signs in; null where nobody has to.</param>
/// <param name="Password">The password; empty without a user.</param>
/// <param name="From">The sender of every mail.</param>
internal sealed record MailServer(string Host, int Port, SecureSocketOptions Security, string? User, string Password, MailboxAddress From)
{
    // For programs with mail of their users: with STARTTLS (RFC 6409), or with TLS from the first byte (RFC 8314).
    private const int SubmissionPort = 587, TlsPort = 465;

    public override string ToString() => $"{Host}:{Port}";

    /// <summary>A host with or without a port: <c>smtp.example</c>, <c>smtp.example:25</c>, <c>[::1]:25</c>.</summary>
    /// <returns>Null when it is neither.</returns>
    public static (string Host, int Port)? Parse(string text)
    {
        var (host, port) = (text, SubmissionPort);
        var colon = text.LastIndexOf(':');
        if (colon >= 0 && !text.EndsWith(']') && text.IndexOf(':', StringComparison.Ordinal) is var first && (first == colon || text[0] == '['))
        {
            host = text[..colon];
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > IPEndPoint.MaxPort)
            {
                return null;
            }
        }

        host = host is ['[', .., ']'] ? host[1..^1] : host;
        return Uri.CheckHostName(host) == UriHostNameType.Unknown ? null : (host, port);
    }

    /// <summary>What <c>auto</c> means: encrypted, except to a server on this machine that cannot.</summary>
    public static SecureSocketOptions SecurityOf(string choice, string host, int port) => choice switch
    {
        "tls" => SecureSocketOptions.SslOnConnect,
        "starttls" => SecureSocketOptions.StartTls,
        "none" => SecureSocketOptions.None,
        _ when port == TlsPort => SecureSocketOptions.SslOnConnect,
        _ when host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)) =>
            SecureSocketOptions.StartTlsWhenAvailable,
        _ => SecureSocketOptions.StartTls,
    };
}
