using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Bioscope.Server.Tests;

/// <summary>Access tokens of another issuer, validated by its published keys.</summary>
public sealed class AuthorityTests
{
    private const string Traffic = "/api/v1/creators/analytics/traffic";

    [Fact]
    public async Task Tokens_of_the_authority_are_accepted()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, issuer.Settings);
        var creator = await app.AddCreatorAsync("anna@example.com", "correct horse");
        var claims = issuer.Claims(creator.UserId.ToString());
        Assert.Equal(0, issuer.Questions); // not before its first token

        foreach (var token in (string[])[
            issuer.Token(claims),
            OidcIssuer.Sign(Header("RS256"), claims, OidcIssuer.Rs256(issuer.Rsa)),
            OidcIssuer.Sign(Header("PS256", issuer.KeyId), claims, bytes =>
                issuer.Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)),
            OidcIssuer.Sign(Header("ES256", "ec-1"), claims, bytes => issuer.Ec.SignData(bytes, HashAlgorithmName.SHA256)),
            issuer.Token(With(claims, ("aud", new JsonArray("other", "bioscope")))),
            issuer.Token(With(claims, ("nbf", TestApp.Start.AddSeconds(30).ToUnixTimeSeconds()))), // its clock is a little ahead
            app.Token(creator)])
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, token));
        }

        Assert.Equal(2, issuer.Questions); // requested once
        await app.SignInAsync("anna@example.com", "correct horse");
        await (await app.GetAsync(Traffic, issuer.Token(issuer.Claims("auth0|anna")))).AssertErrorAsync(
            HttpStatusCode.NotFound, "CREATOR_NOT_FOUND", "error.creator.not_found");
    }

    [Fact]
    public async Task A_token_signed_with_another_key_is_401()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var evil = await OidcIssuer.StartAsync();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, [.. issuer.Settings, ("Throttle:Enabled", "false")]);
        var creator = await app.AddCreatorAsync();
        var claims = issuer.Claims(creator.UserId.ToString());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, issuer.Token(claims)));

        var request = new CertificateRequest("CN=evil", evil.Rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TestApp.Start, TestApp.Start.AddYears(1));
        foreach (var header in (JsonObject[])[
            Header("RS256", issuer.KeyId), Header("RS256"), Header("RS256", "unknown"), Header("RS256", "../../../../dev/null"),
            Header("RS256", "' UNION SELECT 'x"),
            With(Header("RS256", "evil"), ("jku", evil.Address + "/keys")),
            With(Header("RS256", issuer.KeyId), ("jku", evil.Address + "/keys")),
            With(Header("RS256"), ("jwk", evil.RsaJwk())), With(Header("RS256"), ("x5u", evil.Address + "/keys")),
            With(Header("RS256"), ("x5c", new JsonArray(Convert.ToBase64String(certificate.RawData)))), With(Header("RS256"), ("kid", 7)),
            With(Header("RS256"), ("kid", new JsonArray()))])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, OidcIssuer.Sign(header, claims, OidcIssuer.Rs256(evil.Rsa))));
        }

        Assert.Equal(0, evil.Questions);
    }

    [Fact]
    public async Task Algorithms_cannot_be_confused()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, [.. issuer.Settings, ("Throttle:Enabled", "false")]);
        var creator = await app.AddCreatorAsync();
        var claims = issuer.Claims(creator.UserId.ToString());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, issuer.Token(claims)));
        var ours = Encoding.UTF8.GetBytes(TestDatabases.JwtSecret);

        // The public key as a shared secret, in every form that an attacker may have.
        foreach (var secret in (byte[][])[
            issuer.Rsa.ExportSubjectPublicKeyInfo(), issuer.Rsa.ExportRSAPublicKey(), issuer.Rsa.ExportParameters(false).Modulus!,
            Encoding.ASCII.GetBytes(issuer.Rsa.ExportSubjectPublicKeyInfoPem()),
            Encoding.ASCII.GetBytes(issuer.Rsa.ExportSubjectPublicKeyInfoPem() + "\n"),
            Encoding.ASCII.GetBytes(issuer.Rsa.ExportRSAPublicKeyPem()), Encoding.UTF8.GetBytes(issuer.RsaJwk().ToJsonString()),
            Encoding.ASCII.GetBytes(issuer.RsaJwk()["n"]!.ToString()), []])
        {
            foreach (var algorithm in (string[])["HS256", "RS256"])
            {
                Assert.Equal(
                    HttpStatusCode.Unauthorized,
                    await StatusAsync(
                        app, OidcIssuer.Sign(Header(algorithm, issuer.KeyId), claims, bytes => HMACSHA256.HashData(secret, bytes))));
            }
        }

        // Our own secret signs only our algorithm, the authority's key only its own.
        Assert.Equal(
            HttpStatusCode.OK, await StatusAsync(app, OidcIssuer.Sign(Header("HS256"), claims, bytes => HMACSHA256.HashData(ours, bytes))));
        foreach (var algorithm in (string[])["RS256", "PS256", "ES256", "HS384", "none", "None", "", "rs256", "RS256 ", "HS256,RS256"])
        {
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                await StatusAsync(
                    app, OidcIssuer.Sign(Header(algorithm, issuer.KeyId), claims, bytes => HMACSHA256.HashData(ours, bytes))));
            Assert.Equal(
                HttpStatusCode.Unauthorized, await StatusAsync(app, OidcIssuer.Sign(Header(algorithm, issuer.KeyId), claims, _ => [])));
        }

        foreach (var algorithm in (string[])["HS256", "none", "ES256", "PS256", "RS512", "rs256"])
        {
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                await StatusAsync(app, OidcIssuer.Sign(Header(algorithm, issuer.KeyId), claims, OidcIssuer.Rs256(issuer.Rsa))));
        }

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            await StatusAsync(
                app, OidcIssuer.Sign(Header("RS256", "ec-1"), claims, bytes => issuer.Ec.SignData(bytes, HashAlgorithmName.SHA256))));
        var critical = With(Header("RS256", issuer.KeyId), ("crit", new JsonArray("b64")), ("b64", false));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, OidcIssuer.Sign(critical, claims, OidcIssuer.Rs256(issuer.Rsa))));
    }

    [Fact]
    public async Task Tokens_with_wrong_audience_issuer_or_time_are_401()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, issuer.Settings);
        var creator = await app.AddCreatorAsync();
        var claims = issuer.Claims(creator.UserId.ToString());

        foreach (var (claim, value) in ((string, JsonNode?)[])[
            ("iss", "https://evil.example"), ("iss", issuer.Address + "/x"), ("iss", issuer.Address.ToUpperInvariant()), ("iss", ""),
            ("iss", null),
            ("aud", "another"), ("aud", "Bioscope"), ("aud", new JsonArray()), ("aud", null),
            ("exp", TestApp.Start.ToUnixTimeSeconds()), ("exp", null), ("nbf", TestApp.Start.AddSeconds(61).ToUnixTimeSeconds()),
            ("sub", null), ("sub", "")])
        {
            using var response = await app.GetAsync(Traffic, issuer.Token(With(claims, (claim, value))));
            await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "error.auth.unauthorized");
        }
    }

    [Fact]
    public async Task Without_the_authority_only_its_tokens_get_503()
    {
        var port = PostgresCluster.FreePort();
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite, ("Auth:Authority", $"http://127.0.0.1:{port}/realm/"), ("Auth:Audience", "bioscope"));
        var creator = await app.AddCreatorAsync();
        string token;
        await using (var issuer = await OidcIssuer.StartAsync(port))
        {
            token = issuer.Token(issuer.Claims(creator.UserId.ToString()));
        }

        await (await app.GetAsync(Traffic, token)).AssertErrorAsync(
            HttpStatusCode.ServiceUnavailable, "SERVICE_UNAVAILABLE", "error.unavailable");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, app.Token(creator)));
        using var visit = new HttpRequestMessage(HttpMethod.Post, "/api/v1/analytics/session")
        {
            Content = JsonContent.Create(new { visitorId = "v", consentAnalytics = "granted" }),
        };
        visit.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.SendAsync(visit, TestContext.Current.CancellationToken)).StatusCode);

        await using var back = await OidcIssuer.StartAsync(port);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(app, back.Token(back.Claims(creator.UserId.ToString()))));
        Assert.Equal(0, back.Questions); // not requested again at once
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, back.Token(back.Claims(creator.UserId.ToString()))));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, token));
    }

    [Fact]
    public async Task A_silent_authority_delays_requests_only_briefly()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        issuer.Hangs = true;
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, issuer.Settings);
        var token = issuer.Token(issuer.Claims(Guid.NewGuid().ToString()));

        var statuses = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => StatusAsync(app, token)));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.ServiceUnavailable, status));
    }

    [Fact]
    public async Task An_authority_with_another_issuer_is_refused()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        issuer.Issuer = "https://somebody.example";
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, issuer.Settings);

        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            await StatusAsync(app, issuer.Token(With(issuer.Claims(Guid.NewGuid().ToString()), ("iss", issuer.Issuer)))));
    }

    [Fact]
    public async Task Only_access_tokens_of_the_authority_are_accepted()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, issuer.Settings);
        var claims = issuer.Claims((await app.AddCreatorAsync()).UserId.ToString());

        foreach (var (claim, value, status) in ((string, JsonNode?, HttpStatusCode)[])[
            ("typ", "Bearer", HttpStatusCode.OK), ("token_use", "access", HttpStatusCode.OK),
            ("typ", "Refresh", HttpStatusCode.Unauthorized), ("typ", "ID", HttpStatusCode.Unauthorized),
            ("typ", "Logout", HttpStatusCode.Unauthorized),
            ("token_use", "id", HttpStatusCode.Unauthorized), ("at_hash", "x", HttpStatusCode.Unauthorized)])
        {
            using var response = await app.GetAsync(Traffic, issuer.Token(With(claims, (claim, value))));
            Assert.Equal((claim, status), (claim, response.StatusCode));
        }
    }

    [Fact]
    public async Task An_unknown_key_makes_the_server_reread_the_keys()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, [.. issuer.Settings, ("Throttle:Enabled", "false")]);
        var creator = await app.AddCreatorAsync();
        var old = issuer.Token(issuer.Claims(creator.UserId.ToString()));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, old));

        issuer.ChangeKey();
        var token = issuer.Token(issuer.Claims(creator.UserId.ToString()));
        await Patience.UntilAsync(async () => await StatusAsync(app, token) == HttpStatusCode.OK); // it is requested in the background
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, old));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                await StatusAsync(
                    app, OidcIssuer.Sign(Header("RS256", $"made up {i}"), issuer.Claims("x"), OidcIssuer.Rs256(RSA.Create(2048)))));
        }

        Assert.Equal(4, issuer.Questions); // made-up keys cause no further request
    }

    [Fact]
    public async Task Doctor_checks_the_authority()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        using var cli = new Cli();
        await cli.RunAsync(["migrate"]);
        (cli.Environment["Auth__Authority"], cli.Environment["Auth__Audience"]) = (issuer.Address, "bioscope");

        var well = await cli.RunAsync(["doctor"]);
        Assert.Equal(0, well.ExitCode);
        Assert.Contains($"ok    authority: {issuer.Address} answers and publishes 2 keys", well.Output, StringComparison.Ordinal);

        issuer.Issuer = "https://somebody.example";
        var ill = await cli.RunAsync(["doctor"]);
        Assert.Equal(1, ill.ExitCode);
        Assert.Contains($"its issuer is https://somebody.example, not {issuer.Address}", ill.Output, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(TestApp app, string token) => (await app.GetAsync(Traffic, token)).StatusCode;

    private static JsonObject Header(string algorithm, string? keyId = null) =>
        keyId is null ? new JsonObject { ["alg"] = algorithm } : new JsonObject { ["alg"] = algorithm, ["kid"] = keyId };

    private static JsonObject With(JsonObject claims, params (string Name, JsonNode? Value)[] change)
    {
        var changed = claims.DeepClone().AsObject();
        foreach (var (name, value) in change)
        {
            changed.Remove(name);
            if (value is not null)
            {
                changed[name] = value;
            }
        }

        return changed;
    }
}
