using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Bioscope.Server.Tests.Support;

/// <summary>Another program that is told by webhooks: keeps what it gets, and answers as the test wants.</summary>
internal sealed class WebhookHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Body, Dictionary<string, string> Headers)> _told = new();

    private WebhookHost(WebApplication app) => _app = app;

    public string Url => _app.Urls.First() + "/hook?key=1";

    public int Port => new Uri(Url).Port;

    /// <summary>What it was told, oldest first.</summary>
    public IReadOnlyList<(string Body, Dictionary<string, string> Headers)> Told => [.. _told];

    /// <summary>The status of its answers.</summary>
    public int Status { get; set; } = 204;

    public static async Task<WebhookHost> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var host = new WebhookHost(app);
        app.Run(host.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        http.Response.StatusCode = Status; // before the test learns of it, and wants another one for the next
        _told.Enqueue((body, http.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString())));
        http.Response.Headers.Location = "http://127.0.0.1:1/";
    }
}
