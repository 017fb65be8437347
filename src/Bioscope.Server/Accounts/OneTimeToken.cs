using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Bioscope.Server.Accounts;

/// <summary>A random token for a link that works once: 256 bits, 43 characters. Only its <see cref="Hash"/> is stored.</summary>
internal sealed record OneTimeToken(string Text)
{
    private const int Bytes = 32;

    public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    public static OneTimeToken New() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes)));
}
