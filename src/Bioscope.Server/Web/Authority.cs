using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Bioscope.Server.Web;

/// <summary>
/// The operator's OIDC authority, whose access tokens are accepted in addition to our own. The server reads its keys when its first token
/// arrives, so that start-up does not wait for it. While the authority is unavailable, its tokens get 503 without a long wait.
/// </summary>
internal sealed partial class Authority : IConfigurationValidator<OpenIdConnectConfiguration>, IDisposable
{
    /// <summary>
    /// The scheme that validates its tokens: it does not know our shared secret, and our own scheme does not know its keys.
    /// </summary>
    public const string Scheme = "Authority";

    // Only algorithms with a public key. A token's header selects the scheme that validates it, and nothing else.
    private static readonly HashSet<string> Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    // Its clock may be a little ahead of ours; common libraries allow minutes.
    private static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(1);

    private readonly string _address;
    private readonly TimeProvider _clock;
    private readonly ILogger<Authority> _log;
    private readonly HttpClient _http;
    private readonly ConfigurationManager<OpenIdConnectConfiguration> _keys;
    private long _failed;
    private string? _problem; // the library's own message omits it

    public Authority(string address, TimeProvider clock, ILogger<Authority> log)
    {
        (_address, _clock, _log) = (address.TrimEnd('/'), clock, log);
        // Connections are renewed from time to time, so that a changed address is noticed.
        _http = new HttpClient(new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ActivityHeadersPropagator = null, // our traces are not the authority's business
        })
        {
            Timeout = MaxWait,
            MaxResponseContentBufferSize = 1024 * 1024,
        };
        var documents = new HttpDocumentRetriever(_http) { RequireHttps = new Uri(address).Scheme == Uri.UriSchemeHttps };
        _keys = new ConfigurationManager<OpenIdConnectConfiguration>(
            _address + "/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), documents, this)
        {
            // A token with an unknown key makes the server read the keys again, but at most once per minute, so that forged tokens
            // cannot flood the authority.
            RefreshInterval = TimeSpan.FromMinutes(1),
            // A key that the authority has withdrawn must not be accepted.
            UseLastKnownGoodConfiguration = false,
        };
    }

    /// <summary>Whether the request's bearer claims to be signed with a key of the authority's kind.</summary>
    public static bool IsFor(HttpContext http)
    {
        const string Bearer = "Bearer ";
        var header = http.Request.Headers.Authorization.ToString();
        try
        {
            return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
                && Algorithms.Contains(new JsonWebToken(header[Bearer.Length..].Trim()).Alg);
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return false; // not a JWT; our own scheme refuses it
        }
    }

    public void Configure(JwtBearerOptions options, string audience)
    {
        options.ConfigurationManager = _keys;
        options.Events.OnMessageReceived = RefuseWhileAwayAsync;
        options.Events.OnChallenge = SayThatItIsAway;
        options.TokenValidationParameters = new TokenValidationParameters
        {
            // Issuer and keys are taken from its published configuration.
            ValidAlgorithms = Algorithms,
            RequireSignedTokens = true,
            ValidAudience = audience,
            LifetimeValidator = Bearer.Lifetime(_clock, MaxAhead),
        };
    }

    /// <summary>Its published configuration, cached and renewed in the background.</summary>
    /// <exception cref="AuthorityException">It does not respond, or its response is invalid.</exception>
    public async Task<OpenIdConnectConfiguration> AskAsync(CancellationToken cancellationToken)
    {
        var failed = Interlocked.Read(ref _failed);
        if (failed != 0 && _clock.GetElapsedTime(failed) < RetryAfter)
        {
            throw new AuthorityException("It did not answer a moment ago.");
        }

        // This limit also covers callers that wait for the request of another caller. It uses real time, like the HTTP client's limit.
        using var patience = new CancellationTokenSource(MaxWait, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await _keys.GetConfigurationAsync(limit.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Interlocked.Exchange(ref _failed, _clock.GetTimestamp());
            var reason = e is OperationCanceledException ? "it does not answer" : _problem ?? e.GetBaseException().Message;
            Log.Away(_log, _address, reason);
            throw new AuthorityException(reason);
        }
    }

    /// <summary>
    /// OpenID Connect Discovery 4.3: its issuer must equal the requested address, otherwise another authority's tokens would be accepted.
    /// </summary>
    public ConfigurationValidationResult Validate(OpenIdConnectConfiguration configuration)
    {
        _problem =
            configuration.Issuer?.TrimEnd('/') != _address ? $"its issuer is {configuration.Issuer}, not {_address}" :
            !configuration.SigningKeys.Any(
                key => key is AsymmetricSecurityKey or JsonWebKey { HasPrivateKey: false }) ? "it publishes no key" :
            null;
        return new ConfigurationValidationResult { Succeeded = _problem is null, ErrorMessage = _problem ?? "" };
    }

    public void Dispose() => _http.Dispose();

    private async Task RefuseWhileAwayAsync(MessageReceivedContext context)
    {
        try
        {
            await AskAsync(context.HttpContext.RequestAborted);
        }
        catch (AuthorityException e)
        {
            context.Fail(e);
        }
    }

    // Checked only here, so that routes that need no token are served.
    private static Task SayThatItIsAway(JwtBearerChallengeContext context)
    {
        if (context.AuthenticateFailure is AuthorityException)
        {
            context.HandleResponse();
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }

        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The keys of the OIDC authority {Address} could not be read, so its tokens get 503: {Reason}")]
        public static partial void Away(ILogger logger, string address, string reason);
    }
}

/// <summary>The authority's keys are unavailable; the message says why.</summary>
internal sealed class AuthorityException(string message) : Exception(message);
