using System.Security.Cryptography;
using System.Text;

namespace Bioscope.Core;

/// <summary>
/// What is stored instead of the id that a visitor's browser sent: SHA-256 keyed with a secret of the installation, so
/// that nobody who sees the database can test which visitor ids are in it.
/// </summary>
public static class VisitorHash
{
    /// <summary>HMAC-SHA256 of the id's UTF-8 bytes, as 64 lower-case hexadecimal characters.</summary>
    public static string Of(ReadOnlySpan<byte> secret, string visitorId) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(visitorId)));
}
