using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Server.Api.Reports;

namespace Bioscope.Server.Tests;

/// <summary><c>GET …/sources</c> over a handful of visits that a person can count, and the icons.</summary>
public sealed class NamedSourcesTests
{
    private const string Path = "/api/v1/creators/analytics/sources";

    private static readonly Attribution NoTags = Attribution.None;

    [Theory, Engines]
    public async Task Sources_are_named_by_the_ladder_and_add_up(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await FillAsync(app, creator);

        var all = await app.ReadAsync(creator, Path);

        Assert.Equal(
            """{"visits":10,"visitors":4,"clicks":2}""", all["totals"]!.ToJsonString());
        Assert.Equal(
            """{"attributed":80,"rungs":{"placement":0,"tag":3,"clickId":1,"referrer":2,"app":2,"none":2}}""", all["coverage"]!.ToJsonString());
        Assert.Equal(
            [
                "instagram Instagram Organic Social 4 visits 2 visitors 1 clicks 50% 40% tag 1 referrer 1 app 2: direct 3, l.instagram.com 1",
                "direct Direct / None Direct 2 visits 1 visitors 0 clicks 0% 20% none 2: direct 2",
                "facebook Facebook Paid Social 1 visits 1 visitors 1 clicks 0% 10% tag 1: direct 1",
                "tiktok TikTok Paid Social 1 visits 1 visitors 0 clicks 0% 10% clickId 1: direct 1",
                "my-zine my-zine Referral 1 visits 1 visitors 0 clicks 0% 10% tag 1: direct 1",
                "shop.example shop.example Referral 1 visits 1 visitors 0 clicks 0% 10% referrer 1: shop.example 1",
            ],
            Lines(all));
        Assert.Equal((6, 0L), ((int)all["sourceCount"]!, (long)all["rest"]!["visits"]!));

        var page = await app.ReadAsync(creator, Path + "?limit=2&offset=1");
        Assert.Equal(["Direct / None", "Facebook"], page["sources"]!.AsArray().Select(source => (string)source!["name"]!));
        Assert.Equal((6, 7L), ((int)page["sourceCount"]!, (long)page["rest"]!["visits"]!));
    }

    // The visit began before the range, its click is in it.
    [Theory, Engines]
    public async Task A_source_without_visits_in_the_range_has_its_channel_too(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (creator, now) = (await app.AddCreatorAsync(), app.Clock.GetUtcNow());
        var visit = new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            VisitorId = "anna",
            Attribution = NoTags,
            InAppBrowser = "Instagram",
            StartedAt = now.AddHours(-1),
        };
        PageViewRow[] views = [.. new[] { null as Guid?, RandomQuery.Links[0] }.Select(link => new PageViewRow
        {
            BioPageId = creator.BioPageId, Id = Guid.NewGuid(), SessionId = visit.Id, EnteredAt = now.AddMinutes(-10), LinkClicked = link,
        })];
        await app.Analytics.InsertAsync(SessionRow.Table, [visit], TestContext.Current.CancellationToken);
        await app.Analytics.InsertAsync(PageViewRow.Table, views, TestContext.Current.CancellationToken);
        var from = now.AddMinutes(-30).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

        var sources = await app.ReadAsync(creator, $"{Path}?range=[\"{from}\",\"2027-01-01T00:00:00Z\"]");

