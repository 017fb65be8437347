using System.Net.Http.Json;
using Bioscope.Engine.Creators;
using Bioscope.Server.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests.Support;

/// <summary>Makes API keys and calls the API with them.</summary>
internal static class KeyCalls
{
    /// <summary>An address in Germany.</summary>
    public const string Visitor = "193.99.144.80";

    /// <summary>A key of the operator's, for one page or all.</summary>
    public static async Task<(Guid Id, string Text)> AddKeyAsync(this TestApp app, string scope, Guid? page)
    {
        var (key, text) = await app.Services.GetRequiredService<ApiKeys>().AddAsync(
            "Sheet", scope, page, TestContext.Current.CancellationToken);
        return (key.Id, text.Text);
    }

    /// <summary>A key that reads the creator's page.</summary>
    public static async Task<string> ReadKeyAsync(this TestApp app, Creator creator) => (await app.AddKeyAsync(KeyScope.Read, creator.BioPageId)).Text;

    /// <summary>Sends a request with a header <c>Authorization: Bearer …</c> and others, each as <c>Name: value</c>.</summary>
    public static Task<HttpResponseMessage> SendAsync(
        this TestApp app, string route, string? key, object? json = null, params string[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), route.Split(' ')[1]);
        foreach (var (name, value) in headers.Select(header => header.Split(": ", 2)).Select(parts => (parts[0], parts[1])))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        }

        request.Content = json is null ? null : JsonContent.Create(json);
        return app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
