using Bioscope.Engine.Checking;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;

namespace Bioscope.Server.Tests;

/// <summary><c>bioscope verify</c>: it names every kind of damage; <see cref="RollupModelTests"/> shows that valid rollups pass.</summary>
public sealed class VerifyTests
{
    private static readonly DateTimeOffset Later = TestApp.Start.AddDays(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // One page: 620 sessions and 310 page views in the hour from 2026-06-10T08:00Z, two sessions per visitor, and 70 sessions in May.
    [Theory, Engines(With = [
        """UPDATE "Rollup" SET "sources" = '{"a.example":69}' WHERE "grain" = 2 AND "devices" LIKE '%70%' => month 2026-05-01T00:00Z, sources, 'a.example': kept 69, counted 70""",
        """UPDATE "Rollup" SET "countries" = '{"Germany":619,"Austria":1}' WHERE "grain" = 0 => hour 2026-06-10T08:00Z, countries, 'Austria': kept 1, counted 0""",
        """UPDATE "Rollup" SET "views" = NULL WHERE "grain" = 1 => day 2026-06-10T00:00Z, views, '20614': kept 0, counted 310""",
        """UPDATE "Rollup" SET "outcomes" = NULL WHERE "grain" = 1 => day 2026-06-10T00:00Z, outcomes, 'bounces': kept 0, counted 620""",
        """UPDATE "Rollup" SET "returns" = NULL => month 2026-05-01T00:00Z, returns, '494264': kept 0, counted 70""",
        """UPDATE "Rollup" SET "returns" = '{"1":1}' WHERE "grain" = 0 => hour 2026-06-10T08:00Z, returns: only months have them""",
        """DELETE FROM "Rollup" WHERE "grain" = 0 => hour 2026-06-10T08:00Z is missing, there are 930 rows""",
        """DELETE FROM "Rollup" WHERE "grain" = 2 AND "devices" LIKE '%70%' => month 2026-05-01T00:00Z is missing, there are 70 rows""",
        """INSERT INTO "Rollup" ("bioPageId", "grain", "bucket", "devices") SELECT "bioPageId", 1, "bucket", "devices" FROM "Rollup" WHERE "grain" = 2 AND "devices" LIKE '%70%' => day 2026-05-01T00:00Z is kept, but there are too few rows for it""",
        """DELETE FROM "RollupVisitors" => visitors: 310 are missing""",
        """UPDATE "RollupPage" SET "visitors" = 311 => visitors: kept 311, counted 310""",
        """INSERT INTO "Rollup" ("bioPageId", "grain", "bucket") SELECT "bioPageId", 0, "sealedUntil" FROM "RollupPage" => hour 2026-07-14T12:00Z is kept, but the page is not sealed there""",
        """UPDATE "AnalyticsSession" SET "visitorId" = 'somebody else' WHERE "visitorId" = 'visitor 0' => visitors, shard """,
        """UPDATE "RollupPage" SET "shardBits" = 2 => visitors, shard """,
        """UPDATE "RollupPage" SET "sealedFrom" = "sealedUntil" => what is kept cannot be read: sealed from 2026-07-14T12:00:00Z to 2026-07-14T12:00:00Z, version 1, 310 visitors in 2^""",
        """UPDATE "RollupPage" SET "sealedFrom" = NULL => what is kept cannot be read: sealed from none to 2026-07-14T12:00:00Z""",
        """UPDATE "Rollup" SET "sources" = '{"a.example":' => what is kept cannot be read: """,
        """UPDATE "Rollup" SET "views" = '{"yesterday":1}' => what is kept cannot be read: The count of 'yesterday' is invalid.""",
        """DELETE FROM "AnalyticsPageView" => month 2026-06-01T00:00Z, views, '20614': kept 310, counted 0""",
        """UPDATE "AnalyticsSession" SET "pageViews" = 2 WHERE "visitorId" = 'visitor 0' => month 2026-05-01T00:00Z, outcomes, 'bounces': kept 70, counted 69""",
    ])]
    public async Task The_first_difference_is_named(EngineKind engine, string damageAndDifference)
    {
        var (damage, difference) = damageAndDifference.Split(" => ") is [var sql, var words] ? (sql, words) : throw new ArgumentException(
            damageAndDifference);
        await using var app = await TestApp.StartAsync(engine);
        var creator = await SealedPageAsync(app);
        Assert.Null(await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancellation));

        Assert.InRange(await app.Analytics.ExecuteAsync(damage, Cancellation), 1, int.MaxValue);

        Assert.StartsWith(
            difference,
            await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancellation),
            StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Verify_names_the_page_and_exits_with_1(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var app = await TestApp.StartAsync(databases);
        var creators = new[] { await SealedPageAsync(app), await SealedPageAsync(app) };

        var sound = await cli.RunAsync(["verify"]);
        await app.Analytics.ExecuteAsync(
            $"""DELETE FROM "Rollup" WHERE "bioPageId" = '{creators[1].BioPageId}' AND "grain" = 0""", Cancellation);
        var damaged = await cli.RunAsync(["verify"]);

        Assert.Equal(0, sound.ExitCode);
        Assert.StartsWith("2 pages, 2,000 rows recounted, ", sound.Output, StringComparison.Ordinal);
        Assert.EndsWith("All rollups and segments match the raw rows.\n", sound.Output, StringComparison.Ordinal);
        Assert.Empty(sound.Error);
        Assert.Equal(1, damaged.ExitCode);
        Assert.Equal($"page {creators[1].BioPageId}: hour 2026-06-10T08:00Z is missing, there are 930 rows\n", damaged.Error);
        Assert.EndsWith("1 page differs. To fix: bioscope rebuild --page <id>\n", damaged.Output, StringComparison.Ordinal);
        await cli.SucceedAsync(["verify", "--page", $"{creators[0].BioPageId}"]);
        Assert.Equal(1, (await cli.RunAsync(["verify", "--page", $"{creators[1].BioPageId}"])).ExitCode);
    }

    private static async Task<Creator> SealedPageAsync(TestApp app)
    {
        var creator = await app.AddCreatorAsync();
        var june = new DateTimeOffset(2026, 6, 10, 8, 30, 0, TimeSpan.Zero);
        var sessions = Enumerable.Range(0, 690).Select(i => new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            VisitorId = $"visitor {i % 310}",
            ReferrerDomain = "a.example",
            Country = "Germany",
            Device = "mobile",
            StartedAt = i < 620 ? june : june.AddDays(-20),
            PageViews = 1,
        }).ToList();
        await app.Analytics.InsertAsync(SessionRow.Table, sessions, Cancellation);
        await app.Analytics.InsertAsync(PageViewRow.Table, [.. sessions.Take(310).Select(session => new PageViewRow
        {
            BioPageId = creator.BioPageId, Id = Guid.NewGuid(), SessionId = session.Id, EnteredAt = june,
        })], Cancellation);
        Assert.Equal(1_000, await new Sealer(app.Analytics) { HoldsFence = false }.SealAsync(creator.BioPageId, Later, Cancellation));
        return creator;
    }
}
