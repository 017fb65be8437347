using System.Text.RegularExpressions;
using Bioscope.Engine.Rows;
using Bioscope.Server.Dashboard;

namespace Bioscope.Server.Tests;

/// <summary>
/// Whatever was imported or made up, the dashboard stays small, and what it shows and what it folds add up to everything.
/// </summary>
public sealed partial class DashboardBoundsTests
{
    // As many as one visitor was once seen to create.
    private const int Many = 66_667;

    [Theory, Engines]
    public async Task Made_up_links_devices_sources_and_countries_are_folded(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var shop = await app.AddLinkAsync(creator, "Shop", "https://shop.example/");
        var at = app.Clock.GetUtcNow().AddMinutes(-90);
        await app.Analytics.InsertAsync(
            SessionRow.Table,
            [
                .. Enumerable.Range(0, Many).Select(i => new SessionRow
                {
                    BioPageId = creator.BioPageId,
                    Id = Guid.NewGuid(),
                    VisitorId = "visitor",
                    ReferrerDomain = $"{i}.example",
                    Country = $"Country {i}",
                    Device = i % 10 == 0 ? "mobile" : $"device {i}",
                    StartedAt = at,
                }),
            ],
            TestContext.Current.CancellationToken);
        await app.Analytics.InsertAsync(
            PageViewRow.Table,
            [
                .. Enumerable.Range(0, Many + 10).Select(i => new PageViewRow
                {
                    BioPageId = creator.BioPageId,
                    Id = Guid.NewGuid(),
                    SessionId = Guid.NewGuid(),
                    EnteredAt = at,
                    LinkClicked = i < Many ? Guid.NewGuid() : shop.Id,
                }),
            ],
            TestContext.Current.CancellationToken);
        await app.AddPageViewsAsync(creator, 100);

        var page = await visit.ReadAsync("/dashboard?days=7");

        Assert.InRange(page.Length, 10_000, 100_000);
        Assert.Equal(
            "66,667 links that are no longer on the page 66,667 clicks, 66,667.00%", DashboardVisit.TextOf(page, "data-link=\"gone\""));
        Assert.Equal("Shop shop.example 10 clicks, 10.00%", DashboardVisit.TextOf(page, $"data-link=\"{shop.Id}\""));
        foreach (var block in (string[])["sources", "countries", "devices"])
        {
            Assert.Equal(Many, CountsOf(page, block).Sum());
        }

        Assert.Contains("59,995 more", DashboardVisit.TextOf(page, "id=\"devices\""), StringComparison.Ordinal);
        // A file has all of them, and so have the pages of rows.
        var links = (await visit.ReadAsync("/dashboard/export?type=link&range=7d")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Many + 2, links.Length);
        Assert.Equal($"{shop.Id},Shop,https://shop.example/,10,0,0", links[1]);
        var devices = (await visit.ReadAsync("/dashboard/export?type=device&range=7d")).Split(
            "\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Many, devices[1..].Sum(row => long.Parse(row.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture)));
        var rows = await visit.ReadAsync("/dashboard/rows/device?range=7d&page=601");
        Assert.InRange(rows.Length, 10_000, 100_000);
        Assert.Contains("60,001–60,002 of 60,002", rows, StringComparison.Ordinal);
        // One row each in the published report, as before.
        Assert.Equal(Many + 1, (await app.ReportAsync(creator, "links?days=7")).Split("\"id\":").Length - 1);
    }

    [Theory, Engines]
    public async Task A_page_with_more_links_than_are_shown_folds_the_rest(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await app.AddSessionAsync(creator);
        await app.AddPageViewsAsync(creator, 1000);
        for (var i = 0; i < 130; i++)
        {
            var link = await app.AddLinkAsync(creator, $"Link {i}", "https://shop.example/" + (i == 0 ? new string('u', 8_000) : ""));
            await app.AddPageViewsAsync(creator, i < 100 ? 3 : 2, link.Id);
        }

        var page = await visit.ReadAsync("/dashboard?days=7");

        Assert.Equal(101, page.Split(" data-link=").Length - 1);
        Assert.Equal("30 more links 60 clicks, 6.00%", DashboardVisit.TextOf(page, "data-link=\"more\""));
        Assert.Equal(360, CountsOf(page, "links").Sum());
        Assert.DoesNotContain("uuuu", page, StringComparison.Ordinal);
        Assert.Equal(
            131,
            (await visit.ReadAsync("/dashboard/export?type=link&range=7d")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory, Engines]
    public async Task Texts_of_any_length_are_truncated(EngineKind engine)
    {
        const int Long = 20_000;
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var link = await app.AddLinkAsync(creator, new string('t', Long), "https://shop.example/");
        await app.AddPageViewsAsync(creator, 1, link.Id);
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "title" = @title WHERE "id" = @page""", TestContext.Current.CancellationToken,
            ("@title", new string('n', Long)), ("@page", creator.BioPageId));
        for (var i = 0; i < 8; i++)
        {
            await app.AddSessionsAsync(creator, new string((char)('a' + i), Long), 1, app.Clock.GetUtcNow());
            await app.AddSessionAsync(
                creator,
                country: "e" + new string('\u0301', Long) + i,
                device: new string('d', Long) + i,
                startedAt: app.Clock.GetUtcNow());
        }

        foreach (var path in (string[])["/dashboard?days=today", "/dashboard?days=365"])
        {
            Assert.InRange((await visit.ReadAsync(path)).Length, 10_000, 120_000);
        }
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(101, 1)]
    [InlineData(20_000, 1)]
    public void Shown_text_has_at_most_100_characters(int length, int ellipses)
    {
        var shown = ShownText.Of(new string('a', length));

        Assert.InRange(shown.Length, 100, 100);
        Assert.Equal(ellipses, shown.Count(c => c == '…'));
    }

    [Fact]
    public void Shown_text_is_not_cut_in_a_character() =>
        Assert.Equal(string.Concat(Enumerable.Repeat("😀", 49)) + "…", ShownText.Of(string.Concat(Enumerable.Repeat("😀", 60))));

    /// <summary>The numbers for screen readers at the ends of a block's rows.</summary>
    private static IEnumerable<long> CountsOf(string page, string block)
    {
        var start = page.IndexOf($"<section class=\"block\" id=\"{block}\"", StringComparison.Ordinal);
        return Count().Matches(page[start..page.IndexOf("</section>", start, StringComparison.Ordinal)])
            .Select(
                match => long.Parse(
                    match.Groups[1].Value.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("<span class=\"n\">([0-9,]+)<")]
    private static partial Regex Count();
}
