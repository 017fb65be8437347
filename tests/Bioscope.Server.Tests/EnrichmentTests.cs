namespace Bioscope.Server.Tests;

/// <summary>What the server itself adds to a session.</summary>
public class EnrichmentTests
{
    private const string InstagramOnAPhone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22D72 Instagram " +
        "370.0.0.24.96 (iPhone15,2; iOS 18_3_1; de_DE; de; scale=3.00; 1179x2556; 699401542)";

    [Theory, Engines]
    public async Task The_user_agent_overrides_the_clients_fields(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        app.Http.DefaultRequestHeaders.Remove("User-Agent");
        app.Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", InstagramOnAPhone);

        await app.PostSessionAsync(creator, ("device", "desktop"), ("browser", "Netscape"), ("os", "Windows"), ("osVersion", "95"));

        Assert.Equal(
            ["mobile Instagram iOS 18.3.1 Instagram"],
            await app.RowsAsync("AnalyticsSession", creator.BioPageId, "device", "browser", "os", "osVersion", "inAppBrowser"));
    }

    [Theory, Engines]
    public async Task The_clients_fields_fill_gaps_of_the_user_agent(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        app.Http.DefaultRequestHeaders.Remove("User-Agent");

        await app.PostSessionAsync(creator, ("device", "Tablet"), ("browser", "Netscape"), ("os", "BeOS"), ("osVersion", "5"));

        Assert.Equal(
            ["tablet Netscape BeOS 5 -"],
            await app.RowsAsync("AnalyticsSession", creator.BioPageId, "device", "browser", "os", "osVersion", "inAppBrowser"));
    }

    [Theory, Engines]
    public async Task The_country_comes_from_the_address_which_is_not_stored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Proxies:Trusted", "127.0.0.1"));
        var creator = await app.AddCreatorAsync();
        foreach (var address in (string[])["193.99.144.80", "::ffff:8.8.8.8", "2a02:2e0:3fe:1001:302::", "192.168.1.1"])
        {
            app.Http.DefaultRequestHeaders.Remove("X-Forwarded-For");
            app.Http.DefaultRequestHeaders.Add("X-Forwarded-For", address);
            await app.PostSessionAsync(creator, ("country", "Atlantis"));
        }

        Assert.Equal(
            ["- -", "DE Germany", "DE Germany", "US United States"],
            (await app.RowsAsync("AnalyticsSession", creator.BioPageId, "countryCode", "country")).Order(StringComparer.Ordinal));
        Assert.Equal(
            """{"locations":[{"country":"Germany","visits":2,"percentage":50},{"country":"United States","visits":1,"percentage":25},{"country":"Unknown","visits":1,"percentage":25}]}""",
            await app.ReportAsync(creator, "geo"));
    }

    [Theory, Engines]
    public async Task Campaigns_and_click_id_kinds_are_stored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();

        await app.PostSessionAsync(
            creator,
            ("url", "https://bio.example/@anna?utm_source=newsletter&utm_medium=e-mail&utm_campaign=Fr%C3%BChling&utm_term=a+b&utm_content=top&gclid=SecretClick123"));

        Assert.Equal(
            ["newsletter e-mail Frühling a b top gclid"],
            await app.RowsAsync(
                "AnalyticsSession", creator.BioPageId, "utmSource", "utmMedium", "utmCampaign", "utmTerm", "utmContent", "clickIdKind"));
        var everything = await app.Analytics.QueryAsync(
            """SELECT * FROM "AnalyticsSession" """,
            row => string.Join('\n', Enumerable.Range(0, row.FieldCount).Select(row.GetValue)),
            TestContext.Current.CancellationToken);
        Assert.DoesNotContain("SecretClick123", Assert.Single(everything), StringComparison.Ordinal);
    }
}
