using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bioscope.Server.Accounts;
using OtpNet;

namespace Bioscope.Server.Tests.Support;

/// <summary>Calls of the account routes, and the contents of their responses.</summary>
internal static class AccountCalls
{
    public static Task<HttpResponseMessage> LoginAsync(this TestApp app, string email, string password, string? device = null) =>
        app.PostAuthAsync("login", JsonContent.Create(new { email, password }), device is null ? null : $"bioscope_device={device}");

    /// <summary>The code that an app shows now.</summary>
    public static string CodeOf(this TestApp app, string secret) =>
        new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(app.Clock.GetUtcNow().UtcDateTime);

    /// <summary>A secret as the server stores it.</summary>
    public static byte[] Sealed(this TestApp app, Guid user, string secret) =>
        new SealedBytes(app.Settings, "bioscope second factor").Seal(Base32Encoding.ToBytes(secret), user);

    /// <summary>Signs in and returns the refresh token.</summary>
    public static async Task<string> SignInAsync(this TestApp app, string email, string password)
    {
        using var response = await app.LoginAsync(email, password);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Cookie("bioscope_refresh")!;
    }

    public static Task<HttpResponseMessage> RefreshAsync(this TestApp app, string token) =>
        app.PostAuthAsync("refresh", null, $"bioscope_refresh={token}");

    public static Task<HttpResponseMessage> PostAuthAsync(
        this TestApp app, string route, HttpContent? body, string? cookie = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/" + route) { Content = body };
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>The whole <c>Set-Cookie</c> header with that name, or null.</summary>
    public static string? SetCookie(this HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.FirstOrDefault(
            cookie => cookie.StartsWith(name + '=', StringComparison.Ordinal)) : null;

    /// <summary>The value of the cookie that the response sets, or null.</summary>
    public static string? Cookie(this HttpResponseMessage response, string name) =>
        response.SetCookie(name)?.Split(';')[0][(name.Length + 1)..];

    public static async Task<JsonElement> DataAsync(this HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return body.GetProperty("data");
    }

    public static Task<JsonElement> AssertInvalidCredentialsAsync(this HttpResponseMessage response) =>
        response.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "auth.login.invalid_credentials");

    public static Task<JsonElement> AssertInvalidTokenAsync(this HttpResponseMessage response) =>
        response.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "auth.refresh.invalid_token");

    public static Task<JsonElement> AssertReuseAsync(this HttpResponseMessage response) =>
        response.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "auth.refresh.token_reuse_detected");
}
