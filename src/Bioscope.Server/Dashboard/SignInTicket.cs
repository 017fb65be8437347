using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Server.Accounts;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// Says, in the form of the second step of a sign-in, whose password was right in the first: so the browser need not send the password
/// again. It ends after <see cref="Life"/> and with that password, and gives nothing without a code.
/// </summary>
internal sealed class SignInTicket(Settings settings, TimeProvider clock)
{
    private const int UserBytes = 16;
    private const int Bytes = UserBytes + 8 + SHA256.HashSizeInBytes;

    /// <summary>For a person who has to fetch her phone.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private readonly SealedBytes _sealed = new(settings, "bioscope second step");

    public string New(Guid user, string passwordHash)
    {
        var plain = new byte[Bytes];
        user.TryWriteBytes(plain, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(plain.AsSpan(UserBytes), (clock.GetUtcNow() + Life).ToUnixTimeMilliseconds());
        SHA256.HashData(Encoding.UTF8.GetBytes(passwordHash), plain.AsSpan(UserBytes + 8));
        return Base64Url.EncodeToString(_sealed.Seal(plain, Guid.Empty));
    }

    /// <returns>The user, and whether a hash is that of the password that was right; null when it has expired or is not ours.</returns>
    public (Guid User, Func<string, bool> IsSamePassword)? Open(string text)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.DecodeFromChars(text, bytes, out _, out var length) == OperationStatus.Done
            && _sealed.Open(bytes.AsSpan(0, length), Guid.Empty) is { Length: Bytes } plain
            && BinaryPrimitives.ReadInt64BigEndian(plain.AsSpan(UserBytes)) > clock.GetUtcNow().ToUnixTimeMilliseconds()
            ? (new Guid(plain.AsSpan(0, UserBytes), bigEndian: true),
                hash => SHA256.HashData(Encoding.UTF8.GetBytes(hash)).AsSpan().SequenceEqual(plain.AsSpan(UserBytes + 8)))
            : null;
    }
}
