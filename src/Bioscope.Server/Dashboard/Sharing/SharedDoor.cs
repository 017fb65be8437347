using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Sharing;
using Bioscope.Server.BioPages;
using Bioscope.Server.Configuration;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Sharing;

/// <summary>
/// The password of a shared view. It is exchanged for a cookie that only that view's address gets, and only for a while; guesses are
/// counted like those of sign-ins. Nothing of the view is said before.
/// </summary>
internal static class SharedDoor
{
    private const string Cookie = "bioscope_shared";

    // A working day: who looks again tomorrow types it again.
    private static readonly TimeSpan OpenFor = TimeSpan.FromHours(12);

    /// <summary>Whether the browser may see it.</summary>
    public static bool IsOpen(HttpContext http, SharedView view) => view.PasswordHash is null
        || (http.Request.Cookies[Cookie]?.Split('.') is [var until, _]
            && long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var end)
            && http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeSeconds() < end
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(http.Request.Cookies[Cookie]!), Encoding.UTF8.GetBytes(Value(http, view, end))));

    public static async Task UnlockAsync(HttpContext http, SharedView view, PageColour colour, string password)
    {
        var path = http.RequestServices.GetRequiredService<SharedLinks>().PathOf(view.Id);
        if (view.PasswordHash is null)
        {
            SignInPage.GoTo(http, path);
            return;
        }

        switch (await TryAsync(http, view, password))
        {
            case null:
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                await WriteAsync(http, view, colour, texts => texts.TooManyOpen);
                break;
            case false:
                http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                await WriteAsync(http, view, colour, texts => texts.WrongPassword);
                break;
            default:
                Append(http, view, path);
                SignInPage.GoTo(http, path);
                break;
        }
    }

    /// <summary>Writes the form for the password.</summary>
    public static Task WriteAsync(HttpContext http, SharedView view, PageColour colour, Func<SharedViewWords, string>? problem)
    {
        var texts = new SharedViewWords(Words.Of(http));
        return PageFrame.WriteSharedAsync(
            http,
            colour,
            texts.Door,
            Html.Of($"""
                <meta property="og:title" content="{texts.Door}"><meta property="og:image" content="{view.Url}/picture.png">

                """),
            Html.Of($"""
                <main id="main" class="door">
                <h1>{texts.Door}</h1>
                <form method="post" action="{http.RequestServices.GetRequiredService<SharedLinks>().PathOf(view.Id)}">
                {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{problem(texts)}</p>"""))}
                <label for="password">{texts.Password}</label><input id="password" name="password" type="password" autocomplete="off" required maxlength="{Passwords.MaxChars}">
                <button>{texts.Open}</button>
                </form>
                <p class="note">{texts.WhoKnows}</p>
                </main>

                """),
            view.EmbedOrigins);
    }

    /// <returns>Whether the password is right; null when too many others are being checked.</returns>
    private static async Task<bool?> TryAsync(HttpContext http, SharedView view, string password)
    {
        var passwords = http.RequestServices.GetRequiredService<Passwords>();
        if (!await passwords.TryEnterAsync(http.RequestAborted))
        {
            return null;
        }

        try
        {
            var attempts = http.RequestServices.GetRequiredService<LoginAttempts>();
            // No e-mail address has a control character.
            var account = attempts.AccountOf($"shared view\0{view.Id:D}");
            var mayTry = await attempts.TakeAsync(account, null, http.RequestAborted);
            var isRight = passwords.Verify(view.PasswordHash, password[..Math.Min(password.Length, Passwords.MaxChars + 1)]).IsRight;
            if (!mayTry || !isRight)
            {
                return false;
            }

            await attempts.ForgetAsync(account, null, http.RequestAborted);
            return true;
        }
        finally
        {
            passwords.Leave();
        }
    }

    private static void Append(HttpContext http, SharedView view, string path)
    {
        var end = (http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() + OpenFor).ToUnixTimeSeconds();
        var options = new CookieOptions
        {
            HttpOnly = true,
            Secure = Tls.IsUsed(http),
            SameSite = SameSiteMode.Lax,
            Path = path,
            MaxAge = OpenFor,
        };
        if (view.EmbedOrigins.Count > 0 && options.Secure)
        {
            // In a frame of another site a browser sends no other cookie; each embedding site gets one of its own.
            options.SameSite = SameSiteMode.None;
            options.Extensions.Add("Partitioned");
        }

        http.Response.Cookies.Append(Cookie, Value(http, view, end), options);
    }

    // Of the password, too: a view with another one is another.
    private static string Value(HttpContext http, SharedView view, long end)
    {
        var key = LoginAttempts.Key(http.RequestServices.GetRequiredService<Settings>(), "bioscope shared view passwords");
        var text = string.Create(CultureInfo.InvariantCulture, $"{end}");
        var hash = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{text} {view.Id:D} {view.PasswordHash}"));
        return $"{text}.{Convert.ToHexStringLower(hash)}";
    }
}
