using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Server.Proofs;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>Frozen views, and the page that checks their proofs, in a real browser.</summary>
public sealed class ProofTests(Browser browser)
{
    [Theory]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    public async Task The_page_finds_a_changed_digit(int width, ColorScheme scheme)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (view, proof) = await FreezeAsync(app);
        await using var reader = await browser.NewVisitorAsync(DashboardDesk.Options(width, scheme));
        await reader.Page.GotoAsync(view);
        await AssertFineAsync(reader.Page);

        await reader.Page.GotoAsync(Site.Origin(app) + "/proof");
        Assert.StartsWith("The proof holds.“Frozen”", await CheckAsync(reader.Page, proof), StringComparison.Ordinal);
        await AssertFineAsync(reader.Page);
        var at = proof.IndexOfAny("0123456789".ToCharArray(), proof.IndexOf("This period", StringComparison.Ordinal));
        var forged = string.Concat(proof.AsSpan(0, at), proof[at] == '9' ? "8" : "9", proof.AsSpan(at + 1));
        Assert.Equal(
            "The proof does not hold: the signature does not match: the proof was changed after it was signed.",
            await CheckAsync(reader.Page, forged));
        await AssertFineAsync(reader.Page);
        reader.AssertNoComplaint();

        static async Task AssertFineAsync(IPage page)
        {
            Assert.True(await page.OverflowAsync() <= 0, page.Url);
            Assert.Empty(await page.ViolationsAsync());
        }
    }

    [Fact]
    public async Task The_saved_page_works_without_a_network()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (_, proof) = await FreezeAsync(app);
        var file = Path.Combine(Directory.CreateTempSubdirectory("bioscope-proof-").FullName, "proof.html");
        await File.WriteAllTextAsync(
            file, await app.Http.GetStringAsync("/proof", TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        var keys = await app.Http.GetStringAsync(ProofPages.KeysPath, TestContext.Current.CancellationToken);
        await using var reader = await browser.NewVisitorAsync(DashboardDesk.Options());
        await reader.Page.GotoAsync(new Uri(file).AbsoluteUri);
        await reader.Page.Context.SetOfflineAsync(true);

        await reader.Page.FillAsync("#keys", keys);
        Assert.StartsWith("The proof holds.", await CheckAsync(reader.Page, proof), StringComparison.Ordinal);
        await reader.Page.FillAsync("#keys", keys.Replace("\"kid\": \"", "\"kid\": \"x", StringComparison.Ordinal));
        Assert.Contains("which is not among the keys", await CheckAsync(reader.Page, proof), StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    private static async Task<string> CheckAsync(IPage page, string proof)
    {
        await page.SetInputFilesAsync(
            "#file", new FilePayload { Name = "proof.json", MimeType = "application/json", Buffer = Encoding.UTF8.GetBytes(proof) });
        await page.ClickAsync("#check");
        await page.WaitForSelectorAsync("#result.ok,#result.no");
        return (await page.TextContentAsync("#result"))!;
    }

    /// <summary>Shares everything that can be frozen, and returns the link and the proof's file.</summary>
    private static async Task<(string View, string Proof)> FreezeAsync(TestApp app)
    {
        var creator = await DashboardDesk.AddCreatorAsync(app);
        using var http = new HttpClient { BaseAddress = app.Http.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(creator));
        const string Views = "/api/v1/creators/analytics/shared-views";
        using var shared = await http.PostAsync(
            Views,
            new StringContent(
                """{"title":"Frozen","blocks":["figures","trend","sources","links","countries","devices","quality"],"question":{"compare":"previous"}}""",
                Encoding.UTF8, "application/json"),
            TestContext.Current.CancellationToken);
        var data = JsonNode.Parse(await shared.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["data"]!;
        using var frozen = await http.PutAsync($"{Views}/{data["id"]}/proof", null, TestContext.Current.CancellationToken);
        frozen.EnsureSuccessStatusCode();
        var url = (string)data["url"]!;
        return (url, await http.GetStringAsync(url + "/proof.json", TestContext.Current.CancellationToken));
    }
}
