using Bioscope.Engine.Auditing;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http.Features;

namespace Bioscope.Server.Accounts;

/// <summary>
/// <c>POST /api/v1/auth/refresh</c> exchanges a refresh token, from the cookie or else from the body, for a new access token and a new
/// refresh token; <c>POST /api/v1/auth/logout</c> ends its family.
/// </summary>
internal sealed partial class RefreshEndpoint(
    Settings settings, RefreshFamilies families, AccountMetrics metrics, TimeProvider clock, ILogger<RefreshEndpoint> log)
{
    private static readonly ApiError InvalidToken =
        new(401, "AUTH_UNAUTHORIZED", "auth.refresh.invalid_token", "The refresh token is not valid, please sign in again.");

    private static readonly ApiError TokenReused =
        new(401, "AUTH_UNAUTHORIZED", "auth.refresh.token_reuse_detected", "The refresh token was used before, please sign in again.");

    public static void Map(IEndpointRouteBuilder auth, Settings settings)
    {
        auth.MapPost("refresh", http => http.RequestServices.GetRequiredService<RefreshEndpoint>().RefreshAsync(http))
            .WithMetadata(new ThrottlePolicy("refresh", settings.RefreshesPerHour, TimeSpan.FromHours(1)))
            .AllowOrigins(settings);
        auth.MapPost("logout", http => http.RequestServices.GetRequiredService<RefreshEndpoint>().LogoutAsync(http))
            .WithMetadata(new ThrottlePolicy("logout", settings.RefreshesPerHour, TimeSpan.FromHours(1)));
    }

    private async Task RefreshAsync(HttpContext http)
    {
        var (text, isFromBody, refusal) = await ReadTokenAsync(http);
        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
            return;
        }

        var rotation = RefreshToken.Parse(text) is { } token
            ? await families.RotateAsync(token, http.RequestAborted)
            : new Rotation(SignInResult.Refused);
        metrics.Refresh(rotation.Result);
        if (rotation.Next is not { } next)
        {
            Log.Refused(log, rotation.Result);
            RefreshCookie.Clear(http);
            await Errors.WriteAsync(http, rotation.Result == SignInResult.Reused ? TokenReused : InvalidToken);
            return;
        }

        RefreshCookie.Append(http, next);
        var signedIn = SignedIn.Now(settings, rotation.User, clock);
        await ApiResponse.OkAsync(
            http, isFromBody ? signedIn with { RefreshToken = next.Text } : signedIn, SignedInJson.Default.SuccessSignedIn);
    }

    /// <summary>Signs the caller out, whatever was sent.</summary>
    private async Task LogoutAsync(HttpContext http)
    {
        var (text, _, _) = await ReadTokenAsync(http);
        if (RefreshToken.Parse(text) is { } token && await families.EndAsync(token, http.RequestAborted) is { } user)
        {
            await Audit.WriteAsync(http, AuditKind.SignOut, user);
        }

        RefreshCookie.Clear(http);
        await ApiResponse.AcknowledgeAsync(http);
    }

    private static async Task<(string? Text, bool IsFromBody, ApiError? Refusal)> ReadTokenAsync(HttpContext http)
    {
        if (RefreshCookie.Read(http) is { Length: > 0 } cookie)
        {
            return (cookie, false, null);
        }

        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return (null, false, null);
        }

        var (body, refusal) = await JsonRequest.ReadAsync(http);
        if (body is null)
        {
            return (null, true, refusal);
        }

        using (body)
        {
            var text = body.OptionalRawText("refreshToken");
            return (text, true, JsonRequest.Refusal(body));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "A refresh was refused: {Reason}")]
        public static partial void Refused(ILogger logger, SignInResult reason);
    }
}
