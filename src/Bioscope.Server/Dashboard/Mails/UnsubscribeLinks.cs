using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Server.Accounts;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>
/// The links that end mails of one kind about one page to one user. They work for ever, because mails are kept for ever, and open nothing
/// else.
/// </summary>
internal sealed class UnsubscribeLinks(Settings settings)
{
    private const int IdBytes = 16, HashBytes = 16;

    private readonly byte[] _key = LoginAttempts.Key(settings, "bioscope unsubscribe links");

    public string UrlOf(Guid page, Guid user, string kind) => $"{settings.PublicUrl}/dashboard/unsubscribe/{kind}/{TokenOf(page, user, kind)}";

    /// <summary>Whose mails a link ends; null for one that is not ours.</summary>
    public (Guid Page, Guid User)? Read(string kind, string token)
    {
        if (token.Length > 80 || !Base64Url.IsValid(token) || Base64Url.DecodeFromChars(token) is not { Length: (2 * IdBytes) + HashBytes } bytes)
        {
            return null;
        }

        var (page, user) = (new Guid(bytes.AsSpan(0, IdBytes), bigEndian: true), new Guid(bytes.AsSpan(IdBytes, IdBytes), bigEndian: true));
        return CryptographicOperations.FixedTimeEquals(bytes.AsSpan(2 * IdBytes), Hash(page, user, kind)) ? (page, user) : null;
    }

    private string TokenOf(Guid page, Guid user, string kind) => Base64Url.EncodeToString(
        [.. page.ToByteArray(bigEndian: true), .. user.ToByteArray(bigEndian: true), .. Hash(page, user, kind)]);

    private byte[] Hash(Guid page, Guid user, string kind) =>
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{page:D} {user:D} {kind}"))[..HashBytes];
}
