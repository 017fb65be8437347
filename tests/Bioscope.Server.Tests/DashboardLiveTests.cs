using System.Net;
using System.Net.Sockets;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using Bioscope.Server.Dashboard;
using Bioscope.Server.Translations;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>The live connection: its events, its viewers, its cost, and its end.</summary>
public sealed class DashboardLiveTests
{
    [Theory, Engines]
    public async Task A_new_visit_is_sent_to_viewers(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        app.Services.GetRequiredService<LiveFeed>().Longest = TimeSpan.FromHours(1);
        using var live = await visit.Http.GetAsync(
            "/dashboard/live", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream", live.Content.Headers.ContentType?.ToString());
        Assert.True(live.Headers.CacheControl?.NoStore);
        using var events = new StreamReader(await live.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Contains(">0</b> visits in the last 30 minutes", await NextAsync(events), StringComparison.Ordinal);

        await app.PostSessionAsync(creator, ("referrer", "https://l.instagram.com/?u=1"));

        var told = await NextAsync(events);
        Assert.Contains(">1</b> visit in the last 30 minutes", told, StringComparison.Ordinal);
        Assert.Contains("<bdi>Instagram</bdi>", told, StringComparison.Ordinal);
        Assert.Contains("just now", told, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Live_visits_show_the_source_of_the_ladder(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var now = app.Clock.GetUtcNow();
        var visit = new SessionRow { BioPageId = creator.BioPageId, Id = Guid.NewGuid(), VisitorId = "v", StartedAt = now };
        await app.Analytics.InsertAsync(
            SessionRow.Table,
            [
                visit with { InAppBrowser = "TikTok" },
                visit with { Id = Guid.NewGuid(), StartedAt = now.AddSeconds(-1), RequestedWith = "com.instagram.android" },
                visit with
                {
                    Id = Guid.NewGuid(),
                    StartedAt = now.AddSeconds(-2),
                    Attribution = Core.Attribution.Of("?ref=my-zine"),
                    ReferrerDomain = "example.com",
                },
                visit with { Id = Guid.NewGuid(), StartedAt = now.AddSeconds(-3), Placement = "p1" },
            ],
            TestContext.Current.CancellationToken);

        var naming = new Naming([new PlacementName("p1", "YouTube", "Description")]);
        var live = await LiveVisits.ReadAsync(app.Analytics, creator.BioPageId, naming, now, TestContext.Current.CancellationToken);

        Assert.Equal(["TikTok", "Instagram", "my-zine", "YouTube"], live.Newest.Select(newest => newest.Source));
    }

    [Theory, Engines]
    public async Task What_the_creator_hides_is_not_live(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var now = app.Clock.GetUtcNow();
        await app.AddSessionsAsync(creator, "semalt.com", 2, now);
        await app.AddSessionsAsync(creator, "shop.example", 3, now.AddMinutes(-1));
        await app.AddSessionsAsync(creator, "blog.example", 4, now.AddMinutes(-2));
        var rules = (string match, string? name) => new NamingRule(
            new Filter(FilterOperator.Is, Dimension.Named(match.Split(' ')[0])!, [match.Split(' ')[1]]), name, null, Hide: name is null);

        Assert.Equal("9: semalt.com semalt.com shop.example shop.example shop.example blog.example", await ShownAsync(Naming.None));
        Assert.Equal("7: shop.example shop.example shop.example blog.example blog.example blog.example",
            await ShownAsync(Naming.None with { HidesSpam = true }));
        Assert.Equal("6: My shop My shop blog.example blog.example blog.example blog.example",
            await ShownAsync(Naming.None with
            {
                HidesSpam = true,
                Rules = [rules("referrerDomain semalt.com", "My shop"), rules("referrerDomain shop.example", null)],
            }));
        Assert.Equal("3: My shop My shop My shop",
            await ShownAsync(Naming.None with
            {
                HidesSpam = true,
                Rules = [rules("referrer shop.example", "My shop"), rules("referrer blog.example", null)],
            }));

        async Task<string> ShownAsync(Naming naming)
        {
            var live = await LiveVisits.ReadAsync(app.Analytics, creator.BioPageId, naming, now, TestContext.Current.CancellationToken);
            return $"{live.Visits}: {string.Join(' ', live.Newest.Select(visit => visit.Source))}";
        }
    }

    [Fact]
    public async Task A_visit_stored_by_another_instance_is_sent()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        app.Services.GetRequiredService<LiveFeed>().Longest = TimeSpan.FromMilliseconds(100);
        using var live = await visit.Http.GetAsync(
            "/dashboard/live", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var events = new StreamReader(await live.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        await NextAsync(events);

        await app.AddSessionsAsync(creator, "tiktok.com", 1, app.Clock.GetUtcNow());

        Assert.Contains(">1</b> visit in the last 30 minutes", await NextAsync(events), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_last_half_hour_shows_only_the_pages_own_visits(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var now = app.Clock.GetUtcNow();
        await app.AddSessionsAsync(creator, "tiktok.com", 3, now);
        await app.AddSessionsAsync(creator, null, 2, now.AddMinutes(-29));
        await app.AddSessionsAsync(creator, null, 4, now.AddMinutes(-29).AddMilliseconds(-1));
        await app.AddSessionsAsync(other, "example.com", 9, now);
        await app.AddSessionsAsync(creator, "reddit.com", 1, now.AddMinutes(5)); // the clock was set back

        var live = await LiveVisits.ReadAsync(
            app.Analytics, creator.BioPageId, Naming.None, now, TestContext.Current.CancellationToken);

        Assert.Equal(6, live.Visits);
        Assert.Equal([2, .. new long[28], 4], live.Minutes);
        Assert.Equal(
            ["Reddit", "TikTok", "TikTok", "TikTok", "Direct / None", "Direct / None"], live.Newest.Select(visit => visit.Source));
    }

    [Fact]
    public async Task Imported_text_cannot_inject_markup()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionAsync(creator, country: "A\n\ndata: <script>", device: "\r\nretry: 1", startedAt: app.Clock.GetUtcNow());

        var part = Dashboard.Blocks.Live.Render(
            await LiveVisits.ReadAsync(
                app.Analytics, creator.BioPageId, Naming.None, app.Clock.GetUtcNow(), TestContext.Current.CancellationToken),
            Words.All[0]).ToString();

        Assert.Contains("&lt;script&gt;", part, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", part, StringComparison.Ordinal);
        Assert.False(part.Contains('\n') || part.Contains('\r'));
    }

    [Fact]
    public async Task Live_updates_stop_when_nobody_is_signed_in()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var answer = await app.GetAsync("/dashboard/live");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task The_number_of_viewers_is_limited()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var sockets = await LiveSockets.OpenAsync(app, visit, LiveFeed.MaxWatchers);
        var feed = app.Services.GetRequiredService<LiveFeed>();
        await Patience.UntilAsync(() => feed.Watchers == LiveFeed.MaxWatchers);

        using var over = await visit.GetAsync("/dashboard/live");
        Assert.Equal(HttpStatusCode.NoContent, over.StatusCode);

        sockets.ForEach(socket => socket.Dispose());
        await Patience.UntilAsync(() => feed.Watchers == 0);
    }

    [Fact]
    public async Task Every_connection_ends_cleanly_when_the_server_stops()
    {
        var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var sockets = await LiveSockets.OpenAsync(app, visit, 20);
        await Patience.UntilAsync(() => app.Services.GetRequiredService<LiveFeed>().Watchers == 20);

        await app.DisposeAsync().AsTask().WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);

        foreach (var socket in sockets)
        {
            using var stream = new NetworkStream(socket, ownsSocket: true);
            using var text = new StreamReader(stream);
            // The last chunk of a complete body.
            Assert.EndsWith("\r\n0\r\n\r\n", await text.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    /// <summary>The next event's text.</summary>
    private static async Task<string> NextAsync(StreamReader events)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience.Limit);
        while (await events.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return line[6..];
            }
        }

        throw new InvalidOperationException("The connection ended.");
    }
}
