using System.Text.Json;
using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http;

namespace Bioscope.Micro;

/// <summary>What a request pays for its JSON: a report written, a session's body read. Beside each the plain way to do it.</summary>
[MemoryDiagnoser]
public class JsonBenchmarks
{
    private readonly TrafficSources _report = new(
        [.. Enumerable.Range(1, 15).Select(i => new TrafficSource($"source-{i}.example.com", 100_000 / i, 100 / i))]);

    private readonly byte[] _body = """
        {"visitorId":"f3b1c2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d","consentAnalytics":"granted","bioPageId":"01980000-0000-7000-8000-000000000001",
        "trackingToken":"0123456789abcdef0123456789abcdef","referrer":"https://l.instagram.com/?u=https%3A%2F%2Fbio.example%2Fshop",
        "url":"https://bio.example/@creator?utm_source=profile","timezone":"Europe/Berlin","language":"de-DE"}
        """u8.ToArray();

    [Benchmark]
    public ReadOnlyMemory<byte> WriteTraffic() => ApiJson.Utf8(new Success<TrafficSources>(_report), TrafficSourcesJson.Default.SuccessTrafficSources);

    [Benchmark(Description = "WriteTraffic, as a tree")]
    public byte[] WriteTrafficAsTree() => JsonSerializer.SerializeToUtf8Bytes(
        new JsonObject
        {
            ["success"] = true,
            ["data"] = new JsonObject
            {
                ["sources"] = new JsonArray(
                    [.. _report.Sources.Select(source => new JsonObject { ["source"] = source.Source, ["visits"] = source.Visits, ["percentage"] = source.Percentage })]),
            },
        });

    [Benchmark]
    public async Task<string?> ReadSession()
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(_body);
        http.Request.ContentType = "application/json";
        http.Request.ContentLength = _body.Length;
        var (visitor, _) = await JsonRequest.ReadAsync(http, body => body.RequiredText("visitorId", 1, 128));
        return visitor;
    }

    [Benchmark(Description = "ReadSession, JsonDocument")]
    public string? ReadSessionAsDocument()
    {
        using var document = JsonDocument.Parse(_body);
        return document.RootElement.GetProperty("visitorId").GetString();
    }
}
