using System.Net;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

/// <summary>How a page looks, its old handles, and hiding it: in the API, and for visitors.</summary>
public sealed class PageLookTests
{
    [Theory, Engines]
    public async Task A_look_is_stored_and_sent_only_where_it_is_chosen(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        var start = $$"""{"id":"{{anna.BioPageId}}","handle":"anna","title":null,"description":null,"links":[]""";
        var chosen = start + ""","theme":"dusk","colour":"#3b6e9e","font":"round","icons":["https://instagram.com/anna"],"published":false}""";

        Assert.Equal(
            chosen,
            await app.OkBioAsync(
                anna, "PUT", "",
                """{"handle":"anna","theme":"dusk","colour":"#3B6E9E","font":"round","icons":[" https://instagram.com/anna "],"published":false}"""));
        // Clients that do not know these fields leave them as they are.
        Assert.Equal(chosen, await app.OkBioAsync(anna, "PUT", "", "{}"));
        Assert.Equal(
            start + "}",
            await app.OkBioAsync(anna, "PUT", "", """{"theme":null,"colour":"","font":null,"icons":[],"published":true}"""));
    }

    [Theory]
    [InlineData("""{"theme":"neon"}""", "theme must be one of soft, paper, vivid, outline, dusk, night")]
    [InlineData("""{"font":"Comic Sans"}""", "font must be one of classic, modern, book, round, typewriter")]
    [InlineData("""{"colour":"red"}""", "colour must be a colour such as #3b6e9e")]
    [InlineData("""{"colour":"#fff;}body{"}""", "colour must be a colour such as #3b6e9e")]
    [InlineData("""{"theme":7,"published":"no"}""", "theme must be a string", "published must be true or false")]
    [InlineData("""{"icons":"https://a.example"}""", "icons must be a list of strings")]
    [InlineData("""{"icons":[7]}""", "icons must contain only well-formed strings")]
    [InlineData("""{"icons":["\ud800"]}""", "icons must contain only well-formed strings")]
    [InlineData(
        """{"icons":["https://a.example","javascript:alert(1)"]}""",
        "icons must contain only web addresses that start with http:// or https://, without a user name in them")]
    [InlineData(
        """{"icons":["https://a.example/\nhttps://b.example"]}""",
        "icons must contain only web addresses that start with http:// or https://, without a user name in them")]
    public async Task Invalid_looks_are_refused(string body, params string[] details)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();

        using var response = await app.SendBioAsync(anna, "PUT", "", body);

        Assert.Equal(
            details, (await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details());
    }

    [Fact]
    public async Task Every_look_has_a_policy_that_allows_its_style()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync();
        foreach (var theme in PageTheme.All)
        {
            foreach (var font in PageFont.All)
            {
                await app.OkBioAsync(
                    anna, "PUT", "",
                    $$"""{"title":"</style><b>","handle":"anna","theme":"{{theme.Name}}","font":"{{font.Name}}","colour":"#ffe000","icons":["https://tiktok.com/@a","https://a.example/\"><script>"]}""");
                using var response = await app.GetAsync("/@anna");
                var html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                var style = html[(html.IndexOf("<style>", StringComparison.Ordinal) + 7)..html.IndexOf("</style>", StringComparison.Ordinal)];
                Assert.Contains(
                    $"style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'",
                    response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
                Assert.Equal(2, html.Split("<script").Length); // ours
                Assert.Contains("""<a href="https://tiktok.com/@a" rel="noopener me" aria-label="TikTok"><svg""", html, StringComparison.Ordinal);
                Assert.Contains("aria-label=\"a.example\"><span class=\"tile\">A</span>", html, StringComparison.Ordinal);
            }
        }
    }

    [Theory, Engines]
    public async Task An_old_handle_leads_to_the_page_for_90_days_and_is_taken(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await app.OkBioAsync(anna, "PUT", "", """{"handle":"anna"}""");
        await app.AddPlacementAsync(anna, "story", "Instagram", "Story");
        await app.OkBioAsync(anna, "PUT", "", """{"handle":"anna.berg"}""");
        await app.OkBioAsync(anna, "PUT", "", """{"handle":"anna.b"}""");
        using var visitor = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = app.Http.BaseAddress };

