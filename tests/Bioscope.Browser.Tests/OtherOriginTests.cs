using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Bioscope.Browser.Tests;

/// <summary>A platform's front-end on another origin reads reports, as the published documentation shows it.</summary>
public sealed class OtherOriginTests(Browser browser)
{
    // The function of the published page, with another host.
    private const string GetTraffic = """
        async ([api, accessToken, days]) => {
          async function getTraffic(accessToken, days = 30) {
            const res = await fetch(
              `${api}/api/v1/creators/analytics/traffic?days=${days}`,
              { headers: { Authorization: `Bearer ${accessToken}` } },
            );
            const json = await res.json();
            if (!res.ok || !json.success) throw new Error(json?.error?.message ?? 'Failed');
            return json.data;
          }
          try { return JSON.stringify(await getTraffic(accessToken, days)); } catch (e) { return String(e.message); }
        }
        """;

    [Fact]
    public async Task The_published_function_works_from_a_named_origin_only()
    {
        await using var site = await StartSiteAsync();
        await using var other = await StartSiteAsync();
        var url = site.Urls.First();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Cors:Origins", url));
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "instagram.com", 3);
        await using var visitor = await browser.NewVisitorAsync();
        object[] arguments = [Site.Origin(app), app.Token(creator), 30];

        await visitor.Page.GotoAsync(url);
        var traffic = await visitor.Page.EvaluateAsync<string>(GetTraffic, arguments);
        var refused = await visitor.Page.EvaluateAsync<string>(GetTraffic, new object[] { Site.Origin(app), "nonsense", 30 });
        await visitor.Page.GotoAsync(other.Urls.First());
        var foreign = await visitor.Page.EvaluateAsync<string>(GetTraffic, arguments);

        Assert.Equal("""{"sources":[{"source":"instagram.com","visits":3,"percentage":100}]}""", traffic);
        Assert.NotEqual("Failed to fetch", refused); // the page can read why
        Assert.Equal("Failed to fetch", foreign);
    }

    private static async Task<WebApplication> StartSiteAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(http =>
        {
            http.Response.ContentType = "text/html";
            return http.Response.WriteAsync("<!doctype html><title>Front-end</title>", http.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
