using System.Net.Http.Headers;
using System.Text;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests.Support;

/// <summary>Calls to <c>/api/v1/creators/bio</c> and <c>/api/v1/creators/bio/links</c>.</summary>
internal static class LinkCalls
{
    public static async Task<HttpResponseMessage> SendBioAsync(
        this TestApp app, Creator creator, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/v1/creators/bio" + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(creator));
        if (body is not null && method is "POST" or "PUT")
        {
            request.Content = new StringContent(body ?? "", Encoding.UTF8, "application/json");
        }

        return await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a request that succeeds, and returns its <c>data</c> as sent.</summary>
    public static async Task<string> OkBioAsync(this TestApp app, Creator creator, string method, string path, string? body = null)
    {
        using var response = await app.SendBioAsync(creator, method, path, body);
        return (await response.DataAsync()).GetRawText();
    }

    /// <summary>Adds a link with these fields and returns its id.</summary>
    public static async Task<Guid> AddBioLinkAsync(this TestApp app, Creator creator, string body)
    {
        using var response = await app.SendBioAsync(creator, "POST", "/links", body);
        return (await response.CreatedAsync()).GetProperty("id").GetGuid();
    }

    /// <summary>The links' titles in their order.</summary>
    public static async Task<string[]> LinkTitlesAsync(this TestApp app, Creator creator, string path = "/links")
    {
        using var response = await app.SendBioAsync(creator, "GET", path);
        return [.. (await response.DataAsync()).GetProperty("links").EnumerateArray().Select(link => link.GetProperty("title").GetString()!)];
    }
}