        Assert.Equal("/@anna.b?utm_source=x", await LocationAsync("/@anna?utm_source=x"));
        Assert.Equal("/@anna.b", await LocationAsync("/@anna.berg"));
        Assert.Equal("/@anna.b/story?a=b", await LocationAsync("/@anna/story?a=b"));
        Assert.Equal("/@anna.b", await LocationAsync("/@anna/%0d%0ax:y"));
        using (var taken = await app.SendBioAsync(ben, "PUT", "", """{"handle":"anna"}"""))
        {
            Assert.Equal(
                ["handle anna belongs to another page"],
                (await taken.AssertErrorAsync(HttpStatusCode.Conflict, "CONFLICT", "error.conflict")).Details());
        }

        await Assert.ThrowsAsync<CreatorConflictException>(() => AddAsync("anna"));
        // A hidden page does not tell its new address.
        await app.OkBioAsync(anna, "PUT", "", """{"published":false}""");
        Assert.Null(await LocationAsync("/@anna"));
        await app.OkBioAsync(anna, "PUT", "", """{"published":true}""");

        // Back to the first one, which is hers.
        await app.OkBioAsync(anna, "PUT", "", """{"handle":"anna"}""");
        Assert.Equal("/@anna", await LocationAsync("/@anna.b"));
        app.Clock.Advance(OldHandles.KeptFor - TimeSpan.FromMilliseconds(1));
        Assert.Equal("/@anna", await LocationAsync("/@anna.b"));
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await LocationAsync("/@anna.b"));
        await app.OkBioAsync(ben, "PUT", "", """{"handle":"anna.b"}""");

        async Task<string?> LocationAsync(string path)
        {
            using var response = await visitor.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(response.Headers.Location is null ? HttpStatusCode.NotFound : HttpStatusCode.Found, response.StatusCode);
            return response.Headers.Location?.OriginalString;
        }

        async Task AddAsync(string handle)
        {
            await using var connection = await app.Main.OpenAsync(TestContext.Current.CancellationToken);
            await using var transaction = await app.Main.Dialect.BeginExclusiveAsync(connection, TestContext.Current.CancellationToken);
            await CreatorStore.AddAsync(
                app.Main.Dialect, transaction, new NewCreator(Guid.NewGuid()) { Handle = handle }, app.Clock.GetUtcNow(),
                TestContext.Current.CancellationToken);
        }
    }

    [Theory, Engines]
    public async Task A_page_keeps_up_to_five_old_handles(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        for (var i = 0; i <= OldHandles.Max; i++)
        {
            await app.OkBioAsync(anna, "PUT", "", $$"""{"handle":"anna{{i}}"}""");
        }

        using var refused = await app.SendBioAsync(anna, "PUT", "", """{"handle":"another"}""");
        Assert.Equal(
            ["a page has at most 5 earlier handles in 90 days"],
            (await refused.AssertErrorAsync(HttpStatusCode.Conflict, "CONFLICT", "error.conflict")).Details());
        await app.OkBioAsync(anna, "PUT", "", """{"handle":"anna2"}""");
    }

    [Theory, Engines]
    public async Task A_handle_that_becomes_an_old_one_goes_to_nobody_else(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        for (var i = 0; i < 5; i++)
        {
            await app.OkBioAsync(anna, "PUT", "", $$"""{"handle":"wanted{{i}}"}""");
            var answers = await Task.WhenAll(
                app.SendBioAsync(anna, "PUT", "", $$"""{"handle":"other{{i}}"}"""),
                app.SendBioAsync(ben, "PUT", "", $$"""{"handle":"wanted{{i}}"}"""));
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(answer => answer.StatusCode));
            app.Clock.Advance(OldHandles.KeptFor);
        }
    }

    [Theory, Engines]
    public async Task A_hidden_page_is_404_and_counts_nothing(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await app.OkBioAsync(anna, "PUT", "", """{"handle":"anna","published":false}""");
        await app.AddPlacementAsync(anna, "story", "Instagram", "Story");

        foreach (var path in (string[])["/@anna", "/@anna/story", "/@anna/none"])
        {
            using var hidden = await app.GetAsync(path);
            await hidden.AssertErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND", "error.not_found");
        }

        Assert.Null(await app.PostSessionAsync(anna));
        Assert.NotNull(await app.PostSessionAsync(ben));
        await app.OkBioAsync(anna, "PUT", "", """{"published":true}""");
        using var shown = await app.GetAsync("/@anna");
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        Assert.NotNull(await app.PostSessionAsync(anna));
    }
}
