using Bioscope.Engine.Rows;

namespace Bioscope.Server.Tests;

public sealed class PagesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task Pages_with_sessions_or_page_views_are_found_by_id_each_once(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        // More than one statement lists; some have sessions only, some page views only, some both, one more than once.
        Guid[] pages = [.. Enumerable.Range(0, 2_300).Select(_ => Guid.NewGuid())];
        await app.Analytics.InsertAsync(
            SessionRow.Table,
            [.. pages.Where((_, i) => i % 3 != 1).Append(pages[0]).Append(default).Select(
                page => new SessionRow { BioPageId = page, Id = Guid.NewGuid(), VisitorId = "v", StartedAt = TestApp.Start })],
            Cancelled);
        await app.Analytics.InsertAsync(
            PageViewRow.Table,
            [.. pages.Where((_, i) => i % 3 != 2).Append(pages[0]).Select(
                page => new PageViewRow { BioPageId = page, Id = Guid.NewGuid(), SessionId = Guid.NewGuid(), EnteredAt = TestApp.Start })],
            Cancelled);

        var found = await Pages.AllAsync(app.Analytics, Cancelled).ToListAsync(Cancelled);

        Assert.Equal(pages.Order(Pages.Order), found);
    }

    [Theory, Engines]
    public async Task A_thousand_pages_are_listed_whole(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        Guid[] pages = [.. Enumerable.Range(0, 1_000).Select(_ => Guid.NewGuid())];
        await app.Analytics.InsertAsync(
            SessionRow.Table, [.. pages.Select(page => new SessionRow { BioPageId = page, Id = Guid.NewGuid(), VisitorId = "v", StartedAt = TestApp.Start })], Cancelled);

        Assert.Equal(pages.Order(Pages.Order), await Pages.AllAsync(app.Analytics, Cancelled).ToListAsync(Cancelled));
    }
}
