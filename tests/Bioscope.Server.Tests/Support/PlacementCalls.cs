using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests.Support;

/// <summary>Calls to <c>/api/v1/creators/bio/placements</c>.</summary>
internal static class PlacementCalls
{
    public static async Task<HttpResponseMessage> SendPlacementsAsync(
        this TestApp app, Creator creator, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/v1/creators/bio/placements" + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(creator));
        if (body is not null && method is "POST" or "PUT")
        {
            request.Content = new StringContent(body!, Encoding.UTF8, "application/json");
        }

        return await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a request that succeeds, and returns its <c>data</c> as sent.</summary>
    public static async Task<string> OkPlacementsAsync(
        this TestApp app, Creator creator, string method, string path = "", string? body = null)
    {
        using var response = await app.SendPlacementsAsync(creator, method, path, body);
        return (await response.DataAsync()).GetRawText();
    }

    /// <summary>Adds a placement link and returns its id.</summary>
    public static async Task<Guid> AddPlacementAsync(this TestApp app, Creator creator, string slug, string source, string label)
    {
        using var response = await app.SendPlacementsAsync(
            creator, "POST", "", $$"""{"slug":"{{slug}}","source":"{{source}}","label":"{{label}}"}""");
        return (await response.CreatedAsync()).GetProperty("id").GetGuid();
    }

    /// <summary>What was created.</summary>
    public static async Task<JsonElement> CreatedAsync(this HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("data");
    }
}
