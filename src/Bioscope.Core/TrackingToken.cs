using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Bioscope.Core;

/// <summary>
/// Proves that a session comes from a bio page that this server rendered recently: the first 32 hexadecimal characters of
/// HMAC-SHA256(secret, <c>"&lt;bioPageId&gt;:&lt;bucket&gt;"</c>), where a bucket is five minutes of Unix time. It is valid in its own
/// bucket and the next, so for five to ten minutes.
/// </summary>
public static class TrackingToken
{
    /// <summary>The length of a token in characters.</summary>
    public const int Length = 32;

    /// <summary>The length of a bucket.</summary>
    public static readonly TimeSpan Bucket = TimeSpan.FromMinutes(5);

    /// <summary>The token for a page at an instant, in lower-case hexadecimal.</summary>
    public static string Create(ReadOnlySpan<byte> secret, Guid bioPageId, DateTimeOffset now) =>
        ForBucket(secret, bioPageId, BucketOf(now));

    /// <summary>Whether the token was made for this page in the current bucket or the one before; compared in constant time.</summary>
    public static bool IsValid(ReadOnlySpan<byte> secret, Guid bioPageId, string? token, DateTimeOffset now)
    {
        if (token is not { Length: Length })
        {
            return false;
        }

        var presented = Encoding.UTF8.GetBytes(token);
        var bucket = BucketOf(now);
        // Both are always computed, so that the duration does not reveal which bucket matched.
        var current = Matches(secret, bioPageId, bucket, presented);
        var previous = Matches(secret, bioPageId, bucket - 1, presented);
        return current | previous;
    }

    /// <summary>
    /// Whether the token is valid now or was at any time since <paramref name="since"/>, which means that its sender has seen the page.
    /// Only for requests that are merely counted, because it computes one HMAC per bucket.
    /// </summary>
    public static bool WasValid(ReadOnlySpan<byte> secret, Guid bioPageId, string? token, DateTimeOffset since, DateTimeOffset now)
    {
        if (token is not { Length: Length })
        {
            return false;
        }

        var presented = Encoding.UTF8.GetBytes(token);
        for (var bucket = BucketOf(now); bucket >= BucketOf(since) - 1; bucket--)
        {
            if (Matches(secret, bioPageId, bucket, presented))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Matches(ReadOnlySpan<byte> secret, Guid bioPageId, long bucket, ReadOnlySpan<byte> presented) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(ForBucket(secret, bioPageId, bucket)), presented);

    private static long BucketOf(DateTimeOffset now) => now.ToUnixTimeSeconds() / (long)Bucket.TotalSeconds;

    private static string ForBucket(ReadOnlySpan<byte> secret, Guid bioPageId, long bucket)
    {
        var message = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{bioPageId:D}:{bucket}"));
        return Convert.ToHexStringLower(HMACSHA256.HashData(secret, message).AsSpan(0, Length / 2));
    }
}
