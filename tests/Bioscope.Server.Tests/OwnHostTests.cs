namespace Bioscope.Server.Tests;

/// <summary>A referrer that is the page itself, or another page on the same host, is not a source.</summary>
public sealed class OwnHostTests
{
    [Theory, Engines]
    public async Task A_referrer_with_the_pages_own_host_is_ignored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("PublicUrl", "https://links.example"));
        var creator = await app.AddCreatorAsync();

        foreach (var (referrer, url) in ((string, string?)[])
        [
            ("https://shop.example/cart", "https://shop.example/thanks?x=1"), // own
            ("https://www.shop.example/cart", "https://shop.example/"), // own with www.
            ("http://SHOP.example:8080/", "https://www.shop.example/"), // own without
            ("https://blog.shop.example/", "https://shop.example/"), // another site
            ("https://notshop.example/", "https://shop.example/"), // another site
            ("https://links.example/@anna", "https://shop.example/"), // another site: the page is not on this server
            ("https://links.example/@anna", null), // own by the public address
            ("http://127.0.0.1:9/", null), // own by the request's host
            ("https://links.example/", "not an address"), // own: the address contains no host
            ("android-app://com.instagram.android/", null), // another
        ])
        {
            Assert.NotNull(await app.PostSessionAsync(creator, ("referrer", referrer), ("url", url)));
        }

        Assert.Equal(
            [
                "direct 6 60%", "blog.shop.example 1 10%", "com.instagram.android 1 10%", "links.example 1 10%", "notshop.example 1 10%",
            ],
            await app.TrafficAsync(creator));
        Assert.Equal(4, (await app.SessionColumnAsync(creator.BioPageId, "referrer")).Count(referrer => referrer is not null));
    }
}
