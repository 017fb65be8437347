using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Engine.Creators;
using Bioscope.Server.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

public sealed class BearerTests
{
    private const string Traffic = "/api/v1/creators/analytics/traffic";

    [Fact]
    public async Task Without_a_bearer_the_answer_is_401()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        await (await app.GetAsync(Traffic)).AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "error.auth.unauthorized");
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("a.b.c")]
    [InlineData("....")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.e30.")]
    public async Task A_malformed_bearer_is_401(string token)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        await (await app.GetAsync(Traffic, token)).AssertErrorAsync(
            HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "error.auth.unauthorized");
    }

    [Fact]
    public async Task A_token_is_valid_until_the_second_it_expires()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        var token = app.Token(creator.UserId.ToString(), TimeSpan.FromMinutes(15));

        app.Clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, token)).StatusCode);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.GetAsync(Traffic, token)).StatusCode);
    }

    [Fact]
    public async Task Only_tokens_signed_with_our_key_are_accepted()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        var claims = new JsonObject { ["sub"] = creator.UserId.ToString(), ["exp"] = TestApp.Start.AddHours(1).ToUnixTimeSeconds() };
        var tomorrow = claims.DeepClone().AsObject();
        tomorrow["nbf"] = TestApp.Start.AddSeconds(1).ToUnixTimeSeconds();
        var forever = new JsonObject { ["sub"] = creator.UserId.ToString() };
        var nobody = new JsonObject { ["exp"] = TestApp.Start.AddHours(1).ToUnixTimeSeconds() };

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Sign("HS256", claims)));
        Assert.Equal(
            HttpStatusCode.Unauthorized, await StatusAsync(Sign("HS256", claims, key: "another-key-that-is-also-long-enough-for-it")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(Sign("HS512", claims)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(Sign("HS384", claims)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(Sign("RS256", claims)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(Sign("none", claims)));
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            await StatusAsync(Sign("none", claims).Split('.') is [var header, var body, _] ? $"{header}.{body}." : ""));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(Sign("HS256", tomorrow)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(Sign("HS256", forever)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(Sign("HS256", nobody)));

        async Task<HttpStatusCode> StatusAsync(string token) => (await app.GetAsync(Traffic, token)).StatusCode;
    }

    [Fact]
    public async Task A_token_with_a_critical_extension_is_401()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        var claims = new JsonObject { ["sub"] = creator.UserId.ToString(), ["exp"] = TestApp.Start.AddHours(1).ToUnixTimeSeconds() };

        using var response = await app.GetAsync(Traffic, Sign("HS256\",\"crit\":[\"b64\"],\"b64\":\"false", claims));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task Tokens_of_another_issuer_or_audience_are_401()
    {
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite, ("Auth:Issuer", "https://id.example"), ("Auth:Audience", "bioscope"));
        var creator = await app.AddCreatorAsync();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("https://id.example", "bioscope"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("https://evil.example", "bioscope"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("https://id.example", "another"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(null, null));
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, app.Token(creator))).StatusCode);

        async Task<HttpStatusCode> StatusAsync(string? issuer, string? audience)
        {
            var claims = new JsonObject
            {
                ["sub"] = creator.UserId.ToString(),
                ["exp"] = TestApp.Start.AddHours(1).ToUnixTimeSeconds(),
                ["iss"] = issuer,
                ["aud"] = audience,
            };
            return (await app.GetAsync(Traffic, Sign("HS256", claims))).StatusCode;
        }
    }

    [Theory]
    [InlineData("""{"type":"refresh"}""")]
    [InlineData("""{"typ":"Refresh"}""")]
    [InlineData("""{"typ":"ID"}""")]
    [InlineData("""{"typ":"Offline"}""")]
    [InlineData("""{"token_type":"refresh"}""")]
    [InlineData("""{"tokenType":"REFRESH_TOKEN"}""")]
    [InlineData("""{"token_use":"id"}""")]
    [InlineData("""{"tokenUse":"id"}""")]
    [InlineData("""{"use":"magic-link"}""")]
    [InlineData("""{"purpose":"password-reset"}""")]
    [InlineData("""{"type":""}""")]
    [InlineData("""{"type":null}""")]
    [InlineData("""{"type":["access"]}""")]
    [InlineData("""{"type":{"access":true}}""")]
    [InlineData("""{"type":1}""")]
    [InlineData("""{"type":"access","token_use":"refresh"}""")]
    [InlineData("""{"at_hash":"x"}""")]
    [InlineData("""{"events":{"http://schemas.openid.net/event/backchannel-logout":{}}}""")]
    public async Task A_token_of_another_kind_is_401(string more)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var token = Sign("HS256", Claims(await app.AddCreatorAsync(), more));

        for (var i = 0; i < 2; i++)
        {
            using var response = await app.GetAsync(Traffic, token);
            await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "error.auth.unauthorized");
        }

        Assert.Equal(0, app.Services.GetRequiredService<ValidatedTokenCache>().Count);
    }

    [Theory]
    [InlineData(
        """{"iss":"https://id.example","aud":["bioscope","other"],"iat":1,"email":"anna@example.com","roles":["creator"],"role":"creator","scope":"read refresh","jti":"x","azp":"web"}""")]
    [InlineData("""{"type":"access"}""")]
    [InlineData("""{"typ":"Bearer"}""")]
    [InlineData("""{"token_type":"ACCESS"}""")]
    [InlineData("""{"tokenType":"access_token"}""")]
    [InlineData("""{"token_use":"access","typ":"at+jwt"}""")]
    [InlineData("""{"nonce":"x","acr":"1","session_state":"x","fresh":true}""")]
    public async Task Access_tokens_and_tokens_without_a_kind_are_accepted(string more)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await app.GetAsync(Traffic, Sign("HS256", Claims(await app.AddCreatorAsync(), more)));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("JWT", true)]
    [InlineData("jwt", true)]
    [InlineData("at+jwt", true)]
    [InlineData("AT+JWT", true)]
    [InlineData("application/at+jwt", true)]
    [InlineData(null, true)]
    [InlineData("refresh+jwt", false)]
    [InlineData("rt+jwt", false)]
    [InlineData("logout+jwt", false)]
    [InlineData("dpop+jwt", false)]
    [InlineData("id_token+jwt", false)]
    [InlineData("secevent+jwt", false)]
    [InlineData("JWT ", false)]
    [InlineData("", false)]
    public async Task Only_access_token_types_are_accepted_in_the_header(string? type, bool counts)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var header = type is null ? """{"alg":"HS256"}""" : $$"""{"alg":"HS256","typ":"{{type}}"}""";

        using var response = await app.GetAsync(Traffic, SignWith(header, "HS256", Claims(await app.AddCreatorAsync(), "{}")));

        Assert.Equal(counts ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory, Engines]
    public async Task A_missing_profile_and_a_missing_page_are_different_404s(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.Main.ExecuteAsync("""DELETE FROM "BioPage" """, TestContext.Current.CancellationToken);

        await (await app.GetAsync(Traffic, app.Token(Guid.NewGuid().ToString())))
            .AssertErrorAsync(HttpStatusCode.NotFound, "CREATOR_NOT_FOUND", "error.creator.not_found");
        await (await app.GetAsync(Traffic, app.Token("auth0|5f7c8ec7c33c6c004bbafe82")))
            .AssertErrorAsync(HttpStatusCode.NotFound, "CREATOR_NOT_FOUND", "error.creator.not_found");
        await (await app.GetAsync(Traffic, app.Token(creator)))
            .AssertErrorAsync(HttpStatusCode.NotFound, "BIO_NOT_FOUND", "error.creator.bio_not_found");
    }

    private static JsonObject Claims(Creator creator, string more)
    {
        var claims = new JsonObject { ["sub"] = creator.UserId.ToString(), ["exp"] = TestApp.Start.AddHours(1).ToUnixTimeSeconds() };
        foreach (var (name, value) in JsonNode.Parse(more)!.AsObject())
        {
            claims[name] = value?.DeepClone();
        }

        return claims;
    }

    /// <summary>Signs by hand, so that the header can lie.</summary>
    private static string Sign(string algorithm, JsonObject claims, string key = TestDatabases.JwtSecret) =>
        SignWith($$"""{"alg":"{{algorithm}}","typ":"JWT"}""", algorithm, claims, key);

    private static string SignWith(string header, string algorithm, JsonObject claims, string key = TestDatabases.JwtSecret)
    {
        var signed = Base64Url(header) + "." + Base64Url(claims.ToJsonString());
        var (bytes, secret) = (Encoding.ASCII.GetBytes(signed), Encoding.UTF8.GetBytes(key));
        var signature = algorithm switch
        {
            "HS512" => HMACSHA512.HashData(secret, bytes),
            "HS384" => HMACSHA384.HashData(secret, bytes),
            _ => HMACSHA256.HashData(secret, bytes),
        };
        return signed + "." + System.Buffers.Text.Base64Url.EncodeToString(signature);
    }

    private static string Base64Url(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
