using System.Net;
using System.Security.Claims;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

public sealed class ValidatedTokenCacheTests
{
    private const string Traffic = "/api/v1/creators/analytics/traffic";

    private readonly TestClock _clock = new(TestApp.Start);

    [Fact]
    public async Task A_cached_token_with_another_signature_is_refused()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var token = app.Token(await app.AddCreatorAsync());
        var parts = token.Split('.');
        var forged = $"{parts[0]}.{parts[1]}.{new string('A', parts[2].Length)}";
        var tokens = app.Services.GetRequiredService<ValidatedTokenCache>();

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, token)).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await app.GetAsync(Traffic, forged)).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await app.GetAsync(Traffic, token + "A")).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await app.GetAsync(Traffic)).StatusCode);
        }

        Assert.NotNull(tokens.Find("Bearer " + token));
        Assert.Null(tokens.Find("Bearer " + forged));
        Assert.Equal(1, tokens.Count);
    }

    [Fact]
    public async Task A_cached_token_expires_and_keeps_its_subjects_limit()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Reports", "2"));
        var creator = await app.AddCreatorAsync();
        var token = app.Token(creator.UserId.ToString(), TimeSpan.FromMinutes(15));

        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, token)).StatusCode);
        using var second = await app.GetAsync(Traffic, token);
        Assert.Equal(["0"], second.Headers.GetValues("X-RateLimit-Remaining"));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await app.GetAsync(Traffic, app.Token(creator))).StatusCode);

        app.Clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, token)).StatusCode);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        using var expired = await app.GetAsync(Traffic, token);
        await expired.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "error.auth.unauthorized");
    }

    [Fact]
    public void A_cached_token_is_invalid_before_its_start()
    {
        var tokens = new ValidatedTokenCache(_clock);
        tokens.Keep("Bearer t", Found("anna", notBefore: TestApp.Start));

        Assert.Equal("anna", tokens.Find("Bearer t")?.FindFirst("sub")?.Value);
        _clock.StepTo(TestApp.Start.AddMilliseconds(-1));
        Assert.Null(tokens.Find("Bearer t"));
        _clock.StepTo(TestApp.Start);
        Assert.NotNull(tokens.Find("Bearer t"));
    }

    [Fact]
    public void Only_own_tokens_that_expire_are_cached()
    {
        var tokens = new ValidatedTokenCache(_clock);

        tokens.Keep("Bearer authority", Found("anna", scheme: Authority.Scheme));
        tokens.Keep("Bearer failure", AuthenticateResult.Fail("signature"));
        tokens.Keep("Bearer none", AuthenticateResult.NoResult());
        tokens.Keep("Bearer forever", Found("anna", lifetime: null));
        tokens.Keep("Bearer " + new string('x', ValidatedTokenCache.MaxChars), Found("anna"));
        tokens.Keep("Bearer nobody", Found(null));

        Assert.Equal(0, tokens.Count);
    }

    [Fact]
    public void The_token_cache_is_bounded_and_keeps_frequent_tokens()
    {
        var tokens = new ValidatedTokenCache(_clock);
        tokens.Keep("Bearer often", Found("anna"));

        for (var i = 0; i < 5 * ValidatedTokenCache.MaxRecent; i++)
        {
            tokens.Keep($"Bearer {i}", Found("somebody"));
            if (i % 1_000 == 0)
            {
                Assert.NotNull(tokens.Find("Bearer often"));
            }
        }

        Assert.InRange(tokens.Count, ValidatedTokenCache.MaxRecent, 2 * ValidatedTokenCache.MaxRecent);
        Assert.Null(tokens.Find("Bearer 0"));
        Assert.NotNull(tokens.Find($"Bearer {(5 * ValidatedTokenCache.MaxRecent) - 1}"));
    }

    /// <summary>The framework handler's result for a valid token.</summary>
    private AuthenticateResult Found(
        string? subject, DateTimeOffset? notBefore = null, string scheme = JwtBearerDefaults.AuthenticationScheme, int? lifetime = 60)
    {
        var properties = new AuthenticationProperties
        {
            IssuedUtc = notBefore,
            ExpiresUtc = lifetime is { } seconds ? _clock.GetUtcNow().AddSeconds(seconds) : null,
        };
        Claim[] claims = subject is null ? [] : [new Claim("sub", subject)];
        return AuthenticateResult.Success(
            new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(claims, "test")), properties, scheme));
    }
}