        Assert.Equal(["instagram Instagram Organic Social 0 visits 0 visitors 1 clicks 100% 0% : "], Lines(sources));
    }

    // "direct" is what the published reports say where there is no domain: another service, or an import, may have stored it.
    [Theory, Engines(With = [true, false])]
    public async Task A_stored_direct_is_no_source(EngineKind engine, bool isSealed)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "direct", 2, startedAt: app.Clock.GetUtcNow().AddDays(-2));
        await app.AddSessionsAsync(creator, null, startedAt: app.Clock.GetUtcNow().AddDays(-2));
        if (isSealed)
        {
            await FilledTables.SealAsync(app, creator);
        }

        var sources = await app.ReadAsync(creator, Path);

        Assert.Equal(["direct Direct / None Direct 3 visits 1 visitors 0 clicks 0% 100% none 3: direct 3"], Lines(sources));
        Assert.Equal(0, (double)sources["coverage"]!["attributed"]!);
    }

    [Theory, Engines]
    public async Task Clicks_of_unknown_visits_have_no_source(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await FillAsync(app, creator);
        await app.AddPageViewsAsync(creator, 3, Guid.NewGuid());

        foreach (var limit in (int[])[1, 100])
        {
            var sources = await app.ReadAsync(creator, $"{Path}?limit={limit}");
            Assert.Equal((6, 5), ((int)sources["sourceCount"]!, (int)sources["totals"]!["clicks"]!));
            Assert.Equal(Math.Min(limit, 6), sources["sources"]!.AsArray().Count);
        }
    }

    [Theory, Engines]
    public async Task Filters_and_ranges_are_those_of_queries(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await FillAsync(app, creator);

        var filtered = await app.ReadAsync(
            creator, $"{Path}?filters={Uri.EscapeDataString("""[["is","channel",["Paid Social"]]]""")}&range=7d&timeZone=Asia/Kolkata");
        var yesterday = await app.ReadAsync(creator, Path + "?range=%22yesterday%22&days=365");

        Assert.Equal(["Facebook", "TikTok"], filtered["sources"]!.AsArray().Select(source => (string)source!["name"]!));
        Assert.Equal("Asia/Kolkata", (string)filtered["range"]!["timeZone"]!);
        Assert.Equal(100, (double)filtered["coverage"]!["attributed"]!);
        Assert.Equal(0, (long)yesterday["totals"]!["visits"]!);
        Assert.Equal(0, (double)yesterday["coverage"]!["attributed"]!);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=many", "limit")]
    [InlineData("offset=-1", "offset")]
    [InlineData("range=never", "range")]
    [InlineData("timeZone=Mars/Base", "timeZone")]
    [InlineData("filters=%5B%5B%22is%22%5D%5D", "filters[0]")]
    [InlineData("filters=nonsense", "filters")]
    [InlineData("filters=%22%5Cud800%22", "filters")]
    [InlineData("filters=[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "filters")]
    [InlineData("limit=%22,%22x", "limit")]
    [InlineData("limit=null", "limit")]
    [InlineData("limit=+null", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("offset=null", "offset")]
    [InlineData("range=null", "range")]
    [InlineData("timeZone=null", "timeZone")]
    [InlineData("filters=null", "filters")]
    public async Task What_is_wrong_is_said_by_field(string parameters, string field)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();

        using var answer = await app.GetAsync($"{Path}?{parameters}", app.Token(creator));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var details = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!["details"]!;
        Assert.StartsWith(field + " ", (string)details.AsArray().Single()!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Days_are_the_window_of_the_published_reports()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        var since = app.Clock.GetUtcNow().AddDays(-2);
        await app.AddSessionsAsync(creator, "instagram.com", startedAt: since);
        await app.AddSessionsAsync(creator, "instagram.com", startedAt: since.AddMilliseconds(-1));

        Assert.Equal(1, (long)(await app.ReadAsync(creator, Path + "?days=2"))["totals"]!["visits"]!);
        Assert.Equal(2, (long)(await app.ReadAsync(creator, Path + "?days=3"))["totals"]!["visits"]!);
        Assert.Equal(2, (long)(await app.ReadAsync(creator, Path + "?days=never"))["totals"]!["visits"]!);
    }

    [Fact]
    public async Task Icons_need_no_bearer_and_may_be_shown_anywhere()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var icon = await app.GetAsync("/api/v1/creators/analytics/icons/instagram.svg");
        using var unknown = await app.GetAsync("/api/v1/creators/analytics/icons/nobody.svg");

        Assert.Equal(HttpStatusCode.OK, icon.StatusCode);
        Assert.Equal("image/svg+xml", icon.Content.Headers.ContentType!.MediaType);
        Assert.Equal("*", icon.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("immutable", icon.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("<svg xmlns=", await icon.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public void Every_known_source_has_a_key_of_its_own()
    {
        var keys = SourceName.All.Select(source => SourceIcons.KeyOf(source.Name)).ToArray();

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.DoesNotContain(keys, key => key.Length == 0 || key.Contains(' ', StringComparison.Ordinal) || key.Contains('/', StringComparison.Ordinal));
        Assert.Equal("https://bio.example/api/v1/creators/analytics/icons/instagram.svg", SourceIcons.AddressOf("Instagram", "https://bio.example"));
        Assert.Null(SourceIcons.AddressOf("shop.example", null));
    }

    private static string[] Lines(JsonNode answer) =>
    [
        .. answer["sources"]!.AsArray().Select(source =>
            $"{source!["key"]} {source["name"]} {source["channel"]} {source["visits"]} visits {source["visitors"]} visitors {source["clicks"]} clicks "
            + $"{source["clickRate"]}% {source["share"]}% "
            + string.Join(' ', source["rungs"]!.AsObject().Where(rung => (long)rung.Value! > 0).Select(rung => $"{rung.Key} {rung.Value}")) + ": "
            + string.Join(", ", source["domains"]!.AsArray().Select(domain => $"{domain!["domain"]} {domain["visits"]}"))),
    ];

    private static async Task FillAsync(TestApp app, Creator creator)
    {
        var sessions = new List<SessionRow>();
        Add("anna", NoTags, "l.instagram.com");
        Add("anna", NoTags, null, inApp: "Instagram");
        Add("ben", NoTags, null, requestedWith: "com.instagram.android");
        Add("ben", NoTags with { UtmSource = "ig", UtmContent = "link_in_bio" }, null);
        Add("carl", NoTags with { UtmSource = "fb-ads" }, null);
        Add("carl", NoTags with { ClickId = "ttclid", UtmMedium = null }, null);
        Add("dora", NoTags with { Ref = "my-zine" }, null);
        Add("dora", NoTags, "shop.example");
        Add("dora", NoTags, null);
        Add("dora", NoTags, null);
        await app.Analytics.InsertAsync(SessionRow.Table, sessions, TestContext.Current.CancellationToken);
        PageViewRow[] views = [View(0, click: false), View(1, click: false), View(1, click: true), View(4, click: true)];
        await app.Analytics.InsertAsync(PageViewRow.Table, views, TestContext.Current.CancellationToken);

        void Add(string visitor, Attribution tags, string? domain, string? inApp = null, string? requestedWith = null) => sessions.Add(new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            VisitorId = visitor,
            ReferrerDomain = domain,
            Attribution = tags,
            InAppBrowser = inApp,
            RequestedWith = requestedWith,
            StartedAt = app.Clock.GetUtcNow().AddHours(-1),
        });

        PageViewRow View(int session, bool click) => new()
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            SessionId = sessions[session].Id,
            EnteredAt = app.Clock.GetUtcNow().AddHours(-1),
            LinkClicked = click ? RandomQuery.Links[0] : null,
        };
    }
}

internal static class NamedSourcesReading
{
    public static async Task<JsonNode> ReadAsync(this TestApp app, Creator creator, string path)
    {
        using var answer = await app.GetAsync(path, app.Token(creator));
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!["data"]!;
    }
}
