using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Bioscope.Engine;
using Bioscope.Server.Configuration;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Bioscope.Server.Operations;

/// <summary>
/// Sends the metrics of <c>/metrics</c>, and traces, to a receiver of OpenTelemetry's protocol. What cannot be sent is dropped: traces when
/// the library's queue of 2,048 spans is full; metrics are sums, which the next export has. The server never waits for the receiver, except
/// for some seconds when it stops.
/// </summary>
internal sealed partial class OtlpExport : IHostedService, IDisposable
{
    private const string MetricsPath = "v1/metrics", TracesPath = "v1/traces";

    private static readonly TimeSpan MaxStop = TimeSpan.FromSeconds(3), MaxTry = TimeSpan.FromSeconds(5);

    // How many label values one instrument may have; the library makes room for all of them at once, some 100 bytes each.
    private const int MaxSeries = 200, MaxSeriesOfHistogram = 2000;

    private readonly OtlpReceiver _receiver;
    private readonly IConfiguration _configuration;
    private readonly IMeterFactory _meters;
    private readonly TimeProvider _clock;
    private readonly ILogger<OtlpExport> _log;
    private OpenTelemetrySdk? _sdk;

    public OtlpExport(
        OtlpReceiver receiver, IConfiguration configuration, IMeterFactory meters, ProcessMetrics process, TimeProvider clock,
        ILogger<OtlpExport> log)
    {
        ArgumentNullException.ThrowIfNull(process); // its meter is there from now on
        (_receiver, _configuration, _meters, _clock, _log) = (receiver, configuration, meters, clock, log);
    }

    /// <summary>Sends an export without metrics and one without spans.</summary>
    /// <returns>Why the receiver does not take one; null when it takes both.</returns>
    public static string? Try(OtlpReceiver receiver)
    {
        string? problem = null;
        using var metrics = new OtlpMetricExporter(Options(MetricsPath));
        metrics.Export(new Batch<Metric>([], 0));
        if (problem is null && receiver.HasTraces)
        {
            using var traces = new OtlpTraceExporter(Options(TracesPath));
            traces.Export(new Batch<Activity>([], 0));
        }

        return problem;

        OtlpExporterOptions Options(string path)
        {
            var options = new OtlpExporterOptions { TimeoutMilliseconds = (int)MaxTry.TotalMilliseconds };
            OtlpSender.Apply(options, receiver, path, sent => problem = sent is null || receiver.IsGrpc ? sent : $"/{path}: {sent}");
            return options;
        }
    }

    /// <exception cref="SettingsException">One of OpenTelemetry's variables is a number that the library does not take.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _sdk = Create();
            return Task.CompletedTask;
        }
        catch (ArgumentException e)
        {
            throw new SettingsException([$"OTEL_…: one of OpenTelemetry's variables cannot be used: {e.Message}"]);
        }
    }

    /// <summary>
    /// Sends what is left, both at the same time and for some seconds only: a receiver that hangs must not hold up the stop.
    /// </summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        var patience = (int)MaxStop.TotalMilliseconds;
        return _sdk is not { } sdk
            ? Task.CompletedTask
            : Task.WhenAll(
                Task.Run(() => sdk.TracerProvider.Shutdown(patience), CancellationToken.None),
                Task.Run(() => sdk.MeterProvider.Shutdown(patience), CancellationToken.None));
    }

    public void Dispose() => _sdk?.Dispose();

    private OpenTelemetrySdk Create() => OpenTelemetrySdk.Create(otel =>
    {
        otel.Services.AddSingleton(Configuration());
        otel.ConfigureResource(resource => resource.Clear()
            .AddService("bioscope", serviceVersion: ProcessMetrics.Version).AddTelemetrySdk().AddEnvironmentVariableDetector());
        otel.WithMetrics(metrics => metrics
            .AddMeter("Bioscope.*", "System.Runtime", "Microsoft.AspNetCore.Hosting")
            .AddView(StreamOf)
            .AddOtlpExporter(options => OtlpSender.Apply(options, _receiver, MetricsPath, new Said("Metrics", this).Sent)));
        if (_receiver.HasTraces)
        {
            otel.WithTracing(traces => traces.AddSource(Spans.SourceName).AddOtlpExporter(
                options => OtlpSender.Apply(options, _receiver, TracesPath, new Said("Traces", this).Sent)));
        }
    });

    /// <summary>The library reads OpenTelemetry's variables from here; our own settings come before them.</summary>
    private IConfiguration Configuration()
    {
        var all = new ConfigurationBuilder().AddConfiguration(_configuration);
        return (_receiver.TraceRatio is not { } ratio ? all : all.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [OtlpReceiver.Sampler] = "parentbased_traceidratio",
            [OtlpReceiver.SamplerArgument] = ratio.ToString(CultureInfo.InvariantCulture),
        })).Build();
    }

    private MetricStreamConfiguration? StreamOf(Instrument instrument) => !ExportedMetrics.Has(instrument, _meters)
        ? MetricStreamConfiguration.Drop
        : instrument is Histogram<double> or Histogram<int>
            ? new ExplicitBucketHistogramConfiguration
            {
                TagKeys = ExportedMetrics.LabelsOf(instrument),
                Boundaries = ExportedMetrics.BoundsOf(instrument),
                CardinalityLimit = MaxSeriesOfHistogram,
            }
            : new MetricStreamConfiguration { CardinalityLimit = MaxSeries };

    /// <summary>What the log was told about one of the two: that it fails, once, and that it works again.</summary>
    private sealed class Said(string what, OtlpExport export)
    {
        // A receiver that fails every other time must not fill the log.
        private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(10);

        private readonly Lock _saying = new();
        private bool _fails;
        private bool _isSaid;
        private long? _at;

        public void Sent(string? problem)
        {
            lock (_saying)
            {
                if (problem is null && _isSaid)
                {
                    _isSaid = false;
                    Log.SentAgain(export._log, what, export._receiver);
                }
                else if (problem is not null && !_fails && !(_at is { } at && export._clock.GetElapsedTime(at) < BetweenWarnings))
                {
                    (_isSaid, _at) = (true, export._clock.GetTimestamp());
                    Log.NotSent(export._log, what, export._receiver, problem);
                }

                _fails = problem is not null;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning,
            "{What} cannot be sent to {Receiver}: {Reason}. The server works without, and sends them again as soon as it can. 'bioscope " +
            "doctor' says whether they would be taken now")]
        public static partial void NotSent(ILogger logger, string what, OtlpReceiver receiver, string reason);

        [LoggerMessage(LogLevel.Information, "{What} are sent to {Receiver} again")]
        public static partial void SentAgain(ILogger logger, string what, OtlpReceiver receiver);
    }
}
