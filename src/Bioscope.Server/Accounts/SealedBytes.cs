using System.Security.Cryptography;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Accounts;

/// <summary>
/// Encrypts small secrets with a key derived from the installation's, so that a copy of the database does not reveal them. Each is bound
/// to a purpose and to a user: moved to another user's row, it does not open.
/// </summary>
internal sealed class SealedBytes(Settings settings, string purpose)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _key = LoginAttempts.Key(settings, purpose);

    public byte[] Seal(ReadOnlySpan<byte> plain, Guid user)
    {
        var sealedBytes = new byte[NonceBytes + plain.Length + TagBytes];
        var nonce = sealedBytes.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(
            nonce, plain, sealedBytes.AsSpan(NonceBytes, plain.Length), sealedBytes.AsSpan(NonceBytes + plain.Length), user.ToByteArray());
        return sealedBytes;
    }

    /// <returns>Null when it was not sealed here for this purpose and user.</returns>
    public byte[]? Open(ReadOnlySpan<byte> sealedBytes, Guid user)
    {
        if (sealedBytes.Length < NonceBytes + TagBytes)
        {
            return null;
        }

        var plain = new byte[sealedBytes.Length - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(sealedBytes[..NonceBytes], sealedBytes[NonceBytes..^TagBytes], sealedBytes[^TagBytes..], plain, user.ToByteArray());
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
