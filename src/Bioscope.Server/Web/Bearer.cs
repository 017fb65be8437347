using System.Text;
using Bioscope.Core;
using Bioscope.Server.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Bioscope.Server.Web;

/// <summary>
/// Access tokens: JWTs signed with HS256, whose <c>sub</c> is the user's id, or tokens of the operator's <see cref="Authority"/>.
/// </summary>
internal static partial class Bearer
{
    public static void AddBearer(this IServiceCollection services, Settings settings, TimeProvider clock)
    {
        // Less than AddAuthentication().AddJwtBearer(), which adds the key files of the framework's data protection (unused here) and a
        // second place to configure bearers.
        services.AddAuthenticationCore(options => options.DefaultScheme = JwtBearerDefaults.AuthenticationScheme);
        services.AddWebEncoders();
        services.AddSingleton<ValidatedTokenCache>();
        var schemes = new AuthenticationBuilder(services).AddScheme<JwtBearerOptions, JwtBearerHandler>(
            JwtBearerDefaults.AuthenticationScheme,
            options =>
            {
                Configure(options);
                options.TokenValidationParameters = Validation(settings, clock);
                options.ForwardDefaultSelector = settings.Authority is null ? null : http =>
                    Authority.IsFor(http) ? Authority.Scheme : null;
            });
        if (settings is { Authority: { } address, Audience: { } audience })
        {
            services.AddSingleton(provider => new Authority(address, clock, provider.GetRequiredService<ILogger<Authority>>()));
            schemes.AddScheme<JwtBearerOptions, JwtBearerHandler>(Authority.Scheme, Configure);
            services.AddOptions<JwtBearerOptions>(Authority.Scheme).Configure<Authority>(
                (options, authority) => authority.Configure(options, audience));
        }

        services.AddAuthorization();
    }

    private static void Configure(JwtBearerOptions options)
    {
        options.MapInboundClaims = false;
        options.IncludeErrorDetails = false; // callers must not learn what exactly is wrong with a token
        options.Events = new JwtBearerEvents { OnTokenValidated = RefuseOtherTokens };
    }

    /// <summary>A token for a user, valid from now.</summary>
    public static string Issue(Settings settings, string userId, DateTimeOffset now, TimeSpan lifetime)
    {
        var descriptor = new SecurityTokenDescriptor
        {
            Claims = new Dictionary<string, object> { [JwtRegisteredClaimNames.Sub] = userId },
            Issuer = settings.Issuer,
            Audience = settings.Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + lifetime).UtcDateTime,
            SigningCredentials = new SigningCredentials(Key(settings), SecurityAlgorithms.HmacSha256),
        };
        return new JsonWebTokenHandler().CreateToken(descriptor);
    }

    private static TokenValidationParameters Validation(Settings settings, TimeProvider clock) => new()
    {
        IssuerSigningKey = Key(settings),
        // Pinned: a token with another algorithm, above all 'none', is refused at once.
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        RequireSignedTokens = true,
        ValidIssuer = settings.Issuer,
        ValidateIssuer = settings.Issuer is not null,
        ValidAudience = settings.Audience,
        ValidateAudience = settings.Audience is not null,
        // Checked to the second by the server's clock. A token without an expiry is refused.
        LifetimeValidator = Lifetime(clock, maxAhead: TimeSpan.Zero),
    };

    /// <summary>A token must have an expiry in the future; its start may be at most the allowed skew in the future.</summary>
    public static LifetimeValidator Lifetime(TimeProvider clock, TimeSpan maxAhead) => (notBefore, expires, _, _) =>
    {
        var now = clock.GetUtcNow().TruncateToMillisecond().UtcDateTime;
        return expires > now && !(notBefore > now + maxAhead);
    };

    private static Task RefuseOtherTokens(TokenValidatedContext context)
    {
        var token = (JsonWebToken)context.SecurityToken;
        // RFC 7515, 4.1.11: a token with an unknown critical extension must be refused, and this server supports none.
        if (token.TryGetHeaderValue("crit", out object _))
        {
            context.Fail("crit");
        }
        else if (TokenKind.Contradiction(token) is { } contradiction)
        {
            Log.NoAccessToken(
                context.HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Bearer).FullName!),
                contradiction);
            context.Fail(contradiction);
        }

        return Task.CompletedTask;
    }

    private static SymmetricSecurityKey Key(Settings settings) => new(Encoding.UTF8.GetBytes(settings.JwtSecret));

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Information,
            "A bearer token with a valid signature was refused: its {Contradiction} says that it is not an access token")]
        public static partial void NoAccessToken(ILogger logger, string contradiction);
    }
}
