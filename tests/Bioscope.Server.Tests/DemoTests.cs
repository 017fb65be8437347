using Bioscope.Server.Demo;

namespace Bioscope.Server.Tests;

public sealed class DemoTests
{
    private static readonly DateTimeOffset Now = TestApp.Start;

    [Fact]
    public void The_same_day_gives_the_same_traffic_and_the_hour_only_cuts_it()
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
    public void Visits_come_oldest_first_within_the_days_and_fit_together()
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
    public void Traffic_has_a_weekly_rhythm_and_a_viral_spike()
    {
        var newsletter = Daily(DemoCreators.All.Single(creator => creator.Handle == "nora.notes"));
        var tiktok = Daily(DemoCreators.All.Single(creator => creator.Handle == "mia.moves"));

        Assert.True(Sum(newsletter, DayOfWeek.Tuesday) > 4 * Sum(newsletter, DayOfWeek.Sunday));
        var spike = tiktok[DateOnly.FromDateTime(Now.UtcDateTime).AddDays(-46)];
        Assert.True(spike > 4 * tiktok[DateOnly.FromDateTime(Now.UtcDateTime).AddDays(-48)]);

        static Dictionary<DateOnly, int> Daily(DemoCreator creator) => new DemoTraffic(creator, Now).Visits()
            .CountBy(visit => DateOnly.FromDateTime(visit.Session.StartedAt.UtcDateTime)).ToDictionary();

        static int Sum(Dictionary<DateOnly, int> daily, DayOfWeek day) => daily.Where(entry => entry.Key.DayOfWeek == day).Sum(entry => entry.Value);
    }

    [Theory, Engines]
    public async Task The_demo_is_made_once_and_one_that_was_interrupted_is_made_again(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var analytics = new Storage.AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        await KillAfterAsync(30_000);

        var first = await cli.ServeAsync("demo");
        var made = await CountAsync();
        first.Process.Kill();
        await cli.ServeAsync("demo");

        Assert.InRange(made, DemoData.Sessions * 0.97, DemoData.Sessions);
        Assert.Equal(made, await CountAsync());

        async Task<long> CountAsync() => (await analytics.QueryAsync(
            """SELECT COUNT(*) FROM "AnalyticsSession" """, row => row.GetInt64(0), TestContext.Current.CancellationToken)).Single();

        async Task KillAfterAsync(int sessions)
        {
            var demo = cli.Start("demo");
            while (await CountOrNoneAsync() < sessions)
            {
                Assert.False(demo.HasExited);
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            demo.Kill();
            await demo.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        async Task<long> CountOrNoneAsync()
        {
            try
            {
                return await CountAsync();
            }
            catch (System.Data.Common.DbException)
            {
                return 0; // the table is not there yet
            }
        }
    }
}
