using System.Globalization;
using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Erasing;
using Bioscope.Engine.Json;
using Bioscope.Server.Accounts;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Data;

/// <summary>
/// <c>/api/v1/creators/data</c>: everything that the server has about the caller. <c>GET</c> sends it as a ZIP file; <c>POST …/erase
/// {password}</c> erases it for good, account and page included. Who has no password here sends <c>{confirm}</c> with the own user id instead.
/// </summary>
internal static class DataRoutes
{
    private static ApiError NoUser { get; } = ApiError.Invalid("this token names no user of this server");

    public static void AddData(this IServiceCollection services)
    {
        services.AddSingleton<DataArchive>();
        services.AddSingleton<Erasure>();
        services.AddSingleton<Overwriting>();
        services.AddSingleton<ErasureService>();
        services.AddHostedService(provider => provider.GetRequiredService<ErasureService>());
    }

    public static void Map(IEndpointRouteBuilder creators, Settings settings)
    {
        creators.MapGet("data", DownloadAsync).RequireAuthorization().WithMetadata(DownloadLimit(settings));
        creators.MapPost("data/erase", EraseAsync).RequireAuthorization().WithMetadata(LoginEndpoint.Limit(settings));
    }

    /// <summary>An archive reads every row of a page.</summary>
    public static ThrottlePolicy DownloadLimit(Settings settings) => new("data", settings.DataPerHour, TimeSpan.FromHours(1));

    /// <summary>Sends the archive of the caller.</summary>
    public static async Task DownloadAsync(HttpContext http)
    {
        if (Sessions.UserOf(http) is not { } user)
        {
            await Errors.WriteAsync(http, NoUser);
            return;
        }

        var today = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        http.Response.ContentType = "application/zip";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentDisposition =
            string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"bioscope-data-{today:yyyy-MM-dd}.zip\"");
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await Audit.WriteAsync(http, AuditKind.Export, user);
            await http.RequestServices.GetRequiredService<DataArchive>().WriteAsync(user, http.Response.Body, http.RequestAborted);
        }
    }

    /// <summary>Erases a user, after the password or the user's id was given.</summary>
    /// <returns>What was erased, or why nothing was.</returns>
    public static async Task<(ErasureRow? Erased, ApiError? Refusal)> EraseAsync(
        HttpContext http, Guid user, string? password, string? confirm, ErasureOrigin origin)
    {
        var services = http.RequestServices;
        var email = await PasswordEndpoint.EmailOfAsync(http, user);
        if (email is not null)
        {
            var (verified, refusal) = await PasswordEndpoint.VerifyAsync(http, user, password ?? "", "password");
            if (verified is null)
            {
                return (null, refusal);
            }
        }
        else if (!Uuid.TryParse(confirm ?? "", out var confirmed) || confirmed != user)
        {
            return (null, ApiError.Invalid("confirm must be your user id"));
        }

        // Before it, because it also erases where the event came from.
        await Audit.WriteAsync(http, AuditKind.Erasure, user);
        return (await services.GetRequiredService<ErasureService>().EraseAsync(user, origin), null);
    }

    private static async Task EraseAsync(HttpContext http)
    {
        var (asked, refusal) = await JsonRequest.ReadAsync(http, ErasureRequest.Read);
        ErasureRow? erased = null;
        if (asked is not null)
        {
            (erased, refusal) = Sessions.UserOf(http) is { } user
                ? await EraseAsync(http, user, asked.Password, asked.Confirm, ErasureOrigin.Creator)
                : (null, NoUser);
        }

        await (erased is null
            ? Errors.WriteAsync(http, refusal!)
            : ApiResponse.OkAsync(http, new Erased(erased.Sessions, erased.PageViews), DataJson.Default.SuccessErased));
    }
}

/// <summary>How a caller shows that everything is to be erased.</summary>
internal sealed record ErasureRequest(string? Password, string? Confirm)
{
    public static ErasureRequest Read(JsonBody body) =>
        new(body.OptionalText("password", Passwords.MaxChars), body.OptionalText("confirm", Passwords.MaxChars));
}

/// <summary>What was erased besides account and page.</summary>
/// <param name="Sessions">The number of sessions.</param>
/// <param name="PageViews">The number of page views and clicks.</param>
internal sealed record Erased(long Sessions, long PageViews);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<Erased>))]
internal sealed partial class DataJson : JsonSerializerContext;
