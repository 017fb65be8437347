using System.Diagnostics;
using Bioscope.Engine.Creators;
using Bioscope.Server.Dashboard;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>A visit that one instance stores is seen by the viewers at another.</summary>
public sealed class LiveInstancesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_visit_at_one_instance_is_shown_at_another()
    {
        await using var cluster = await Cluster.StartAsync(2, ("Throttle:Enabled", "false"));
        await using var viewer = await Viewer.OpenAsync(cluster.Apps[1]);
        await ListeningAsync(cluster);
        viewer.Feed.Longest = TimeSpan.FromHours(1);
        await VisitAsync(1); // it may have been polled for

        var times = new List<double>();
        for (var i = 2; i <= 12; i++)
        {
            await Task.Delay(Random.Shared.Next(1_000), Cancelled);
            var started = Stopwatch.StartNew();
            await VisitAsync(i);
            times.Add(started.Elapsed.TotalMilliseconds);
        }

        TestContext.Current.SendDiagnosticMessage($"Shown after {string.Join(", ", times.Order().Select(time => $"{time:0}"))} ms");

        // A connection that breaks is opened again.
        await cluster.Apps[0].Analytics.ExecuteAsync(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%LISTEN%' AND pid <> pg_backend_pid()", Cancelled);
        await VisitAsync(13);
        await ListeningAsync(cluster);
        // A notice of somebody else does no harm.
        foreach (var text in (string[])["", "*", "garbage", new string('A', 7_000), "01234567_not_base64_at_all!", "01234567*"])
        {
            await cluster.Apps[0].Analytics.NotifyAsync("bioscope_live", text, Cancelled);
        }

        await VisitAsync(14);

        async Task VisitAsync(int count)
        {
            Assert.NotNull(await cluster.Apps[0].PostSessionAsync(viewer.Creator, ("referrer", "https://l.instagram.com/")));
            await viewer.SeesAsync(count);
        }
    }

    [Fact]
    public async Task Many_visits_at_once_are_told_together()
    {
        await using var cluster = await Cluster.StartAsync(2, ("Throttle:Enabled", "false"));
        await using var viewer = await Viewer.OpenAsync(cluster.Apps[1]);
        await ListeningAsync(cluster);
        viewer.Feed.Longest = TimeSpan.FromHours(1);
        var started = Stopwatch.StartNew();

        for (var i = 0; i < 20; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => cluster.Apps[0].PostSessionAsync(viewer.Creator)));
        }

        await viewer.SeesAsync(400);
        var notices = int.Parse(
            await cluster.Apps[0].MetricAsync("""bioscope_db_duration_seconds_count{database="analytics",statement="notify"}""") ?? "0",
            System.Globalization.CultureInfo.InvariantCulture);
        // One in 400 ms by a timer that counts ticks of up to 10 ms, and so may be that much early.
        Assert.InRange(notices, 1, (started.ElapsedMilliseconds / 390) + 1);
    }

    [Fact]
    public async Task Through_a_pooler_visits_are_polled_for()
    {
        PgBouncer.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        await using var pooler = await PgBouncer.StartAsync(databases.Settings["ConnectionStrings:Main"]!, "pool_mode = transaction");
        await using var cluster = await Cluster.StartAsync(
            2,
            ("Throttle:Enabled", "false"),
            ("ConnectionStrings:Main", pooler.Through(databases.Settings["ConnectionStrings:Main"]!)),
            ("ConnectionStrings:Analytics", pooler.Through(databases.Settings["ConnectionStrings:Analytics"]!)));
        await using var viewer = await Viewer.OpenAsync(cluster.Apps[1]);
        viewer.Feed.Longest = TimeSpan.FromMilliseconds(100);

        Assert.NotNull(await cluster.Apps[0].PostSessionAsync(viewer.Creator));

        await viewer.SeesAsync(1);
        Assert.All(cluster.Apps, app => Assert.False(app.Analytics.CanListen || app.Services.GetRequiredService<LiveNotices>().IsListening));
    }

    private static Task ListeningAsync(Cluster cluster) =>
        Patience.UntilAsync(() => cluster.Apps.TrueForAll(app => app.Services.GetRequiredService<LiveNotices>().IsListening));

    /// <summary>A creator who looks at the live visits at one instance.</summary>
    private sealed class Viewer : IAsyncDisposable
    {
        private readonly DashboardVisit _visit;
        private readonly HttpResponseMessage _live;
        private readonly StreamReader _events;
        private string _shown = "";

        private Viewer(DashboardVisit visit, Creator creator, LiveFeed feed, HttpResponseMessage live, StreamReader events) =>
            (_visit, Creator, Feed, _live, _events) = (visit, creator, feed, live, events);

        public Creator Creator { get; }

        public LiveFeed Feed { get; }

        public static async Task<Viewer> OpenAsync(TestApp app)
        {
            var (visit, creator) = await DashboardVisit.StartAsync(app);
            var live = await visit.Http.GetAsync("/dashboard/live", HttpCompletionOption.ResponseHeadersRead, Cancelled);
            var events = new StreamReader(await live.Content.ReadAsStreamAsync(Cancelled));
            return new Viewer(visit, creator, app.Services.GetRequiredService<LiveFeed>(), live, events);
        }

        /// <summary>Waits until so many visits are shown.</summary>
        public async Task SeesAsync(int count)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
            patience.CancelAfter(Patience.Limit);
            while (!_shown.Contains($">{count}</b> visit", StringComparison.Ordinal))
            {
                var line = await _events.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException("The connection ended.");
                _shown = line.StartsWith("data: ", StringComparison.Ordinal) ? line : _shown;
            }
        }

        public ValueTask DisposeAsync()
        {
            _events.Dispose();
            _live.Dispose();
            _visit.Dispose();
            return default;
        }
    }
}
