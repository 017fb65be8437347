using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Bioscope.Server.Tests;

/// <summary>What is not sealed of a page is read once for several questions, which callers may notice only by the time it takes. Citus does so by itself.</summary>
public sealed class PageTailsTests
{
    private static readonly string[] Reports = ["overview", "trend", "traffic", "geo", "devices", "links", "sessions"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, Engines(With = ["visitor-", "visitor "])] // with a space, visitors cannot be told apart in what is read
    public async Task Reports_asked_together_equal_the_recount(EngineKind engine, string visitor)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        app.Services.GetRequiredService<RollupReader>().SharesTails = true;
        var (creator, links) = (await app.AddCreatorAsync(), new List<BioLinkRow>());
        for (var i = 0; i < 2; i++)
        {
            links.Add(await app.AddLinkAsync(creator, "Unknown", "")); // because the recount names every link so
        }

        var random = new Random(17);
        await AddAsync(fromHours: 30, untilHours: 2, count: 60);
        await AssertAsync(); // nothing is sealed
        await SealAsync(hours: 20);
        await AssertAsync();
        await AssertAsync(); // what is sealed is in memory
        await AddAsync(fromHours: 20, untilHours: 0, count: 40);
        await AssertAsync();
        await SealAsync(hours: 3); // the watermark is another one than that in memory
        await AssertAsync();
        await AssertAsync();

        async Task AddAsync(int fromHours, int untilHours, int count)
        {
            var times = Enumerable.Range(0, count).Select(_ => app.Clock.GetUtcNow().AddHours(-untilHours - (random.NextDouble() * (fromHours - untilHours)))).ToList();
            await app.Analytics.InsertAsync(SessionRow.Table, times.ConvertAll(time => new SessionRow
            {
                BioPageId = creator.BioPageId,
                Id = Guid.NewGuid(),
                VisitorId = $"{visitor}{random.Next(20)}",
                StartedAt = time,
                ReferrerDomain = OneOf(null, "", "a.example", "b.example"),
                Country = OneOf(null, "Germany", "Austria", "Unknown"),
                Device = OneOf(null, "mobile", "desktop", "unknown"),
                PageViews = random.Next(3),
                Duration = random.Next(90),
            }), Cancellation);
            await app.Analytics.InsertAsync(PageViewRow.Table, times.ConvertAll(time => new PageViewRow
            {
                BioPageId = creator.BioPageId,
                Id = Guid.NewGuid(),
                SessionId = Guid.NewGuid(),
                EnteredAt = time,
                LinkClicked = random.Next(3) is var link and < 2 ? links[link].Id : null,
            }), Cancellation);
        }

        string? OneOf(params string?[] values) => values[random.Next(values.Length)];

        async Task SealAsync(int hours)
        {
            var fence = Grain.Hour.Floor(app.Clock.GetUtcNow().AddHours(-hours));
            await Fence.MoveAsync(app.Analytics, fence, Cancellation);
            await new Sealer(app.Analytics).SealAsync(creator.BioPageId, fence, Cancellation, minRows: 0);
        }

        // Each is asked several times: what waits together has other needs each time.
        async Task AssertAsync()
        {
            var said = await Task.WhenAll(Enumerable.Range(0, 4).SelectMany(_ => Reports).OrderBy(_ => random.Next()).Select(
                async report => (report, await app.ReportAsync(creator, $"{report}?days=7"))));
            foreach (var (report, answer) in said)
            {
                Assert.Equal(JsonNode.Parse(await Recount.ReportAsync(app, creator, report, 7))!.ToJsonString(), JsonNode.Parse(answer)!.ToJsonString());
            }

            Assert.False(app.Services.GetRequiredService<DamagedPages>().TryTake(out _), "What is read seemed damaged, so the raw rows were read.");
        }
    }

    [Fact]
    public async Task Questions_that_wait_for_a_connection_are_answered_by_one_statement()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        await using var app = await TestApp.StartAsync(databases);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await app.AddSessionAsync(creator, device: "mobile");
        await using var analytics = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"] + ";Maximum Pool Size=1");
        var tails = new PageTails(analytics);
        await using var busy = await analytics.OpenAsync(Cancellation);

        var together = new[] { PlanOf("deviceClass"), PlanOf("countryName"), PlanOf(null) }.Select(plan => tails.ReadAsync(plan, creator.BioPageId, default, Cancellation)).ToList();
        var ofOther = tails.ReadAsync(PlanOf(null), other.BioPageId, default, Cancellation);
        using var gaveUp = new CancellationTokenSource();
        var cancelled = tails.ReadAsync(PlanOf(null), creator.BioPageId, default, gaveUp.Token);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await busy.CloseAsync();
        var read = await Task.WhenAll(together);
        var later = await tails.ReadAsync(PlanOf(null), creator.BioPageId, default, Cancellation);

        Assert.All(read, tail => Assert.Same(read[0], tail));
        Assert.NotSame(read[0], await ofOther);
        Assert.NotSame(read[0], later); // it was asked after the statement had begun
        var counted = new RawTail(PlanOf("deviceClass"));
        Assert.True(read[0].AddTo(counted, PlanOf("deviceClass")));
        Assert.Equal(1, counted.Counts.Columns[0]["mobile"]);
    }

    private static RollupPlan PlanOf(string? dimension) => RollupPlan.Of(new CountQuery(
        Guid.Empty, new InstantRange(0, QueryRange.Latest), DateTimeZone.Utc,
        dimension switch { null => [], "deviceClass" => [Dimension.DeviceClass], _ => [Dimension.CountryName] }, [],
        dimension is null ? [Metric.Visitors] : [Metric.Visits]))!;
}
