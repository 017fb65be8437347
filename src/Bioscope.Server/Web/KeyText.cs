using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Bioscope.Server.Web;

/// <summary>
/// An API key as its program sends it: <c>bio_</c> and 36 characters, 184 random bits with a checksum. Scanners of published code know it
/// by its beginning, and one that was copied incompletely is refused by its checksum without asking the database. Only its
/// <see cref="Hash"/> is stored and looked up, so the time of an answer tells nothing of a key.
/// </summary>
internal sealed record KeyText
{
    public const string Prefix = "bio_";

    private const string Scheme = "Bearer ";

    // 184 random bits: together with the checksum a whole number of characters.
    private const int RandomBytes = 23, ChecksumBytes = 4;

    private KeyText(string text) => Text = text;

    public string Text { get; }

    /// <summary>The SHA-256 of it, 64 hexadecimal characters.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Text)));

    public static KeyText New()
    {
        var bytes = RandomNumberGenerator.GetBytes(RandomBytes + ChecksumBytes);
        ChecksumOf(bytes).CopyTo(bytes.AsSpan(RandomBytes));
        return new KeyText(Prefix + Base64Url.EncodeToString(bytes));
    }

    /// <summary>Whether the header is meant to be a key, valid or not, and no other token.</summary>
    public static bool IsIn(string authorization) =>
        authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && authorization.AsSpan(Scheme.Length).TrimStart(' ').StartsWith(Prefix, StringComparison.Ordinal);

    /// <returns>Null when the header has no key of this form.</returns>
    public static KeyText? Read(string authorization)
    {
        var text = authorization.AsSpan(Scheme.Length).Trim(' ');
        Span<byte> bytes = stackalloc byte[RandomBytes + ChecksumBytes];
        return text.Length == Prefix.Length + Base64Url.GetEncodedLength(bytes.Length)
            && Base64Url.DecodeFromChars(text[Prefix.Length..], bytes, out _, out var length) == OperationStatus.Done
            && length == bytes.Length
            && CryptographicOperations.FixedTimeEquals(ChecksumOf(bytes), bytes[RandomBytes..])
                ? new KeyText(text.ToString())
                : null;
    }

    private static ReadOnlySpan<byte> ChecksumOf(ReadOnlySpan<byte> bytes) =>
        SHA256.HashData(bytes[..RandomBytes]).AsSpan(0, ChecksumBytes);
}
