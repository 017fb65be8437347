using System.Globalization;
using System.Text;
using Bioscope.Bench.Data;
using Bioscope.Bench.Processes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Bioscope.Bench.Load;

/// <summary>Requests as bytes, made before anything is measured.</summary>
internal static class Requests
{
    public static string ReportPath(string report, int days) => string.Create(CultureInfo.InvariantCulture, $"/api/v1/creators/analytics/{report}?days={days}");

    public static byte[] Get(string path, string token) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n");

    /// <summary>An access token of the page's owner, as the server itself would give.</summary>
    public static string TokenOf(BenchPage page, DateTimeOffset now) => TokenOf(page.UserId, now);

    public static string TokenOf(Guid userId, DateTimeOffset now) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Claims = new Dictionary<string, object> { [JwtRegisteredClaimNames.Sub] = userId.ToString("D") },
        IssuedAt = now.UtcDateTime,
        NotBefore = now.UtcDateTime.AddSeconds(-1),
        Expires = now.UtcDateTime.AddDays(1),
        SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(ServerProgram.JwtSecret)), SecurityAlgorithms.HmacSha256),
    });
}
