using System.Net;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Ingest;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary><c>Counting:Mode=anonymous</c>: no banner, nothing stored in the browser, a hash that is valid for one UTC day.</summary>
public sealed class AnonymousTests
{
    private static readonly (string, string) Anonymous = ("Counting:Mode", "anonymous");
    private const string Consent = "\"consent\":\"anonymous\"";

    [Theory, Engines]
    public async Task A_visitor_has_one_hash_per_page_and_day(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Anonymous);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());

        await VisitAsync(app, creator);
        app.Clock.Advance(TimeSpan.FromHours(3));
        await VisitAsync(app, creator);
        await VisitAsync(app, other);
        app.Clock.Advance(TimeSpan.FromHours(12));
        await VisitAsync(app, creator);

        var visitors = await app.SessionColumnAsync(creator.BioPageId, "visitorId");
        Assert.Equal(3, visitors.Count);
        Assert.Equal(visitors[0], visitors[1]);
        Assert.NotEqual(visitors[0], visitors[2]);
        Assert.DoesNotContain(Assert.Single(await app.SessionColumnAsync(other.BioPageId, "visitorId")), visitors);
        Assert.All(visitors, visitor => Assert.Matches("^[0-9a-f]{64}$", visitor));
    }

    [Theory, Engines]
    public async Task A_page_load_within_30_minutes_continues_the_visit(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var one = await TestApp.StartAsync(databases, Anonymous);
        await using var two = await TestApp.StartAsync(databases, Anonymous);
        var creator = await one.AddCreatorAsync();

        var (first, _) = await VisitAsync(one, creator);
        Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(first, (await VisitAsync(two, creator)).Id);
        Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(first, (await HiTests.SayAsync(one, $$"""{"kind":"alive","session":"{{first}}"}""")).Id);
        Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(first, (await VisitAsync(one, creator)).Id);
        Advance(TimeSpan.FromMinutes(31));
        var (second, _) = await VisitAsync(two, creator);

        Assert.NotEqual(first, second);
        Assert.Equal([$"{first} 3", $"{second} 1"], await one.RowsAsync("AnalyticsSession", creator.BioPageId, "id", "pageViews"));
        Assert.Equal(
            """{"totalViews":4,"uniqueVisitors":1,"totalClicks":0,"ctr":0,"days":30}""", await one.ReportAsync(creator, "overview"));

        void Advance(TimeSpan time)
        {
            one.Clock.Advance(time);
            two.Clock.Advance(time);
        }
    }

    [Theory, Engines]
    public async Task Simultaneous_page_loads_are_one_visit(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Anonymous);
        var creator = await app.AddCreatorAsync();
        await VisitAsync(app, creator);

        var visits = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => VisitAsync(app, creator)));

        Assert.Single(visits.Select(visit => visit.Id).Distinct());
        Assert.Equal(["21"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews"));
        Assert.Equal(21, (await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "id")).Count);
    }

    [Theory, Engines]
    public async Task Instances_share_the_secret_and_destroy_it_after_its_day(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var one = await TestApp.StartAsync(databases, Anonymous);
        await using var two = await TestApp.StartAsync(databases, Anonymous);
        var creator = await one.AddCreatorAsync();
        await VisitAsync(one, creator);
        one.Clock.Advance(TimeSpan.FromHours(1));
        two.Clock.Advance(TimeSpan.FromHours(1));
        await VisitAsync(two, creator);
        Assert.Single((await one.SessionColumnAsync(creator.BioPageId, "visitorId")).Distinct());
        var secret = Assert.Single(await SecretsAsync(one));

        one.Clock.Advance(TimeSpan.FromHours(11));
        await ForgetUntilAsync(one, async () => (await one.Analytics.QueryAsync(
            """SELECT "visitorId" FROM "AnonymousVisit" """, row => row.GetString(0), TestContext.Current.CancellationToken)).Count == 0);
        Assert.Empty(await SecretsAsync(one));

        await VisitAsync(one, creator);
        Assert.NotEqual(secret, Assert.Single(await SecretsAsync(one)));
    }

    /// <summary>What was deleted must not remain in the file either.</summary>
    [Fact]
    public async Task A_destroyed_secret_remains_in_no_file()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await TestApp.StartAsync(databases, Anonymous);
        var creator = await app.AddCreatorAsync();
        await VisitAsync(app, creator);
        var secret = Convert.FromHexString(Assert.Single(await SecretsAsync(app)));
        var file = databases.Settings["ConnectionStrings:Main"]!.Split('=')[1].Split(';')[0];
        Assert.True(IsInFiles());

        app.Clock.Advance(TimeSpan.FromDays(1));
        await ForgetUntilAsync(app, () => Task.FromResult(!IsInFiles()));

        bool IsInFiles() => ((string[])[file, file + "-wal"]).Where(File.Exists).Any(path => Read(path).AsSpan().IndexOf(secret) >= 0);

        static byte[] Read(string path)
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
    }

    [Theory]
    [InlineData("Sec-GPC")]
    [InlineData("DNT")]
    public async Task A_browser_that_refuses_is_not_counted(string header)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, Anonymous);
        var creator = await app.AddCreatorAsync();
        app.Http.DefaultRequestHeaders.Add(header, "1");

        Assert.Equal((null, null), await VisitAsync(app, creator));

        Assert.Equal("1", await app.MetricAsync("""bioscope_ingest_drops_total{reason="consent"}"""));
        Assert.NotNull(await app.PostSessionAsync(creator)); // explicit consent takes precedence
    }

    [Theory, Engines]
    public async Task The_session_route_accepts_anonymous_only_in_anonymous_mode(EngineKind engine)
    {
        await using var consent = await TestApp.StartAsync(engine);
        await using var anonymous = await TestApp.StartAsync(engine, Anonymous);
        var (asked, counted) = (await consent.AddCreatorAsync(), await anonymous.AddCreatorAsync());

        Assert.Null(await consent.PostSessionAsync(asked, ("consentAnalytics", "anonymous")));
        Assert.NotNull(await anonymous.PostSessionAsync(counted, ("consentAnalytics", "anonymous"), ("visitorId", null)));
        Assert.NotNull(await anonymous.PostSessionAsync(counted));
        Assert.Null(await anonymous.PostSessionAsync(counted, ("consentAnalytics", "denied")));

        using var without = await consent.PostSessionAsync(new { consentAnalytics = "anonymous" });
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        Assert.Empty(await consent.SessionColumnAsync(asked.BioPageId, "id"));
        Assert.Equal(2, (await anonymous.SessionColumnAsync(counted.BioPageId, "id")).Count);
    }

    [Theory, Engines]
    public async Task Bots_and_expired_tokens_are_not_counted_anonymously(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Anonymous);
        var creator = await app.AddCreatorAsync();
        var visit = HiTests.Visit(app, creator, consent: Consent);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal((null, null), await HiTests.SayAsync(app, visit));
        app.Http.DefaultRequestHeaders.Remove("User-Agent");
        app.Http.DefaultRequestHeaders.UserAgent.ParseAdd("Googlebot/2.1");

        Assert.Equal((null, null), await VisitAsync(app, creator));

        Assert.Empty(await app.SessionColumnAsync(creator.BioPageId, "id"));
        Assert.Equal("1", await app.MetricAsync("""bioscope_ingest_drops_total{reason="token"}"""));
        Assert.Equal("1", await app.MetricAsync("""bioscope_ingest_drops_total{reason="bot"}"""));
    }

    [Fact]
    public void The_visitor_hash_depends_on_each_of_its_parts()
    {
        byte[] key = [.. Enumerable.Repeat((byte)1, 32)], other = [.. Enumerable.Repeat((byte)2, 32)];
        var (page, address) = (Guid.NewGuid(), IPAddress.Parse("192.0.2.1"));
        string[] hashes =
        [
            AnonymousVisitors.Hash(key, address, "a", page),
            AnonymousVisitors.Hash(other, address, "a", page),
            AnonymousVisitors.Hash(key, IPAddress.Parse("192.0.2.2"), "a", page),
            AnonymousVisitors.Hash(key, IPAddress.Parse("2001:db8::1"), "a", page),
            AnonymousVisitors.Hash(key, address, "b", page),
            AnonymousVisitors.Hash(key, address, "", page),
            AnonymousVisitors.Hash(key, address, "a", Guid.NewGuid()),
        ];

        Assert.Equal(hashes.Length, hashes.Distinct().Count());
        Assert.Equal(hashes[0], AnonymousVisitors.Hash(key, IPAddress.Parse("::ffff:192.0.2.1"), "a", page));
    }

    private static Task<(Guid? Id, Guid? View)> VisitAsync(TestApp app, Creator creator) =>
        HiTests.SayAsync(app, HiTests.Visit(app, creator, consent: Consent));

    /// <summary>What else runs at the new day may be reading the log, which is then not truncated; the server tries again in a minute.</summary>
    private static Task ForgetUntilAsync(TestApp app, Func<Task<bool>> isForgotten) => Patience.UntilAsync(
        async () =>
        {
            await app.Services.GetRequiredService<AnonymousVisitors>().ForgetAsync(TestContext.Current.CancellationToken);
            return await isForgotten();
        },
        "it is forgotten");

    private static Task<List<string>> SecretsAsync(TestApp app) => app.Main.QueryAsync(
        """SELECT "secret" FROM "DailySecret" """, row =>
            Convert.ToHexString(row.GetFieldValue<byte[]>(0)), TestContext.Current.CancellationToken);
}
