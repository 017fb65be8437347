using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Bioscope.Server.Accounts;

/// <summary>
/// A refresh token: the id of its family and 256 random bits, 64 characters. Only the family and the <see cref="Hash"/> are stored.
/// Only a token of a family contains the family's id, so a caller who sends it with other bits has an older token.
/// </summary>
internal sealed record RefreshToken(Guid Family, string Text)
{
    private const int FamilyBytes = 16;
    private const int Bytes = FamilyBytes + 32;

    public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Text)));

    public static RefreshToken New(Guid family)
    {
        var bytes = RandomNumberGenerator.GetBytes(Bytes);
        family.TryWriteBytes(bytes, bigEndian: true, out _);
        return new RefreshToken(family, Base64Url.EncodeToString(bytes));
    }

    public static RefreshToken? Parse(string? text)
    {
        var bytes = new byte[Bytes];
        return text?.Length == Base64Url.GetEncodedLength(Bytes)
            && Base64Url.DecodeFromChars(text, bytes, out _, out var length) == OperationStatus.Done && length == Bytes
            ? new RefreshToken(new Guid(bytes.AsSpan(0, FamilyBytes), bigEndian: true), text)
            : null;
    }
}
