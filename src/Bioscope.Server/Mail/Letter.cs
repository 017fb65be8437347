using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Mail;

/// <summary>A mail to one person, as text and as HTML.</summary>
/// <param name="Words">Its language.</param>
/// <param name="To">The address.</param>
/// <param name="Subject">The subject, on one line.</param>
/// <param name="Text">What programs show that do not show HTML.</param>
/// <param name="Body">The body as HTML; <see cref="LetterHtml"/> puts the frame around it.</param>
internal sealed record Letter(Words Words, string To, string Subject, string Text, Html Body)
{
    /// <summary>The address at which a POST ends mails of this kind (RFC 8058); null where the receiver asked for this one.</summary>
    public string? UnsubscribeUrl { get; init; }
}
