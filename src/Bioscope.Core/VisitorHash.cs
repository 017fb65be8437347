using System.Security.Cryptography;
using System.Text;

namespace Bioscope.Core;

/// <summary>
/// What is stored instead of the id sent by a visitor's browser: SHA-256 keyed with a secret of the installation, so that someone with
/// access to the database cannot test which visitor ids it contains.
/// </summary>
public static class VisitorHash
{
    /// <summary>The length of a hash in characters.</summary>
    public const int Chars = 64;

    /// <summary>HMAC-SHA256 of the id's UTF-8 bytes, as 64 lower-case hexadecimal characters.</summary>
    public static string Of(ReadOnlySpan<byte> secret, string visitorId) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(visitorId)));
}
