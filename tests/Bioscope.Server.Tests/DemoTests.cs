using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Server.Demo;

namespace Bioscope.Server.Tests;

public sealed partial class DemoTests
{
    private static readonly DateTimeOffset Now = TestApp.Start;

    [Fact]
    public void Demo_traffic_of_a_day_is_deterministic()
    {
        foreach (var creator in DemoCreators.All)
        {
            var visits = new DemoTraffic(creator, Now).Visits().Select(visit => visit.Session).ToList();
            var earlier = new DemoTraffic(creator, Now.AddHours(-9)).Visits().Select(visit => visit.Session).ToList();

            Assert.InRange(visits.Count, creator.Sessions * 0.97, creator.Sessions);
            Assert.Equal(visits.Take(earlier.Count), earlier);
            Assert.True(visits.Count > earlier.Count);
        }
    }

    [Fact]
    public void Demo_visits_are_ordered_and_consistent()
    {
        var creator = DemoCreators.All[0];
        var visits = new DemoTraffic(creator, Now).Visits().ToList();

        Assert.True(visits.Zip(visits.Skip(1)).All(pair => pair.First.Session.StartedAt <= pair.Second.Session.StartedAt));
        Assert.True(visits[0].Session.StartedAt >= Now.AddDays(-DemoCreators.Days));
        Assert.True(visits[^1].Session.StartedAt <= Now);
        Assert.Equal(visits.Count, visits.Select(visit => visit.Session.Id).Distinct().Count());
        Assert.All(visits.Take(1_000), visit =>
        {
            Assert.Equal(visit.Session.PageViews, visit.PageViews.Count);
            Assert.All(visit.PageViews, view => Assert.Equal(visit.Session.Id, view.SessionId));
        });
    }

    [Fact]
    public void Demo_traffic_has_a_weekly_rhythm_and_a_spike()
    {
        var newsletter = Daily(DemoCreators.All.Single(creator => creator.Handle == "nora.notes"));
        var tiktok = Daily(DemoCreators.All.Single(creator => creator.Handle == "mia.moves"));

        Assert.True(Sum(newsletter, DayOfWeek.Tuesday) > 4 * Sum(newsletter, DayOfWeek.Sunday));
        var spike = tiktok[DateOnly.FromDateTime(Now.UtcDateTime).AddDays(-46)];
        Assert.True(spike > 4 * tiktok[DateOnly.FromDateTime(Now.UtcDateTime).AddDays(-48)]);

        static Dictionary<DateOnly, int> Daily(DemoCreator creator) => new DemoTraffic(creator, Now).Visits()
            .CountBy(visit => DateOnly.FromDateTime(visit.Session.StartedAt.UtcDateTime)).ToDictionary();

        static int Sum(Dictionary<DateOnly, int> daily, DayOfWeek day) =>
            daily.Where(entry => entry.Key.DayOfWeek == day).Sum(entry => entry.Value);
    }

    [Fact]
    public void Demo_visits_come_as_those_of_real_pages_do()
    {
        var channels = new HashSet<string>();
        foreach (var creator in DemoCreators.All)
        {
            var visits = new DemoTraffic(creator, Now).Visits().Select(visit => visit.Session)
                .Where(session => session.StartedAt >= Now.AddDays(-30)).Select(session => (Session: session, Source: SourceOf(creator, session)))
                .ToList();
            var rungs = visits.CountBy(visit => visit.Source.Rung).ToDictionary();

            Assert.Equal(Rung.All.Order(), rungs.Keys.Order());
            Assert.All(rungs.Values, count => Assert.True(count > visits.Count / 200));
            Assert.InRange(rungs[Rung.None], visits.Count * 0.15, visits.Count * 0.25);
            channels.UnionWith(visits.Select(visit => visit.Source.Channel));
            foreach (var network in (string[])["Instagram", "TikTok"])
            {
                var without = visits.Where(visit => visit.Source.Source == network).ToLookup(visit => visit.Session.Referrer is null);
                Assert.True(without[true].Count() >= without[false].Count());
            }

            // An app is a known source, is used on phones, and is the browser.
            Assert.All(visits.Where(visit => visit.Session.InAppBrowser is not null), visit =>
            {
                Assert.Equal(Rung.App, AttributionLadder.Of(new SessionFacts { App = visit.Session.InAppBrowser }).Rung);
                Assert.Equal(visit.Session.InAppBrowser, visit.Session.Browser);
                Assert.NotEqual("desktop", visit.Session.Device);
            });
            Assert.All(
                visits.Where(visit => visit.Session.RequestedWith is not null), visit => Assert.Equal("Android", visit.Session.Os));
        }

        Assert.InRange(channels.Count, 10, Channel.All.Count);

        static SessionSource SourceOf(DemoCreator creator, SessionRow session) => AttributionLadder.Of(new SessionFacts
        {
            PlacementSource = session.Placement is null
                ? null
                : creator.Placements.Single(place => creator.PlacementId(place.Slug).ToString("D") == session.Placement).Source,
            Attribution = session.Attribution,
            ReferrerDomain = session.ReferrerDomain,
            App = session.InAppBrowser,
            RequestedWith = session.RequestedWith,
        });
    }

    [Theory, Engines]
    public async Task An_interrupted_demo_is_recreated_even_on_another_day(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var demo = new DemoData(app.Main, app.Analytics, app.Clock);
        using var interruption = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => demo.MakeAsync(stored => Interrupt(stored >= 160_000), interruption.Token));
        Assert.False(await demo.IsCompleteAsync(TestContext.Current.CancellationToken));
        app.Clock.Advance(TimeSpan.FromDays(1));
        await demo.MakeAsync(_ => { }, TestContext.Current.CancellationToken);

        Assert.True(await demo.IsCompleteAsync(TestContext.Current.CancellationToken));
        foreach (var creator in DemoCreators.All)
        {
            var expected = new DemoTraffic(creator, app.Clock.GetUtcNow()).Visits().Count();
            Assert.Equal(expected, (await app.SessionColumnAsync(creator.BioPageId, "id")).Count);
        }

        void Interrupt(bool now)
        {
            if (now)
            {
                interruption.Cancel();
            }
        }
    }

    [Fact]
    public async Task Demo_prints_dashboards_and_restarts_without_recreating_data()
    {
        using var cli = new Cli();
        var (first, _) = await cli.ServeAsync("demo");
        first.Kill(); // the first time it had to be created
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);

        var again = cli.Start("demo", "--Urls", "http://127.0.0.1:0");
        var lines = new List<string>();
        var address = "";
        while (await again.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("Bioscope listens on ", StringComparison.Ordinal))
            {
                address = line["Bioscope listens on ".Length..];
                break;
            }
        }

        Assert.Equal(
            3,
            lines.Count(
                line => line.StartsWith("curl 'http://", StringComparison.Ordinal)
                    && line.Contains("Authorization: Bearer ey", StringComparison.Ordinal)));
        var logins = lines.Select(line => LoginLine().Match(line)).Where(match => match.Success).ToList();
        Assert.Equal(["mia.moves", "leo.builds", "nora.notes"], logins.Select(match => match.Groups[1].Value));
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        foreach (var login in logins)
        {
            using var response = await http.PostAsJsonAsync(
                "/api/v1/auth/login", new { email = login.Groups[1].Value + "@demo.example", password = login.Groups[2].Value },
                TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.DoesNotContain(lines, line => line.StartsWith("Making", StringComparison.Ordinal));
    }

    [GeneratedRegex("^e-mail (.+)@demo.example, password ([0-9a-f]{16})$")]
    private static partial Regex LoginLine();
}
