using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bioscope.Server.Configuration;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>Everything works below the path that a reverse proxy gives the server.</summary>
public sealed partial class BasePathTests
{
    private const string Base = "/of/anna";

    private static readonly string[] Pages =
    [
        "", "/page", "/page/preview", "/links", "/placements", "/rules", "/account", "/account/second-factor", "/mails", "/webhooks", "/sites",
        "/shared", "/team", "/pages", "/sign-in", "/forgot", "/sign-up", "/rows/country", "/rows/source?by=country",
    ];

    [Fact]
    public async Task Every_link_of_every_page_answers_below_the_base_path()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("PathBase", Base), ("Throttle:Enabled", "false"));
        using var visit = await SignedInAsync(app);
        var (seen, waiting) = (new HashSet<string>(), new Queue<string>(Pages.Select(page => $"{Base}/dashboard{page}")));
        foreach (var page in (string[])["/@anna", "/docs", "/proof", "/nothing"])
        {
            waiting.Enqueue(Base + page);
        }

        // Links of filters lead to ever more pages.
        while (seen.Count < 400 && waiting.TryDequeue(out var address))
        {
            if (!seen.Add(address))
            {
                continue;
            }

            using var answer = await visit.GetAsync(address);
            if (answer.Headers.Location is { } target)
            {
                Assert.StartsWith(Base + "/", target.ToString(), StringComparison.Ordinal);
                waiting.Enqueue(target.ToString());
                continue;
            }

            Assert.True(
                answer.StatusCode == HttpStatusCode.OK || address.EndsWith("/nothing", StringComparison.Ordinal), $"{address}: {answer.StatusCode}");
            if (answer.Content.Headers.ContentType?.MediaType != "text/html")
            {
                continue;
            }

            var html = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            foreach (var own in OwnAddress().Matches(html).Select(match => WebUtility.HtmlDecode(match.Groups[2].Value)))
            {
                Assert.True(own.StartsWith(Base + "/", StringComparison.Ordinal), $"{address} has {own}");
            }

            foreach (Match link in Link().Matches(html))
            {
                waiting.Enqueue(WebUtility.HtmlDecode(link.Groups[1].Value).Split('#')[0]);
            }
        }

        Assert.InRange(seen.Count, 60, 400);
    }

    [Fact]
    public async Task Redirects_cookies_and_absolute_addresses_have_the_base_path()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("PathBase", Base + "/"));
        var origin = app.Http.BaseAddress!.ToString().TrimEnd('/');
        using var visit = await SignedInAsync(app);

        Assert.Equal($"{Base}/dashboard", (await visit.GetAsync(Base)).Headers.Location?.ToString());
        Assert.Equal($"{Base}/dashboard", (await visit.GetAsync(Base + "/")).Headers.Location?.ToString());
        Assert.Equal($"{Base}/@anna?a=1", (await visit.GetAsync(Base + "/@Anna?a=1")).Headers.Location?.ToString());
        Assert.NotEmpty(visit.CookieOf(Base + "/dashboard"));
        Assert.Empty(visit.CookieOf("/dashboard"));
        Assert.Contains($"href=\"{origin}{Base}/@anna\"", await visit.ReadAsync(Base + "/@anna"), StringComparison.Ordinal);
        Assert.Contains($"{origin}{Base}/bioscope.js", await visit.ReadAsync(Base + "/dashboard/sites"), StringComparison.Ordinal);
        Assert.Contains($"{origin}{Base}/api/v1/", await visit.ReadAsync(Base + "/docs"), StringComparison.Ordinal);
        var document = await app.Http.GetFromJsonAsync<JsonElement>(Base + "/openapi.json", TestContext.Current.CancellationToken);
        Assert.Equal(origin + Base, document.GetProperty("servers")[0].GetProperty("url").GetString());
    }

    [Theory]
    [InlineData(Base)]
    [InlineData("")] // a proxy that removes the base path
    public async Task A_proxy_may_pass_on_the_base_path_or_remove_it(string sent)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("PathBase", Base));

        foreach (var path in (string[])["/healthz", "/readyz", "/metrics", "/bioscope.js", "/docs", "/dashboard.js"])
        {
            Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(sent + path)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await app.GetAsync(sent + "/api/v1/creators/analytics/traffic")).StatusCode);
        using var visit = new DashboardVisit(app);
        Assert.Contains($"action=\"{Base}/dashboard/sign-in\"", await visit.ReadAsync(sent + "/dashboard/sign-in"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await app.GetAsync("/of/annas/healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.GetAsync("/OF/ANNA/healthz")).StatusCode);
    }

    [Fact]
    public async Task Values_of_creators_are_left_as_they_are()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("PathBase", Base));
        using var visit = await SignedInAsync(app);
        const string Text = "see href=\"/dashboard\" src='/x' and /@anna";
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "description" = @text""", TestContext.Current.CancellationToken, ("@text", Text));

        Assert.Contains(Text, WebUtility.HtmlDecode(await visit.ReadAsync(Base + "/@anna")), StringComparison.Ordinal);
        Assert.Contains(Text, WebUtility.HtmlDecode(await visit.ReadAsync(Base + "/dashboard/page")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PathBase", "stats")]
    [InlineData("PathBase", "/dashboard")]
    [InlineData("PathBase", "/api/x")]
    [InlineData("PathBase", "/a/../b")]
    [InlineData("PathBase", "/a//b")]
    [InlineData("PathBase", "/a\"b")]
    [InlineData("PathBase", "/a?b")]
    [InlineData("PathBase", "https://links.example/a")]
    [InlineData("PublicUrl", "https://links.example/other")]
    public void A_path_that_cannot_be_right_stops_the_start(string key, string value)
    {
        var failure = Assert.Throws<SettingsException>(() => Read((key, value)));

        Assert.StartsWith(key + ": ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_own_page_gives_the_base_path_its_name()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Mcp:Enabled", "true"));
        var names = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(route => route.RoutePattern.RawText!.TrimStart('/').Split('/')[0]).Where(name => name.Length > 0).Distinct().ToList();

        Assert.Contains("operator", names);
        Assert.Contains("hi", names);
        // Behind a proxy that removes the base path, a request for such a page would lose its own name.
        Assert.All(
            names,
            name => Assert.StartsWith(
                $"PathBase: '/{name}' is not a path", Assert.Throws<SettingsException>(() => Read(("PathBase", "/" + name))).Message,
                StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/", "", "https://links.example")]
    [InlineData("/stats/", "/stats", "https://links.example/stats")]
    [InlineData("/a-b/c_d.e", "/a-b/c_d.e", "https://links.example/a-b/c_d.e/")]
    public void The_public_address_ends_with_the_base_path(string path, string read, string publicUrl)
    {
        foreach (var url in (string[])["https://links.example", publicUrl])
        {
            var settings = Read(("PathBase", path), ("PublicUrl", url));

            Assert.Equal((read, "https://links.example" + read), (settings.PathBase, settings.PublicUrl));
        }
    }

    private static Settings Read(params (string Key, string Value)[] values) => Settings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(pair => pair.Key, string? (pair) => pair.Value)).Build());

    private static async Task<DashboardVisit> SignedInAsync(TestApp app)
    {
        var creator = await app.AddCreatorAsync("anna@example.com", DashboardVisit.Password);
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "handle" = 'anna' WHERE "id" = @id""", TestContext.Current.CancellationToken, ("@id", creator.BioPageId));
        await app.AddLinkAsync(creator, "Shop", "https://shop.example/");
        await app.AddSessionsAsync(creator, "instagram.com", 3);
        await app.AddPageViewsAsync(creator, 3);
        var visit = new DashboardVisit(app);
        var field = DashboardVisit.FormField(await visit.ReadAsync(Base + "/dashboard/sign-in"));
        using var answer = await visit.PostAsync(
            Base + "/dashboard/sign-in", ("form", field), ("email", "anna@example.com"), ("password", DashboardVisit.Password));
        Assert.Equal($"{Base}/dashboard", answer.Headers.Location?.ToString());
        return visit;
    }

    // A value that a person typed may be a path, too.
    [GeneratedRegex("""\s(?!value|placeholder)([a-z-]+)="(/[^"]*)["]""")]
    private static partial Regex OwnAddress();

    [GeneratedRegex("""\s(?:href|src)="(/[^"]*)["]""")]
    private static partial Regex Link();
}
