using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Bioscope.Server.Tests.Support;

/// <summary>
/// A receiver of OpenTelemetry's protocol, over HTTP or gRPC: decodes what it gets (opentelemetry-proto), and answers as the test wants.
/// </summary>
internal sealed class OtlpHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly bool _isGrpc;
    private readonly ConcurrentQueue<Posted> _posted = new();

    private OtlpHost(WebApplication app, bool isGrpc) => (_app, _isGrpc) = (app, isGrpc);

    public string Url { get; private set; } = "";

    /// <summary>The settings of a server that sends to it soon.</summary>
    public (string Key, string Value)[] Settings =>
    [
        ("Otlp:Endpoint", Url), ("Otlp:Protocol", _isGrpc ? "grpc" : "http/protobuf"), ("OTEL_BSP_SCHEDULE_DELAY", "20"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "50"),
    ];

    /// <summary>The status of its answers; with gRPC that of gRPC.</summary>
    public int Status { get; set; } = -1;

    /// <summary>It takes what it gets and answers never.</summary>
    public bool Hangs { get; set; }

    public IReadOnlyList<Posted> All => [.. _posted];

    public IReadOnlyList<OtlpSpan> Spans => [.. All.Where(posted => posted.IsTraces).SelectMany(posted => OtlpSpan.Of(posted.Message))];

    /// <summary>The newest value of each series, by the metric's name and its labels.</summary>
    public IReadOnlyDictionary<string, OtlpPoint> Points => All.Where(posted => !posted.IsTraces)
        .SelectMany(posted => OtlpPoint.Of(posted.Message)).GroupBy(point => point.Name + point.Labels)
        .ToDictionary(points => points.Key, points => points.Last());

    public static async Task<OtlpHost> StartAsync(bool isGrpc = false, int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.ConfigureEndpointDefaults(
            endpoint => endpoint.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1)).UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var host = new OtlpHost(app, isGrpc);
        app.Run(host.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        host.Url = app.Urls.First();
        return host;
    }

    /// <summary>The span of the request with this id, once it was sent.</summary>
    public async Task<OtlpSpan> RequestAsync(string correlationId)
    {
        OtlpSpan? found = null;
        await Patience.UntilAsync(() =>
        {
            found = Spans.FirstOrDefault(span => span.Attributes.GetValueOrDefault("bioscope.correlation_id") == correlationId);
            return found is not null;
        });
        return found!;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var bytes = body.ToArray();
        _posted.Enqueue(new Posted(
            http.Request.Path.Value!, http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()), bytes,
            new ProtobufMessage(_isGrpc ? bytes.AsMemory(5) : bytes)));
        if (Hangs)
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        }

        http.Response.Headers.Location = "http://127.0.0.1:1/";
        if (!_isGrpc)
        {
            http.Response.StatusCode = Status < 0 ? 200 : Status;
            return;
        }

        http.Response.ContentType = "application/grpc";
        if (Status > 0)
        {
            http.Response.Headers["grpc-status"] = Status.ToString(CultureInfo.InvariantCulture);
            return;
        }

        await http.Response.Body.WriteAsync(new byte[5]);
        http.Response.AppendTrailer("grpc-status", "0");
    }
}

/// <summary>A request that the receiver got.</summary>
internal sealed record Posted(string Path, Dictionary<string, string> Headers, byte[] Body, ProtobufMessage Message)
{
    public bool IsTraces => Path is "/v1/traces" or "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    /// <summary>All that it has, texts readable.</summary>
    public string Text => string.Join('\n', Headers.Select(header => $"{header.Key}: {header.Value}")) + Encoding.UTF8.GetString(Body);

    /// <summary>Who sent it.</summary>
    public Dictionary<string, string> Resource => Attributes(Message.Messages(1, 1).First(), 1);

    public static Dictionary<string, string> Attributes(ProtobufMessage message, int field) => message.Messages(field).ToDictionary(
        pair => pair.Text(1),
        pair => pair.Messages(2).First() is var value && value.Has(1) ? value.Text(1)
            : value.Has(4) ? value.Double(4).ToString(CultureInfo.InvariantCulture)
            : value.Number(3).ToString(CultureInfo.InvariantCulture));
}

internal sealed record OtlpSpan(
    string TraceId, string Id, string ParentId, string Name, int Kind, bool HasFailed, IReadOnlyDictionary<string, string> Attributes)
{
    public static IEnumerable<OtlpSpan> Of(ProtobufMessage request) => request.Messages(1, 2, 2).Select(span => new OtlpSpan(
        span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), (int)span.Number(6), span.Messages(15).Any(status => status.Number(3) == 2),
        Posted.Attributes(span, 9)));
}

/// <summary>A value of a metric; of a histogram its count, sum and buckets.</summary>
internal sealed record OtlpPoint(string Name, string Unit, string Kind, string Labels, double Value, double Sum, long[] Buckets)
{
    public static IEnumerable<OtlpPoint> Of(ProtobufMessage request) =>
        from metric in request.Messages(1, 2, 2)
        let field = metric.Has(5) ? 5 : metric.Has(7) ? 7 : 9
        let kind = field switch { 5 => "gauge", 7 => metric.Messages(7).First().Number(3) == 1 ? "counter" : "gauge", _ => "histogram" }
        from point in metric.Messages(field, 1)
        let labels = string.Join(',', Posted.Attributes(point, field == 9 ? 9 : 7)
            .OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"))
        select new OtlpPoint(
            metric.Text(1), metric.Text(3), kind, $"{{{labels}}}",
            field == 9 ? point.Number(4) : point.Has(4) ? point.Double(4) : point.Number(6), field == 9 ? point.Double(5) : 0,
            field == 9 ? point.Numbers(6) : []);
}
