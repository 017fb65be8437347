using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Bioscope.Bench.Processes;

/// <summary>What the bare server does.</summary>
internal enum BareMode
{
    /// <summary>Every GET is answered with the same bytes.</summary>
    Plain,

    /// <summary>The same to whoever has a valid bearer, by the framework's own handler.</summary>
    Jwt,

    /// <summary>A POST's JSON is read and an id answered.</summary>
    Post,
}

/// <summary>
/// Kestrel with next to nothing on it, in a process of its own: what this machine could give at most, measured beside the server and
/// driven by the same requests.
/// </summary>
internal static class BareServer
{
    private const string Sign = "Bare server listens on ";

    public static Task<WebProcess> StartAsync(BareMode mode, string answerFile, CancellationToken cancellationToken) => WebProcess.StartAsync(
        new ProcessStartInfo("dotnet", [typeof(BareServer).Assembly.Location, "bare", mode.ToString(), answerFile]), Sign, cancellationToken);

    /// <summary>Serves until it is stopped.</summary>
    public static async Task<int> RunAsync(BareMode mode, string answerFile, CancellationToken cancellationToken)
    {
        var answer = mode == BareMode.Post ? [] : await File.ReadAllBytesAsync(answerFile, cancellationToken);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        if (mode == BareMode.Jwt)
        {
            AddBearer(builder.Services);
        }

        await using var app = builder.Build();
        app.UseRouting();
        if (mode == BareMode.Jwt)
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapGet("{**path}", http => SendAsync(http, answer)).RequireAuthorization();
        }
        else if (mode == BareMode.Post)
        {
            app.MapPost("{**path}", PostAsync);
        }
        else
        {
            app.MapGet("{**path}", http => SendAsync(http, answer));
        }

        await app.StartAsync(cancellationToken);
        Console.WriteLine(Sign + app.Urls.Single());
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    private static async Task SendAsync(HttpContext http, byte[] answer)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = answer.Length;
        await http.Response.Body.WriteAsync(answer, http.RequestAborted);
    }

    private static async Task PostAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        var id = body.RootElement.TryGetProperty("visitorId", out _) ? Guid.CreateVersion7(TimeProvider.System.GetUtcNow()) : Guid.Empty;
        await SendAsync(http, Encoding.UTF8.GetBytes($$$"""{"success":true,"data":{"id":"{{{id}}}"}}"""));
    }

    // As the server did it when this was written, and on purpose not by the server's own code: the baseline must not move with it.
    private static void AddBearer(IServiceCollection services)
    {
        services.AddAuthenticationCore(options => options.DefaultScheme = JwtBearerDefaults.AuthenticationScheme);
        services.AddWebEncoders();
        new AuthenticationBuilder(services).AddScheme<JwtBearerOptions, JwtBearerHandler>(JwtBearerDefaults.AuthenticationScheme, options =>
        {
            options.MapInboundClaims = false;
            options.IncludeErrorDetails = false;
            options.Events = new JwtBearerEvents { OnTokenValidated = RefuseCritical };
            options.TokenValidationParameters = new TokenValidationParameters
            {
                IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(ServerProgram.JwtSecret)),
                ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
                RequireSignedTokens = true,
                ValidateIssuer = false,
                ValidateAudience = false,
                LifetimeValidator = (notBefore, expires, _, _) =>
                {
                    var now = TimeProvider.System.GetUtcNow().UtcDateTime;
                    return expires > now && !(notBefore > now);
                },
            };
        });
        services.AddSingleton(TimeProvider.System);
        services.AddAuthorization();
    }

    private static Task RefuseCritical(TokenValidatedContext context)
    {
        if (context.SecurityToken is JsonWebToken token && token.TryGetHeaderValue("crit", out object _))
        {
            context.Fail("crit");
        }

        return Task.CompletedTask;
    }
}
