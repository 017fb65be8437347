using System.Net.Sockets;
using Bioscope.Server.Configuration;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Bioscope.Server.Mail;

/// <summary>Hands mails to the operator's mail server, several over one connection.</summary>
internal sealed class Mailer(Settings settings, TimeProvider clock) : IDisposable
{
    // A server that says nothing for that long is given up; RFC 5321 allows minutes, but others wait behind it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private SmtpClient? _connected;

    /// <summary>Whether mail can be sent.</summary>
    public bool IsSet => settings.Mail is not null;

    /// <summary>Sends a mail. Not to be called by several at once.</summary>
    /// <param name="letter">The mail.</param>
    /// <param name="id">Names the message: one that is sent again after a crash gets the same id, by which receivers recognise it.</param>
    /// <param name="cancellationToken">Cancels sending.</param>
    /// <exception cref="LetterRefusedException">The server refuses this mail for good; another one may be accepted.</exception>
    /// <exception cref="MailServerException">The server cannot be used now.</exception>
    public async Task SendAsync(Letter letter, string id, CancellationToken cancellationToken)
    {
        var message = MessageOf(letter, id);
        try
        {
            _connected ??= await ConnectAsync(settings.Mail!, cancellationToken);
            await _connected.SendAsync(message, cancellationToken);
        }
        catch (SmtpCommandException e)
        {
            await CloseAsync();
            // 5xx is for good. Of those, only the ones about this mail are: a sender is refused in every mail.
            throw (int)e.StatusCode >= 500 && e.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted
                ? new LetterRefusedException($"{(int)e.StatusCode} {e.Message}")
                : new MailServerException($"{settings.Mail} answered {(int)e.StatusCode} {e.Message}", e);
        }
        catch (Exception e) when (IsOfServer(e))
        {
            await CloseAsync();
            throw new MailServerException($"{settings.Mail}: {AdviceOf(e)}", e);
        }
    }

    /// <summary>Ends the connection, if there is one.</summary>
    public async Task CloseAsync()
    {
        if (_connected is not { } client)
        {
            return;
        }

        _connected = null;
        using (client)
        {
            try
            {
                await client.DisconnectAsync(quit: true, CancellationToken.None);
            }
            catch (Exception e) when (IsOfServer(e))
            {
                // It ended it first.
            }
        }
    }

    public void Dispose() => _connected?.Dispose();

    /// <summary>Connects and signs in.</summary>
    public static async Task<SmtpClient> ConnectAsync(MailServer server, CancellationToken cancellationToken)
    {
        // Asking whether a certificate was revoked needs yet another server, which firewalls often do not let us reach.
        var client = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds, CheckCertificateRevocation = false };
        try
        {
            await client.ConnectAsync(server.Host, server.Port, server.Security, cancellationToken);
            if (server.User is { } user)
            {
                await client.AuthenticateAsync(user, server.Password, cancellationToken);
            }

            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Whether the failure is that of a server or of the way to it.</summary>
    public static bool IsOfServer(Exception failure) => failure is SocketException or IOException or SslHandshakeException or AuthenticationException
        or ProtocolException or CommandException or ServiceNotConnectedException or ServiceNotAuthenticatedException
        or NotSupportedException or TimeoutException;

    /// <summary>What failed, and what an operator can do about it.</summary>
    public static string AdviceOf(Exception failure) => failure switch
    {
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => "no server has that name; check Mail:Server",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "nothing listens there; check the port in Mail:Server",
        SocketException e => e.Message,
        SslHandshakeException => "no trusted TLS connection could be made. Check that Mail:Server is the name in the server's " +
            "certificate, and Mail:Security (465 is 'tls', 587 is 'starttls')",
        AuthenticationException => "the server refused Mail:User and Mail:Password",
        NotSupportedException => "the server does not offer STARTTLS, or no way to sign in that we know; see Mail:Security and Mail:User",
        TimeoutException => "no answer in 30 seconds",
        _ => failure.Message,
    };

    // A line of text runs as its first letter does, which may be that of a name: the mark says that ours runs from right to left.
    private static string Directed(Letter letter, string text) => letter.Words.Direction != "rtl"
        ? text
        : string.Join('\n', text.Split('\n').Select(line => line.Length == 0 || line.StartsWith("http", StringComparison.Ordinal) ? line : "\u200F" + line));

    private MimeMessage MessageOf(Letter letter, string id)
    {
        var from = settings.Mail!.From;
        if (!MailboxAddress.TryParse(letter.To, out var to))
        {
            throw new LetterRefusedException("this is not an e-mail address");
        }

        var message = new MimeMessage
        {
            Subject = Directed(letter, letter.Subject),
            Date = clock.GetUtcNow(),
            MessageId = $"{id}@{from.Domain}",
            Body = new BodyBuilder { TextBody = Directed(letter, letter.Text), HtmlBody = LetterHtml.Of(letter) }.ToMessageBody(),
        };
        message.From.Add(from);
        message.To.Add(to);
        message.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: no "I am on holiday" in return
        if (letter.UnsubscribeUrl is { } unsubscribe)
        {
            message.Headers.Add(HeaderId.ListUnsubscribe, $"<{unsubscribe}>");
            message.Headers.Add(HeaderId.ListUnsubscribePost, "List-Unsubscribe=One-Click");
        }

        message.Prepare(EncodingConstraint.SevenBit);
        return message;
    }
}

/// <summary>The mail server refuses this mail for good.</summary>
internal sealed class LetterRefusedException(string message) : Exception(message);

/// <summary>The mail server cannot be used now; the message says why, for the operator.</summary>
internal sealed class MailServerException(string message, Exception inner) : Exception(message, inner);
