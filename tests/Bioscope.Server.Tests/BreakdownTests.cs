using System.Globalization;

namespace Bioscope.Server.Tests;

/// <summary>Countries and devices; for sources see <see cref="TrafficSourcesTests"/>.</summary>
public sealed class BreakdownTests
{
    [Theory, Engines]
    public async Task Countries_have_names_and_a_missing_one_is_Unknown(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        foreach (var country in (string?[])["Germany", "Türkiye", "Germany", null, "", "Åland Islands", "before"])
        {
            await app.AddSessionAsync(
                creator, country: country, startedAt: country == "before" ? app.Clock.GetUtcNow().AddDays(-31) : null);
        }

        Assert.Equal(
            """
            {"locations":[{"country":"Germany","visits":2,"percentage":33},{"country":"Unknown","visits":2,"percentage":33},{"country":"Türkiye","visits":1,"percentage":17},{"country":"Åland Islands","visits":1,"percentage":17}]}
            """,
            await app.ReportAsync(creator, "geo"));
    }

    [Theory, Engines]
    public async Task Percentages_are_of_the_top_20_countries_shown(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        for (var i = 0; i < 25; i++)
        {
            await app.AddSessionAsync(creator, country: string.Create(CultureInfo.InvariantCulture, $"Country {i:00}"));
        }

        var report = await app.ReportAsync(creator, "geo");

        Assert.Equal(20, report.Split("\"visits\":1,\"percentage\":5").Length - 1);
        Assert.Contains("Country 19", report, StringComparison.Ordinal);
        Assert.DoesNotContain("Country 20", report, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task All_devices_are_shown_with_their_share(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        foreach (var device in (string?[])["mobile", "mobile", "mobile", "mobile", "tablet", "desktop", null, ""])
        {
            await app.AddSessionAsync(creator, device: device);
        }

        Assert.Equal(
            """
            {"segments":[{"name":"mobile","count":4,"percentage":50},{"name":"unknown","count":2,"percentage":25},{"name":"desktop","count":1,"percentage":13},{"name":"tablet","count":1,"percentage":13}]}
            """,
            await app.ReportAsync(creator, "devices"));
    }

    [Theory, Engines(With = ["geo", "devices"])]
    public async Task A_page_without_sessions_has_empty_breakdowns(EngineKind engine, string report)
    {
        await using var app = await TestApp.StartAsync(engine);

        Assert.EndsWith(":[]}", await app.ReportAsync(await app.AddCreatorAsync(), report), StringComparison.Ordinal);
    }
}
