using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Bioscope.Server.Tests.Support;

/// <summary>A small OIDC authority on loopback with an RSA and an EC key; it signs whatever a test wants signed.</summary>
internal sealed class OidcIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OidcIssuer(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";

    /// <summary>The issuer that it claims to be.</summary>
    public string Issuer { get; set; } = "";

    public RSA Rsa { get; private set; } = RSA.Create(2048);

    public ECDsa Ec { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The id of the RSA key.</summary>
    public string KeyId { get; private set; } = "rsa-1";

    /// <summary>When set, it accepts requests and never responds.</summary>
    public bool Hangs { get; set; }

    /// <summary>How many requests it has received.</summary>
    public int Questions { get; private set; }

    public static async Task<OidcIssuer> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var issuer = new OidcIssuer(app);
        app.Run(issuer.AnswerAsync);
        await app.StartAsync();
        issuer.Issuer = issuer.Address = app.Urls.First() + "/realm";
        return issuer;
    }

    /// <summary>The settings of a server that trusts it.</summary>
    public (string Key, string Value)[] Settings => [("Auth:Authority", Address), ("Auth:Audience", "bioscope")];

    /// <summary>Valid claims.</summary>
    public JsonObject Claims(string subject) => new()
    {
        ["iss"] = Address,
        ["aud"] = "bioscope",
        ["sub"] = subject,
        ["exp"] = TestApp.Start.AddHours(1).ToUnixTimeSeconds(),
    };

    /// <summary>A token signed with its RSA key.</summary>
    public string Token(JsonObject claims) => Sign(new JsonObject { ["alg"] = "RS256", ["kid"] = KeyId }, claims, Rs256(Rsa));

    public static string Sign(JsonObject header, JsonObject claims, Func<byte[], byte[]> sign)
    {
        var signed = Base64Url.EncodeToString(
            Encoding.UTF8.GetBytes(header.ToJsonString())) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        return signed + "." + Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)));
    }

    public static Func<byte[], byte[]> Rs256(RSA key) => bytes => key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    /// <summary>Publishes another RSA key in place of the old one.</summary>
    public void ChangeKey() => (Rsa, KeyId) = (RSA.Create(2048), string.Create(CultureInfo.InvariantCulture, $"rsa-{Questions + 2}"));

    public JsonObject RsaJwk()
    {
        var key = Rsa.ExportParameters(false);
        return new JsonObject
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["kid"] = KeyId,
            ["n"] = Base64Url.EncodeToString(key.Modulus),
            ["e"] = Base64Url.EncodeToString(key.Exponent),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Rsa.Dispose();
        Ec.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        Questions++;
        if (Hangs)
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        var ec = Ec.ExportParameters(false);
        JsonObject? answer = http.Request.Path.Value switch
        {
            "/realm/.well-known/openid-configuration" => new() { ["issuer"] = Issuer, ["jwks_uri"] = Address + "/keys" },
            "/realm/keys" => new()
            {
                ["keys"] = new JsonArray(RsaJwk(), new JsonObject
                {
                    ["kty"] = "EC",
                    ["crv"] = "P-256",
                    ["kid"] = "ec-1",
                    ["x"] = Base64Url.EncodeToString(ec.Q.X),
                    ["y"] = Base64Url.EncodeToString(ec.Q.Y),
                }),
            },
            _ => null,
        };
        http.Response.StatusCode = answer is null ? 404 : 200;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer?.ToJsonString() ?? "{}");
    }
}
