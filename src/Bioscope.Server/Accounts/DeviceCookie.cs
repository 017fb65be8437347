using System.Security.Cryptography;
using System.Text;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>
/// Marks a browser as one that has signed in to an account. It gives no access without the password. <see
/// href="https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies"/>
/// </summary>
internal sealed class DeviceCookie(Settings settings)
{
    private const string Name = "bioscope_device";
    private const int DeviceLength = 32;

    private readonly byte[] _key = LoginAttempts.Key(settings, "bioscope device cookie");

    /// <summary>The browser's random name, or null when it has never signed in to this account.</summary>
    public string? Read(HttpContext http, string account) =>
        http.Request.Cookies[Name] is { Length: > DeviceLength } value
        && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(value), Encoding.UTF8.GetBytes(Value(account, value[..DeviceLength])))
            ? value[..DeviceLength]
            : null;

    /// <summary>Marks the browser, for requests under the given path.</summary>
    public void Append(HttpContext http, string account, string path)
    {
        var device = RandomNumberGenerator.GetHexString(DeviceLength, lowercase: true);
        // The maximum time that browsers keep a cookie.
        http.Response.Cookies.Append(Name, Value(account, device), new CookieOptions
        {
            HttpOnly = true,
            Secure = path == RefreshCookie.Path || Tls.IsUsed(http),
            SameSite = SameSiteMode.Strict,
            Path = path,
            MaxAge = TimeSpan.FromDays(400),
        });
    }

    private string Value(string account, string device) =>
        device + Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(account + device)));
}
