namespace Bioscope.Server.Tests;

public sealed class LinkClicksTests
{
    [Theory, Engines]
    public async Task Links_are_ordered_by_clicks_then_id(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var shop = await app.AddLinkAsync(creator, "Shop", "https://shop.example/?a=1&b=2");
        await app.AddLinkAsync(creator, "Nobody clicks", "https://quiet.example/");
        var foreign = await app.AddLinkAsync(other, "Secret of another page", "https://secret.example/");
        var deleted = Guid.NewGuid();
        await app.AddPageViewsAsync(creator, 1);
        await app.AddPageViewsAsync(creator, 3, shop.Id);
        await app.AddPageViewsAsync(creator, 1, deleted);
        await app.AddPageViewsAsync(creator, 1, foreign.Id);
        await app.AddPageViewsAsync(creator, 1, shop.Id, app.Clock.GetUtcNow().AddDays(-31));
        await app.AddPageViewsAsync(other, 5, foreign.Id);

        var (first, second) = deleted.CompareTo(foreign.Id) < 0 ? (deleted, foreign.Id) : (foreign.Id, deleted);
        Assert.Equal(
            $$"""
            {"links":[{"id":"{{shop.Id}}","title":"Shop","url":"https://shop.example/?a=1&b=2","clicks":3,"ctr":50},{"id":"{{first}}","title":"Unknown","url":"","clicks":1,"ctr":16.67},{"id":"{{second}}","title":"Unknown","url":"","clicks":1,"ctr":16.67}]}
            """,
            await app.ReportAsync(creator, "links"));
    }

    [Theory, Engines]
    public async Task Without_clicks_the_links_report_is_empty(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddLinkAsync(creator, "Shop", "https://shop.example/");
        await app.AddPageViewsAsync(creator, 3);

        Assert.Equal("""{"links":[]}""", await app.ReportAsync(creator, "links"));
    }
}
