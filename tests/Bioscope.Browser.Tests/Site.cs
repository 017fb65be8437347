using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Bioscope.Browser.Tests;

/// <summary>
/// A site of another origin with the strictest policies that still allow the tracker: its own page at every address, and nothing else.
/// </summary>
internal sealed class Site : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Site(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    /// <param name="tracker">The server whose script the pages load.</param>
    /// <param name="body">Renders the body of the page; called for every request.</param>
    public static async Task<Site> StartAsync(TestApp tracker, Func<string> body)
    {
        var origin = Origin(tracker);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(http =>
        {
            if (http.Request.Path == "/favicon.ico")
            {
                http.Response.StatusCode = StatusCodes.Status204NoContent;
                return Task.CompletedTask;
            }

            http.Response.ContentType = "text/html; charset=utf-8";
            http.Response.Headers.ContentSecurityPolicy =
                $"default-src 'none'; script-src {origin}; connect-src 'self' {origin}; require-trusted-types-for 'script'; " +
                "trusted-types 'none'";
            http.Response.Headers["Cross-Origin-Embedder-Policy"] = "require-corp";
            return http.Response.WriteAsync($"<!doctype html><html lang=en><title>Anna</title>{body()}", http.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new Site(app);
    }

    public static string Origin(TestApp app) => app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    /// <summary>The snippet of docs/tracker.md.</summary>
    public static string Script(TestApp app, string attributes = "") =>
        string.Create(CultureInfo.InvariantCulture, $"<script defer src=\"{Origin(app)}/bioscope.js\" {attributes}></script>");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
