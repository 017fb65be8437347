using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Bioscope.Server.Accounts;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Api.Sharing;

/// <summary>
/// The tokens in the links of shared views: the id of the view and 128 bits that only this installation can make of it. So a link can be
/// shown again, while a copy of the database contains none.
/// </summary>
internal sealed class SharedLinks(Settings settings)
{
    private const int IdBytes = 16, TokenBytes = 2 * IdBytes;

    private readonly byte[] _key = LoginAttempts.Key(settings, "bioscope shared views");

    /// <summary>The path of a shared view.</summary>
    public string PathOf(Guid view) => "/s/" + TokenOf(view);

    public string TokenOf(Guid view)
    {
        Span<byte> token = stackalloc byte[TokenBytes];
        Write(view, token);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The view of a token; null when this installation did not make it.</summary>
    public Guid? ViewOf(string token)
    {
        Span<byte> given = stackalloc byte[TokenBytes];
        if (token.Length != Base64Url.GetEncodedLength(TokenBytes)
            || Base64Url.DecodeFromChars(token, given, out _, out var length) != OperationStatus.Done || length != TokenBytes)
        {
            return null;
        }

        var view = new Guid(given[..IdBytes], bigEndian: true);
        Span<byte> made = stackalloc byte[TokenBytes];
        Write(view, made);
        return CryptographicOperations.FixedTimeEquals(given, made) ? view : null;
    }

    private void Write(Guid view, Span<byte> token)
    {
        view.TryWriteBytes(token, bigEndian: true, out _);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, token[..IdBytes], hash);
        hash[..IdBytes].CopyTo(token[IdBytes..]);
    }
}
