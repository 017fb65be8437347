using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Claims;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>Several instances on one database share each caller's limit; without the database each counts by itself.</summary>
public sealed class SharedLimitTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, InlineData(1), InlineData(100)]
    public async Task Of_100_logins_over_four_instances_20_pass(int atOnce)
    {
        await using var cluster = await Cluster.StartAsync(4);
        await cluster.Apps[0].AddCreatorAsync("anna@example.com", "correct horse");
        await StartOfWindowAsync(cluster, new ThrottlePolicy("login", 20, TimeSpan.FromHours(1)));

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 100; i += atOnce)
        {
            statuses.AddRange(await Task.WhenAll(Enumerable.Range(i, atOnce).Select(async at =>
            {
                using var answer = await cluster.Apps[at % 4].LoginAsync("anna@example.com", "wrong");
                Assert.Equal(answer.StatusCode == HttpStatusCode.TooManyRequests, answer.Headers.Contains("Retry-After"));
                return answer.StatusCode;
            })));
        }

        var passed = statuses.Count(status => status == HttpStatusCode.Unauthorized);
        Assert.Equal(80, statuses.Count(status => status == HttpStatusCode.TooManyRequests) + passed - 20);
        Assert.Equal(20, passed);
    }

    [Theory]
    [InlineData("an address")]
    [InlineData("an IPv6 link")]
    [InlineData("an IPv6 site")]
    [InlineData("a user")]
    [InlineData("an address and a visitor")]
    public async Task Every_kind_of_caller_has_one_limit_on_all_instances(string kind)
    {
        var limit = kind == "an IPv6 site" ? 4 : 20;
        var policy = new ThrottlePolicy("of " + kind, limit, TimeSpan.FromHours(1));
        await using var cluster = await Cluster.StartAsync(4);
        await StartOfWindowAsync(cluster, policy);

        var passed = 0;
        for (var i = 0; i < 200; i++)
        {
            passed += await TakeAsync(cluster.Apps[i % 4], i) is null ? 1 : 0;
        }

        Assert.Equal(kind == "an IPv6 site" ? 64 : 20, passed);
        // Another caller has a limit of its own.
        Assert.Null(await ThrottleOf(cluster.Apps[0]).TakeAsync(From("198.51.100.99"), policy));

        ValueTask<ApiError?> TakeAsync(TestApp app, int i) => kind switch
        {
            "a user" => ThrottleOf(app).TakeAsync(From($"203.0.113.{i}", "anna"), policy),
            "an address and a visitor" => ThrottleOf(app).TakeByAddressAndAsync(From("203.0.113.1"), policy, "anna"),
            "an IPv6 link" => ThrottleOf(app).TakeAsync(From($"2001:db8::{i + 1:x}"), policy),
            "an IPv6 site" => ThrottleOf(app).TakeAsync(From(string.Create(CultureInfo.InvariantCulture, $"2001:db8:1:{i * 0x123:x}::1")), policy),
            _ => ThrottleOf(app).TakeAsync(From("203.0.113.1"), policy),
        };
    }

    [Fact]
    public async Task Below_half_of_the_limit_no_statement_is_run()
    {
        var policy = new ThrottlePolicy("rare", 20, TimeSpan.FromHours(1));
        await using var cluster = await Cluster.StartAsync(4);
        await StartOfWindowAsync(cluster, policy);

        for (var caller = 0; caller < 5_000; caller++)
        {
            foreach (var app in cluster.Apps)
            {
                Assert.Null(await ThrottleOf(app).TakeAsync(From($"10.0.{caller / 250}.{caller % 250}"), policy));
                Assert.Null(await ThrottleOf(app).TakeAsync(From($"10.0.{caller / 250}.{caller % 250}"), policy));
            }
        }

        Assert.Equal(0, await StatementsAsync(cluster.Apps));
    }

    [Fact]
    public async Task A_flood_of_callers_shares_statements()
    {
        const int Callers = 3_000;
        var policy = new ThrottlePolicy("flooded", 8, TimeSpan.FromHours(1));
        await using var cluster = await Cluster.StartAsync(4);
        await StartOfWindowAsync(cluster, policy);

        Task<ApiError?[]> asked;
        await using (var connection = await cluster.Apps[0].Main.OpenAsync(Cancelled))
        await using (var transaction = await connection.BeginTransactionAsync(Cancelled))
        {
            // All are there before the first statement is answered, however slow the machine is.
            await cluster.Apps[0].Main.Dialect.ExecuteAsync(transaction, """LOCK TABLE "SharedBudget" IN ACCESS EXCLUSIVE MODE""", Cancelled);
            asked = Task.WhenAll(Enumerable.Range(0, Callers * 8).Select(
                i => ThrottleOf(cluster.Apps[i % 4]).TakeAsync(From($"10.0.{i / 8 / 250}.{i / 8 % 250}"), policy).AsTask()));
        }

        var refused = await asked;
        var statements = await StatementsAsync(cluster.Apps);
        TestContext.Current.SendDiagnosticMessage($"{refused.Length} requests of {Callers} callers took {statements} statements");
        // At each instance every second request of a caller asks, 256 of them at once; the first statement goes without waiting for others.
        Assert.InRange(statements, 4 * (Callers / 256), 4 * ((Callers / 256) + 2));
        Assert.DoesNotContain(refused, refusal => refusal is not null);
    }

    /// <summary>The worst case: every caller uses all of its limit, at one instance that believes to be one of four. Compare the requests per second.</summary>
    [Fact]
    public async Task Heavy_callers_cost_a_statement_for_several_requests()
    {
        const int Callers = 40, Rounds = 4, Workers = 8;
        PostgresCluster.SkipWhereMissing();
        await using var app = await TestApp.StartAsync(EngineKind.Postgres);
        var tokens = new List<string>();
        for (var i = 0; i < Callers; i++)
        {
            tokens.Add(app.Token(await app.AddCreatorAsync()));
        }

        var (count, perSecond) = (app.Services.GetRequiredService<InstanceCount>(), new Dictionary<int, List<double>> { [1] = [], [4] = [] });
        await RunAsync(); // warms up
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var instances in (int[])[1, 4])
            {
                app.Clock.Advance(TimeSpan.FromMinutes(2));
                await app.Main.ExecuteAsync("""DELETE FROM "SharedBudget" """, Cancelled);
                await BelieveAsync(instances);
                perSecond[instances].Add(Callers * 60 / (await RunAsync()).TotalSeconds);
            }
        }

        var statements = await StatementsAsync([app]);
        TestContext.Current.SendDiagnosticMessage(
            $"Requests per second alone {string.Join(", ", perSecond[1].Select(rate => $"{rate:0}"))}, shared {string.Join(", ", perSecond[4].Select(rate => $"{rate:0}"))}; " +
            $"{(double)statements / (Callers * 60 * Rounds):0.000} statements per request");
        Assert.InRange(statements, 1, Callers * 60 * Rounds / 5);

        // Others that say once that they run, and then nothing for years.
        async Task BelieveAsync(int instances)
        {
            await app.Main.ExecuteAsync("""DELETE FROM "Instance" WHERE "name" = 'other'""", Cancelled);
            for (var i = 1; i < instances; i++)
            {
                await app.Main.ExecuteAsync(
                    """
                    INSERT INTO "Instance" ("id", "name", "startedAt", "seenAt", "secrets", "connections") VALUES (@id, 'other', @now, @seen, '', 21)
                    """,
                    Cancelled, ("@id", Guid.NewGuid()), ("@now", app.Clock.GetUtcNow()), ("@seen", app.Clock.GetUtcNow().AddYears(1)));
            }

            await Patience.UntilAsync(() =>
            {
                app.Clock.Advance(TimeSpan.FromSeconds(30));
                return count.Value == instances;
            });
        }

        async Task<TimeSpan> RunAsync()
        {
            var (started, next) = (Stopwatch.GetTimestamp(), -1);
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
            {
                while (Interlocked.Increment(ref next) is var i && i < Callers * 60)
                {
                    using var answer = await app.GetAsync("/api/v1/creators/analytics/traffic", tokens[i % Callers]);
                    Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
                }
            }));
            return Stopwatch.GetElapsedTime(started);
        }
    }

    [Fact]
    public async Task Visits_of_an_address_to_a_page_have_one_limit_on_all_instances()
    {
        await using var cluster = await Cluster.StartAsync(4, ("Throttle:VisitsAddress", "8"));
        var (anna, ben) = (await cluster.Apps[0].AddCreatorAsync(), await cluster.Apps[0].AddCreatorAsync());
        await StartOfWindowAsync(cluster, new ThrottlePolicy("visit", 8, TimeSpan.FromMinutes(1)), TimeSpan.FromSeconds(40));

        var begun = 0;
        for (var i = 0; i < 40; i++)
        {
            begun += await cluster.Apps[i % 4].PostSessionAsync(anna) is null ? 0 : 1;
        }

        Assert.Equal(8, begun);
        Assert.NotNull(await cluster.Apps[3].PostSessionAsync(ben));
    }

    [Fact]
    public async Task An_IPv6_site_that_is_over_is_told_from_a_link()
    {
        var policy = new ThrottlePolicy("visits", 4, TimeSpan.FromHours(1));
        await using var cluster = await Cluster.StartAsync(4);
        await StartOfWindowAsync(cluster, policy);
        var page = Guid.NewGuid();

        Assert.Equal((4, 1), await TakeAsync(_ => "2001:db8:2::1"));
        Assert.Equal((16, 4), await TakeAsync(i => $"2001:db8:3:{i:x}::1"));
        Assert.Equal((64, 16), await TakeAsync(i => $"2001:db8:1:{i:x}00::1"));
        page = Guid.NewGuid();
        Assert.Equal((4, 1), await TakeAsync(_ => "2001:db8:2::1"));
        await using var alone = await TestApp.StartAsync(EngineKind.Sqlite);
        Assert.Null(await ThrottleOf(alone).FactorOverAsync(IPAddress.Loopback, page, policy));

        async Task<(int Within, int FactorOver)> TakeAsync(Func<int, string> address)
        {
            var factors = new List<int?>();
            for (var i = 0; i < 100; i++)
            {
                factors.Add(await ThrottleOf(cluster.Apps[i % 4]).FactorOverAsync(IPAddress.Parse(address(i)), page, policy));
            }

            return (factors.Count(factor => factor == 0), factors[^1]!.Value);
        }
    }

    [Fact]
    public async Task A_database_that_hangs_keeps_nobody_waiting_and_refuses_nobody()
    {
        var policy = new ThrottlePolicy("hanging", 20, TimeSpan.FromHours(1));
        await using var cluster = await Cluster.StartAsync(2);
        await StartOfWindowAsync(cluster, policy);
        foreach (var app in cluster.Apps)
        {
            (BudgetsOf(app).SweepEvery, BudgetsOf(app).MaxWait) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
        }

        await using (var connection = await cluster.Apps[0].Main.OpenAsync(Cancelled))
        await using (var transaction = await connection.BeginTransactionAsync(Cancelled))
        {
            await cluster.Apps[0].Main.Dialect.ExecuteAsync(transaction, """LOCK TABLE "SharedBudget" IN ACCESS EXCLUSIVE MODE""", Cancelled);
            var waited = Stopwatch.StartNew();
            Assert.Equal("20 20", string.Join(' ', await PassAsync("203.0.113.1")));
            // Only the first request of each instance waits, for a second; a busy machine adds to it.
            Assert.InRange(waited.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
            Assert.All(cluster.Apps, app => Assert.Equal(1, BudgetsOf(app).Instances));
        }

        cluster.Apps.ForEach(app => BudgetsOf(app).MaxWait = Patience.Limit);
        await Patience.UntilAsync(() => cluster.Apps.TrueForAll(app => BudgetsOf(app).Instances == 2));
        Assert.Equal(20, (await PassAsync("203.0.113.2")).Sum());
        // What PostgreSQL does with the table after a crash.
        await cluster.Apps[0].Main.ExecuteAsync("""TRUNCATE "SharedBudget" """, Cancelled);
        Assert.Equal("0 0", string.Join(' ', await PassAsync("203.0.113.2")));

        async Task<int[]> PassAsync(string address)
        {
            var passed = new int[2];
            for (var i = 0; i < 80; i++)
            {
                passed[i % 2] += await ThrottleOf(cluster.Apps[i % 2]).TakeAsync(From(address), policy) is null ? 1 : 0;
            }

            return passed;
        }
    }

    [Fact]
    public async Task Expired_and_small_budgets_are_removed()
    {
        PostgresCluster.SkipWhereMissing();
        await using var app = await TestApp.StartAsync(EngineKind.Postgres);
        await app.Main.ExecuteAsync(
            """
            INSERT INTO "SharedBudget" SELECT gen_random_uuid(), 1 + n % 5, now() AT TIME ZONE 'UTC' + (n % 2 * 2 - 1) * INTERVAL '1 hour' FROM generate_series(1, 1000) AS n
            """, Cancelled);
        Assert.Equal(500, (await SharedBudgetTable.SweepAsync(app.Main, Cancelled)).Rows);

        await app.Main.ExecuteAsync(
            $"""
            INSERT INTO "SharedBudget" SELECT gen_random_uuid(), 2 + (n % 1000), now() AT TIME ZONE 'UTC' + INTERVAL '1 hour' FROM generate_series(1, {SharedBudgetTable.MaxRows}) AS n
            """, Cancelled);
        Assert.Equal(SharedBudgetTable.MaxRows / 2, (await SharedBudgetTable.SweepAsync(app.Main, Cancelled)).Rows);
        Assert.True((await app.Main.QueryAsync("""SELECT MIN("taken") FROM "SharedBudget" """, row => row.GetInt64(0), Cancelled)).Single() >= 500);
    }

    [Fact]
    public async Task Limits_are_shared_through_a_pooler()
    {
        PgBouncer.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        await using var pooler = await PgBouncer.StartAsync(databases.Settings["ConnectionStrings:Main"]!, "pool_mode = transaction");
        await using var cluster = await Cluster.StartAsync(
            2,
            ("ConnectionStrings:Main", pooler.Through(databases.Settings["ConnectionStrings:Main"]!)),
            ("ConnectionStrings:Analytics", pooler.Through(databases.Settings["ConnectionStrings:Analytics"]!)));
        var policy = new ThrottlePolicy("pooled", 20, TimeSpan.FromHours(1));
        await StartOfWindowAsync(cluster, policy);

        var refused = await Task.WhenAll(Enumerable.Range(0, 100).Select(
            i => ThrottleOf(cluster.Apps[i % 2]).TakeAsync(From("203.0.113.1"), policy).AsTask()));

        Assert.InRange(refused.Count(refusal => refusal is null), 20, 20 + BudgetShares.MaxOver(20, 2));
    }

    [Fact]
    public async Task On_SQLite_nothing_is_shared()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var first = await TestApp.StartAsync(databases);
        await using var second = await TestApp.StartAsync(databases);

        Assert.Equal((1, 1), (BudgetsOf(first).Instances, BudgetsOf(second).Instances));
    }

    private static Throttle ThrottleOf(TestApp app) => app.Services.GetRequiredService<Throttle>();

    private static SharedBudgets BudgetsOf(TestApp app) => app.Services.GetRequiredService<SharedBudgets>();

    private static async Task<long> StatementsAsync(IEnumerable<TestApp> apps)
    {
        var counts = await Task.WhenAll(apps.Select(
            app => app.MetricAsync("""bioscope_db_duration_seconds_count{database="main",statement="lease budgets"}""")));
        return counts.Sum(count => long.Parse(count ?? "0", CultureInfo.InvariantCulture));
    }

    /// <summary>Windows begin in real time: a test must not run across the end of one.</summary>
    private static Task StartOfWindowAsync(Cluster cluster, ThrottlePolicy policy, TimeSpan? left = null)
    {
        var windows = new RouteWindows(policy, BudgetsOf(cluster.Apps[0]), TimeProvider.System);
        return Patience.UntilAsync(() => windows.Take(new ThrottledCaller(null, 1), instances: 2).Left > (left ?? TimeSpan.FromSeconds(60)));
    }

    private static DefaultHttpContext From(string address, string? subject = null)
    {
        var http = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
        if (subject is not null)
        {
            http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", subject)], "test"));
        }

        return http;
    }
}
