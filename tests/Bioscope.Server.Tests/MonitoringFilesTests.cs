using System.Text.Json;
using System.Text.RegularExpressions;
using Bioscope.Core.Tests;

namespace Bioscope.Server.Tests;

/// <summary>The files for Prometheus and Grafana ask for metrics and labels that a server has.</summary>
public sealed partial class MonitoringFilesTests
{
    [Theory, InlineData("prometheus/alerts.yml"), InlineData("grafana/bioscope.json")]
    public async Task Every_metric_and_label_is_served(string path)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        await app.PostSessionAsync(creator);
        (await app.GetAsync("/api/v1/creators/analytics/traffic", app.Token(creator))).EnsureSuccessStatusCode();
        var served = (await app.MetricsAsync()).Keys.ToList();

        var asked = Expressions(path).SelectMany(text => Metric().Matches(text)).ToList();

        Assert.NotEmpty(asked);
        Assert.All(asked, metric =>
        {
            var lines = served.Where(key => key.Split('{')[0] == metric.Groups["name"].Value).ToList();
            Assert.True(lines.Count > 0, $"{metric.Groups["name"].Value} is not served");
            foreach (var label in Label().Matches(metric.Groups["labels"].Value).Select(match => match.Groups[1].Value))
            {
                // These two are Prometheus' own.
                var known = label is "instance" or "job" || lines.Exists(line => line.Contains(label + "=", StringComparison.Ordinal));
                Assert.True(known, $"{metric.Groups["name"].Value} has no label {label}");
            }
        });
    }

    private static IEnumerable<string> Expressions(string path)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFiles.Root!, "packaging", path));
        if (!path.EndsWith(".json", StringComparison.Ordinal))
        {
            return [text];
        }

        using var dashboard = JsonDocument.Parse(text);
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!)];
    }

    [GeneratedRegex(@"\b(?<name>(?:bioscope|http_server|process|dotnet)_\w+)(?:\{(?<labels>[^}]*)\})?")]
    private static partial Regex Metric();

    [GeneratedRegex("""(\w+)(?:=~|!=|!~|=)""")]
    private static partial Regex Label();
}
