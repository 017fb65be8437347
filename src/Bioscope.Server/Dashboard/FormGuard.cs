using System.Security.Cryptography;
using System.Text;
using Bioscope.Server.Accounts;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// Protects forms against cross-site request forgery: our forms carry a field derived from two cookies and our secret, and if the browser
/// sends the form's origin, it must be ours.
/// </summary>
internal sealed class FormGuard(Settings settings)
{
    /// <summary>Why a form that is not ours changes nothing.</summary>
    public static ApiError NotOurs { get; } =
        ApiError.Invalid("this form was open for too long, another page was chosen since, or the browser refuses cookies; please send it once more");

    private const string Cookie = "bioscope_form";
    private const string Field = "form";

    private readonly byte[] _key = LoginAttempts.Key(settings, "bioscope forms");

    /// <summary>The hidden field of a form; sets the cookie it belongs to, unless the browser has it.</summary>
    public Html FieldFor(HttpContext http)
    {
        var cookie = http.Request.Cookies[Cookie];
        if (cookie is not { Length: 32 })
        {
            cookie = RandomNumberGenerator.GetHexString(32, lowercase: true);
            http.Response.Cookies.Append(Cookie, cookie, new CookieOptions
            {
                HttpOnly = true,
                Secure = Tls.IsUsed(http),
                SameSite = SameSiteMode.Strict,
                Path = http.Request.Path.StartsWithSegments(SessionCookie.OperatorPath, StringComparison.OrdinalIgnoreCase)
                    ? SessionCookie.OperatorPath
                    : SessionCookie.Path,
            });
        }

        return Html.Of($"""<input type="hidden" name="{Field}" value="{Masked(Value(http, cookie))}">""");
    }

    public bool IsOurs(HttpContext http, IFormCollection form) =>
        http.Request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none"
        && http.Request.Cookies[Cookie] is { Length: 32 } cookie
        && Unmasked(form[Field].ToString()) is { } value
        && CryptographicOperations.FixedTimeEquals(value, Value(http, cookie));

    // In each answer another text, so that the length of compressed answers does not reveal it piece by piece.
    private static string Masked(byte[] value)
    {
        var mask = RandomNumberGenerator.GetBytes(value.Length);
        return Convert.ToHexStringLower([.. mask, .. value.Zip(mask, (a, b) => (byte)(a ^ b))]);
    }

    /// <returns>Null when it is not a masked value.</returns>
    private static byte[]? Unmasked(string text)
    {
        if (text.Length != 4 * HMACSHA256.HashSizeInBytes || !text.All(char.IsAsciiHexDigit))
        {
            return null;
        }

        var bytes = Convert.FromHexString(text);
        return [.. bytes.Take(HMACSHA256.HashSizeInBytes).Zip(bytes.Skip(HMACSHA256.HashSizeInBytes), (a, b) => (byte)(a ^ b))];
    }

    // Bound to the signed-in user: a field that an attacker obtained for their own account does not work for others. And to the chosen page:
    // a form that was opened for one page does not change another that was chosen since.
    private byte[] Value(HttpContext http, string cookie) =>
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{cookie} {SessionCookie.Read(http)?.Text} {ChosenPage.Read(http)}"));
}
