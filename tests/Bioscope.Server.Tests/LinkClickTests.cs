using System.Net;
using System.Text.Json;
using Bioscope.Engine.Rows;

namespace Bioscope.Server.Tests;

/// <summary>A click counts only for a link of the page.</summary>
public sealed class LinkClickTests
{
    private static readonly (string, string) Unlimited = ("Throttle:Enabled", "false");

    [Theory, Engines]
    public async Task A_click_on_an_unknown_link_is_a_page_view(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unlimited);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var (own, foreign) = (
            await app.AddLinkAsync(creator, "Shop", "https://shop.example/"),
            await app.AddLinkAsync(other, "Blog", "https://blog.example/"));
        var session = (await app.PostSessionAsync(creator))!.Value;

        foreach (var link in (Guid[])[own.Id, foreign.Id, Guid.NewGuid(), Guid.Empty])
        {
            Assert.NotNull(await app.PostPageViewAsync(session, link));
            app.Clock.Advance(TimeSpan.FromMilliseconds(1)); // rows are read in the order of their ids
        }

        Assert.Equal([$"{own.Id}", "-", "-", "-"], await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "linkClicked"));
        Assert.Equal(
            """{"totalViews":4,"uniqueVisitors":1,"totalClicks":1,"ctr":25,"days":30}""", await app.ReportAsync(creator, "overview"));
        Assert.Single(JsonDocument.Parse(await app.ReportAsync(creator, "links")).RootElement.GetProperty("links").EnumerateArray());
    }

    [Theory, Engines]
    public async Task A_new_link_counts_from_its_first_click(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unlimited);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;
        var id = Guid.NewGuid();
        await app.PostPageViewAsync(session, id);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));

        await app.Main.InsertAsync(
            BioLinkRow.Table,
            [new BioLinkRow(id, creator.BioPageId, "New", "https://new.example/")],
            TestContext.Current.CancellationToken);
        await app.PostPageViewAsync(session, id);

        Assert.Equal(["-", $"{id}"], await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "linkClicked"));
    }

    // Nobody can click on a heading: it has no address.
    [Theory, Engines]
    public async Task A_click_on_a_heading_is_a_page_view(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unlimited);
        var creator = await app.AddCreatorAsync();
        var heading = await app.AddBioLinkAsync(creator, """{"title":"Part","heading":true}""");
        var session = (await app.PostSessionAsync(creator))!.Value;

        Assert.NotNull(await app.PostPageViewAsync(session, heading));

        Assert.Equal(["-"], await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "linkClicked"));
    }

    [Theory, Engines]
    public async Task A_session_accepts_a_bounded_number_of_page_views(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unlimited);
        var creator = await app.AddCreatorAsync();
        var session = await app.AddSessionAsync(creator, pageViews: int.MaxValue, duration: int.MaxValue);

        Assert.Null(await app.PostPageViewAsync(session));
        using var beat = await app.SendAsync(HttpMethod.Post, $"session/{session}/heartbeat");

        Assert.Equal(HttpStatusCode.OK, beat.StatusCode);
        Assert.Equal(
            [$"{int.MaxValue} {int.MaxValue}"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews", "duration"));
        Assert.Equal("1", await app.MetricAsync("""bioscope_ingest_drops_total{reason="throttle"}"""));
    }
}
