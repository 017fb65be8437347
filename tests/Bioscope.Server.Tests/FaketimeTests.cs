using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Tests;

/// <summary>Real processes with a wrong clock, by Debian's faketime.</summary>
public sealed class FaketimeTests
{
    private static readonly Guid Page = Guid.NewGuid();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, Engines(With = ["+30d", "+400d", "-30d", "-400d"])]
    public async Task A_temporarily_wrong_clock_has_no_lasting_effect(EngineKind engine, string offset)
    {
        SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var analytics = await SealedAsync(databases, cli);

        await using (var wrong = await LoggedServer.StartAsync(cli, offset))
        {
            await wrong.UntilSealedAsync(); // without traffic
            Assert.True(await Fence.ReadAsync(analytics, Cancellation) <= Now().AddHours(1), "The fence is in the future.");
            for (var visit = 0; visit < 3; visit++)
            {
                await VisitAsync(wrong.Http, OffsetOf(offset));
            }
        }

        var stampedWrong = await TimesAsync(analytics);
        await using (var right = await LoggedServer.StartAsync(cli, null))
        {
            await VisitAsync(right.Http, TimeSpan.Zero); // at once
            Assert.InRange((await TimesAsync(analytics)).Except(stampedWrong).Single(), Now().AddMinutes(-2), Now());
            await right.UntilSealedAsync();
            Assert.InRange(right.Lines.Count(line => line.Contains("The clock was ahead", StringComparison.Ordinal)), 0, 1);
            await cli.SucceedAsync(["verify"]);
            await MendAsync(cli, offset, isNeeded: stampedWrong.Exists(at => at > Now().AddDays(1)));
        }

        var newest = (await TimesAsync(analytics))[^4..];
        Assert.All(newest, at => Assert.InRange(at, Now().AddHours(-4), Now())); // including those stored with the wrong clock
        await cli.SucceedAsync(["verify"]);
    }

    [Theory, Engines]
    public async Task A_future_fence_is_moved_back_before_the_first_visit(EngineKind engine)
    {
        SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var analytics = await SealedAsync(databases, cli);
        await Fence.MoveAsync(analytics, Now().AddDays(30), Cancellation);
        await new Sealer(analytics).SealAsync(Page, (await Fence.ReadAsync(analytics, Cancellation))!.Value, Cancellation, minRows: 0);
        var (ill, output, _) = await cli.RunAsync(["doctor"]);

        await using (var server = await LoggedServer.StartAsync(cli, null))
        {
            await VisitAsync(server.Http, TimeSpan.Zero);
            await server.UntilSealedAsync();
            await server.SaysOnceAsync("The clock was ahead");
        }

        Assert.Equal(1, ill);
        Assert.Contains("which is in the future: the clock was ahead", output, StringComparison.Ordinal);
        Assert.InRange((await TimesAsync(analytics))[^1], Now().AddMinutes(-2), Now());
        await cli.SucceedAsync(["verify"]);
        await cli.SucceedAsync(["doctor"]);
    }

    [Theory, Engines]
    public async Task A_rebuild_moves_a_future_fence_back(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var analytics = await SealedAsync(databases, cli);
        await Fence.MoveAsync(analytics, Now().AddDays(400), Cancellation);

        var (exitCode, output, error) = await cli.RunAsync(["rebuild"]);

        Assert.Equal(0, exitCode);
        Assert.StartsWith("1 page, 100 rows sealed", output, StringComparison.Ordinal);
        Assert.StartsWith("The fence was in the future", error, StringComparison.Ordinal);
        Assert.True(await Fence.ReadAsync(analytics, Cancellation) <= Now());
        await cli.SucceedAsync(["verify"]);
    }

    [Fact]
    public async Task An_instance_with_a_wrong_clock_uses_the_database_time()
    {
        SkipWhereMissing();
        PostgresCluster.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        using var cli = Cli.For(databases);
        await using var analytics = await SealedAsync(databases, cli);
        await using (var right = await LoggedServer.StartAsync(cli, null))
        await using (var ahead = await LoggedServer.StartAsync(cli, "+30d"))
        {
            for (var visit = 0; visit < 5; visit++)
            {
                await VisitAsync(ahead.Http, TimeSpan.FromDays(30));
                await VisitAsync(right.Http, TimeSpan.Zero);
            }

            Assert.All((await TimesAsync(analytics))[^10..], at => Assert.InRange(at, Now().AddMinutes(-2), Now()));
            await ahead.SaysOnceAsync("Visits are stamped by the database server's");
            Assert.DoesNotContain(right.Lines, line => line.Contains("clock", StringComparison.Ordinal));
        }

        await cli.SucceedAsync(["verify"]);
        await cli.SucceedAsync(["doctor"]);
    }

    private static async Task MendAsync(Cli cli, string offset, bool isNeeded)
    {
        var (exitCode, output, _) = await cli.RunAsync(["doctor"]);
        Assert.Equal(isNeeded ? 1 : 0, exitCode);
        if (!isNeeded)
        {
            return;
        }

        Assert.Contains($"page {Page}: 3 sessions and 0 page views have future times, the newest", output, StringComparison.Ordinal);
        Assert.Contains("bioscope repair --shift", output, StringComparison.Ordinal);
        var mended = await cli.RunAsync(["repair", "--shift", offset[1..], "--yes"]);
        Assert.Equal(0, mended.ExitCode);
        Assert.Contains("3 rows shifted.", mended.Output, StringComparison.Ordinal);
        await cli.SucceedAsync(["doctor"]);
    }

    private static void SkipWhereMissing() =>
        Assert.SkipUnless(Cli.Faketime is not null || EnginesAttribute.IsContinuousIntegration, "faketime is not installed");

    private static DateTimeOffset Now() => TimeProvider.System.GetUtcNow();

    private static TimeSpan OffsetOf(string offset) =>
        TimeSpan.FromDays(int.Parse(offset.TrimEnd('d'), System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Databases with a page whose hours were sealed by a server with a correct clock.</summary>
    private static async Task<AnalyticsDatabase> SealedAsync(TestDatabases databases, Cli cli)
    {
        cli.Environment["Throttle__Enabled"] = "false";
        cli.Environment["Logging__LogLevel__Default"] = "Warning";
        await cli.SucceedAsync(["migrate"]);
        var analytics = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        await analytics.InsertAsync(SessionRow.Table, [.. Enumerable.Range(0, 100).Select(i => new SessionRow
        {
            BioPageId = Page, Id = Guid.NewGuid(), VisitorId = $"visitor {i}",
            StartedAt = i < 40 ? Now().AddHours(-3 - (i / 10)) : Now().AddDays(39 - i),
        })], Cancellation);
        await using var server = await LoggedServer.StartAsync(cli, null);
        await server.UntilSealedAsync();
        return analytics;
    }

    private static async Task VisitAsync(HttpClient http, TimeSpan offset)
    {
        using var response = await http.PostAsJsonAsync(
            "/api/v1/analytics/session",
            new
            {
                visitorId = Guid.NewGuid(),
                consentAnalytics = "granted",
                bioPageId = Page,
                trackingToken = TrackingToken.Create(Encoding.UTF8.GetBytes(TestApp.HmacSecret), Page, Now() + offset),
            },
            Cancellation);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(JsonValueKind.String, answer.GetProperty("data").GetProperty("id").ValueKind);
    }

    private static Task<List<DateTimeOffset>> TimesAsync(AnalyticsDatabase analytics) => analytics.QueryAsync(
        """SELECT "startedAt" FROM "AnalyticsSession" WHERE "bioPageId" = @page ORDER BY "startedAt" """,
        row => analytics.Dialect.ReadInstant(row, 0), Cancellation, ("@page", Page));

    /// <summary>A server in a separate process, with its output.</summary>
    private sealed class LoggedServer : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly bool _isWrong;
        private readonly ConcurrentQueue<string> _lines = new();
        private readonly TaskCompletionSource<string> _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private LoggedServer(Process process, bool isWrong)
        {
            (_process, _isWrong) = (process, isWrong);
            process.OutputDataReceived += (_, line) => Take(line.Data);
            process.ErrorDataReceived += (_, line) => Take(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public HttpClient Http { get; } = new();

        /// <summary>The log.</summary>
        public IEnumerable<string> Lines => _lines;

        public static async Task<LoggedServer> StartAsync(Cli cli, string? offset)
        {
            var server = new LoggedServer(cli.StartAt(offset, "serve", "--Urls", "http://127.0.0.1:0"), offset is not null);
            server.Http.BaseAddress = new Uri(await server._listens.Task.WaitAsync(Patience.Limit, Cancellation));
            server.Http.DefaultRequestHeaders.UserAgent.ParseAdd(TestApp.Phone);
            return server;
        }

        /// <summary>Waits until it has checked the fence.</summary>
        public Task UntilSealedAsync() => Patience.UntilAsync(async () =>
            (await Http.GetStringAsync("/metrics", Cancellation)).Split('\n').Any(line =>
                line.StartsWith("bioscope_rollups_fence_seconds ", StringComparison.Ordinal)
                    && !line.EndsWith(" 0", StringComparison.Ordinal)));

        /// <summary>Asserts that one line of the log has a text; it may be on its way.</summary>
        public async Task SaysOnceAsync(string text)
        {
            await Patience.UntilAsync(() => _lines.Any(line => line.Contains(text, StringComparison.Ordinal)), text);
            Assert.Single(_lines, line => line.Contains(text, StringComparison.Ordinal));
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await Cli.TerminateAsync(_process);
            await _process.WaitForExitAsync(Cancellation);
            // faketime shortens waiting times
            Assert.True(_process.ExitCode == 0 || _isWrong, $"The server ended with {_process.ExitCode}.");
        }

        private void Take(string? line)
        {
            const string Listens = "Bioscope listens on ";
            if (line?.StartsWith(Listens, StringComparison.Ordinal) == true)
            {
                _listens.TrySetResult(line[Listens.Length..]);
            }
            else if (line is null)
            {
                _listens.TrySetException(new InvalidOperationException($"The server did not start: {string.Join('\n', _lines)}"));
            }
            else
            {
                _lines.Enqueue(line);
            }
        }
    }
}
