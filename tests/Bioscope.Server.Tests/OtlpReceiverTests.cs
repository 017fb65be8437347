using System.Diagnostics;
using System.Globalization;

namespace Bioscope.Server.Tests;

/// <summary>A receiver that is away, hangs or refuses does not harm the server, and an operator learns of it.</summary>
public sealed class OtlpReceiverTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_receiver_that_is_away_is_one_warning_each_and_one_line_when_it_is_back(bool isGrpc)
    {
        var port = PostgresCluster.FreePort();
        var gone = await OtlpHost.StartAsync(isGrpc, port);
        await gone.DisposeAsync();
        using var cli = Prepare(gone);
        var lines = new List<string>();
        var process = cli.Start("serve", "--Urls", "http://127.0.0.1:0");
        var read = ReadAsync(process, lines); // from the first one: metrics are sent before the server listens
        await Patience.UntilAsync(() => Count("Bioscope listens on") == 1);
        using var http = new HttpClient { BaseAddress = new Uri(First("Bioscope listens on ").Split(' ')[^1]) };

        (await http.GetAsync("/healthz", Cancelled)).EnsureSuccessStatusCode();
        await Patience.UntilAsync(() => Count("cannot be sent to") == 2);
        for (var i = 0; i < 300; i++) // many more attempts
        {
            (await http.GetAsync("/healthz", Cancelled)).EnsureSuccessStatusCode();
            await Task.Delay(5, Cancelled);
        }

        Assert.Equal(2, Count("cannot be sent to"));
        await using var back = await OtlpHost.StartAsync(isGrpc, port);
        await Patience.UntilAsync(async () =>
        {
            (await http.GetAsync("/healthz", Cancelled)).Dispose();
            return Count(" again") == 4; // two of them are the warnings'
        });
        await Patience.UntilAsync(() => back.Spans.Any(span => span.Name == "GET /healthz"));
        await Cli.TerminateAsync(process);
        await process.WaitForExitAsync(Cancelled);
        await read;

        Assert.Equal(0, process.ExitCode);
        Assert.Equal(2, Count(" warn Bioscope.Server.Operations"));
        Assert.Equal(1, Count($"Metrics cannot be sent to http://127.0.0.1:{port}: Connection refused"));
        Assert.Equal(1, Count($"Traces are sent to http://127.0.0.1:{port} again"));
        Assert.Equal(0, Count("s3cret"));

        int Count(string text)
        {
            lock (lines)
            {
                return lines.Count(line => line.Contains(text, StringComparison.OrdinalIgnoreCase));
            }
        }

        string First(string text)
        {
            lock (lines)
            {
                return lines.First(line => line.Contains(text, StringComparison.Ordinal));
            }
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_receiver_that_hangs_holds_up_neither_requests_nor_the_stop(bool isGrpc)
    {
        await using var host = await OtlpHost.StartAsync(isGrpc);
        host.Hangs = true;
        using var cli = Prepare(host);
        cli.Environment["OTEL_EXPORTER_OTLP_TIMEOUT"] = 120_000.ToString(CultureInfo.InvariantCulture);
        var (process, http) = await cli.ServeAsync("serve");
        await GetAsync();
        await Patience.UntilAsync(() => host.All.Select(posted => posted.IsTraces).Distinct().Count() == 2);
        for (var i = 0; i < 3_000; i++)
        {
            await GetAsync(); // more spans than the queue takes
        }

        var stop = Stopwatch.StartNew();
        await Cli.TerminateAsync(process);
        await process.WaitForExitAsync(Cancelled);

        Assert.Equal(0, process.ExitCode);
        // Some 4 seconds on an idle machine; an answer that takes as long as it may would be 120.
        Assert.True(stop.Elapsed < TimeSpan.FromSeconds(60), $"The stop took {stop.Elapsed}.");

        async Task GetAsync() => (await http.GetAsync("/healthz", Cancelled)).EnsureSuccessStatusCode();
    }

    [Theory]
    [InlineData(false, 401, "it answered 401")]
    [InlineData(false, 307, "it answered 307")]
    [InlineData(true, 16, "it answered gRPC status 16")]
    public async Task Doctor_says_what_the_receiver_answers(bool isGrpc, int status, string problem)
    {
        await using var host = await OtlpHost.StartAsync(isGrpc);
        using var cli = Prepare(host);

        Assert.Contains($"ok    otlp: {host.Url} takes metrics and traces", await cli.SucceedAsync(["doctor"]), StringComparison.Ordinal);
        Assert.Equal(["s3cret", "s3cret"], host.All.Select(posted => posted.Headers["api-key"]));
        Assert.Empty(host.Spans);

        host.Status = status;
        var (exitCode, output, _) = await cli.RunAsync(["doctor"]);

        Assert.Equal(1, exitCode);
        Assert.Contains($"FAIL  otlp: {host.Url}: ", output, StringComparison.Ordinal);
        Assert.Contains(problem, output, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_names_a_receiver_that_is_away_or_of_the_other_protocol()
    {
        await using var host = await OtlpHost.StartAsync(isGrpc: true);
        using var cli = Prepare(host);
        cli.Environment["Otlp__Protocol"] = "http/protobuf";
        var (_, other, _) = await cli.RunAsync(["doctor"]);
        Assert.Contains($"FAIL  otlp: {host.Url}: ", other, StringComparison.Ordinal);
        Assert.Contains("usually has port 4318", other, StringComparison.Ordinal);

        await host.DisposeAsync();
        var (_, away, _) = await cli.RunAsync(["doctor"]);
        Assert.Contains("Connection refused", away, StringComparison.Ordinal);

        using var without = new Cli();
        Assert.Contains("ok    otlp: no metrics and traces are sent", await without.SucceedAsync(["doctor"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_standard_variables_are_enough()
    {
        await using var host = await OtlpHost.StartAsync();
        using var cli = new Cli();
        cli.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = host.Url + "/otlp/";
        cli.Environment["OTEL_EXPORTER_OTLP_HEADERS"] = "api-key=s3cret";
        cli.Environment["OTEL_BSP_SCHEDULE_DELAY"] = "20";
        cli.Environment["OTEL_METRIC_EXPORT_INTERVAL"] = "50";
        cli.Environment["OTEL_RESOURCE_ATTRIBUTES"] = "service.namespace=links";
        var (_, http) = await cli.ServeAsync("serve");
        (await http.GetAsync("/healthz", Cancelled)).EnsureSuccessStatusCode();

        await Patience.UntilAsync(() =>
            host.All.Select(posted => posted.Path).Distinct().Order().SequenceEqual(["/otlp/v1/metrics", "/otlp/v1/traces"]));

        Assert.All(host.All, posted => Assert.Equal(
            ("s3cret", "bioscope", "links"),
            (posted.Headers["api-key"], posted.Resource["service.name"], posted.Resource["service.namespace"])));
    }

    private static Cli Prepare(OtlpHost host)
    {
        var cli = new Cli();
        foreach (var (key, value) in host.Settings)
        {
            cli.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        cli.Environment["Otlp__Headers"] = "api-key=s3cret";
        cli.Environment["OTEL_EXPORTER_OTLP_TIMEOUT"] = 30_000.ToString(CultureInfo.InvariantCulture);
        return cli;
    }

    private static async Task ReadAsync(Process process, List<string> lines)
    {
        while (await process.StandardOutput.ReadLineAsync(Cancelled) is { } line)
        {
            lock (lines)
            {
                lines.Add(line);
            }
        }
    }
}
