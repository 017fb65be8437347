using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Bioscope.Server.Tests.Support;

/// <summary>Checks the common shape of all errors.</summary>
internal static class Envelopes
{
    /// <summary>Asserts status, code and key, and that every key of the envelope is present; returns the error.</summary>
    public static async Task<JsonElement> AssertErrorAsync(
        this HttpResponseMessage response, HttpStatusCode status, string code, string i18nKey)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(["success", "error"], body.EnumerateObject().Select(property => property.Name));
        Assert.False(body.GetProperty("success").GetBoolean());
        var error = body.GetProperty("error");
        Assert.Equal(
            ["code", "message", "i18nKey", "i18nVars", "details", "correlationId"],
            error.EnumerateObject().Select(property => property.Name));
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(i18nKey, error.GetProperty("i18nKey").GetString());
        Assert.Equal(JsonValueKind.Object, error.GetProperty("i18nVars").ValueKind);
        Assert.Equal(JsonValueKind.Array, error.GetProperty("details").ValueKind);
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.Equal(response.Headers.GetValues("X-Correlation-Id").Single(), error.GetProperty("correlationId").GetGuid().ToString());
        return error;
    }

    /// <summary>The messages of the error's details.</summary>
    public static string[] Details(this JsonElement error) =>
        [.. error.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("message").GetString()!)];
}
