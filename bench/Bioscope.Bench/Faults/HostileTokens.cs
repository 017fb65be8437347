using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Faults;

/// <summary>Authorization headers: of a creator, and forged ones that must never be one.</summary>
internal sealed class HostileTokens(Random random)
{
    private static readonly byte[] Key = Encoding.UTF8.GetBytes(ServerProgram.JwtSecret);

    public string Good() => "Bearer " + HostileRequests.Page(random).AccessToken;

    public string Forged()
    {
        var user = HostileRequests.Page(random).UserId;
        var expires = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
        var good = string.Create(CultureInfo.InvariantCulture, $"{{\"sub\":\"{user}\",\"exp\":{expires}}}");
        return "Bearer " + random.Next(16) switch
        {
            0 => Sign("""{"alg":"none"}""", good, [])[..^1],
            1 => Sign("""{"alg":"none","typ":"JWT"}""", good, Key),
            2 => Sign("""{"alg":"HS512"}""", good, Key),
            3 => Sign("""{"alg":"RS256","kid":"../../dev/null"}""", good, Key),
            4 => Sign("""{"alg":"HS256"}""", good, Encoding.UTF8.GetBytes("another secret that has enough bytes")),
            5 => Sign("""{"alg":"HS256"}""", $"{{\"sub\":\"{user}\"}}", Key),
            6 => Sign("""{"alg":"HS256"}""", $"{{\"sub\":\"{user}\",\"exp\":1}}", Key),
            7 => Sign("""{"alg":"HS256","typ":"refresh+jwt"}""", good, Key),
            8 => Sign("""{"alg":"HS256","typ":"JWT"}""", $"{{\"type\":\"refresh\",{good[1..]}", Key),
            9 => Sign("""{"alg":"HS256","crit":["exp"]}""", good, Key),
            10 => Sign("""{"alg":"HS256"}""", $"{{\"sub\":[\"{user}\"],\"exp\":\"{expires}\"}}", Key),
            11 => Sign("""{"alg":"HS256"}""", new string('[', 5_000), Key),
            12 => Sign($"{{\"alg\":\"HS256\",\"crit\":[\"p\"],\"p\":\"{new string('x', random.Next(20_000))}\"}}", good, Key),
            13 => string.Concat(Enumerable.Repeat(".", random.Next(1, 2_000))),
            14 => Convert.ToBase64String(RandomBytes(random.Next(1, 200))),
            _ => Sign("""{"alg":"HS256","alg":"none"}""", good, []),
        };
    }

    private byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Sign(string header, string payload, byte[] key)
    {
        var signed = $"{Url(Encoding.UTF8.GetBytes(header))}.{Url(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{(key.Length == 0 ? "" : Url(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed))))}";
    }

    private static string Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
