namespace Bioscope.Browser.Tests;

/// <summary>What has arrived at the server; a browser sends in its own time, so it is waited for.</summary>
internal static class Ingested
{
    /// <summary>
    /// Waits until the server has kept and dropped just that, as <c>session 1, pageview 2, dropped consent 1</c>, and fails with what
    /// it has instead. What should not come at all is waited for by something that comes after it.
    /// </summary>
    public static async Task AssertIngestedAsync(this TestApp app, string expected)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        string got;
        while ((got = await IngestedAsync(app)) != expected && waited.Elapsed < Patience.Limit)
        {
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, got);
    }

    /// <summary>
    /// Asserts that nothing else came, once something sent after it has: Playwright does not see what a page sends while it ends, so
    /// the server is asked.
    /// </summary>
    public static async Task AssertNothingMoreAsync(this TestApp app, string expected)
    {
        var id = await app.PostPageViewAsync(Guid.NewGuid());
        Assert.Null(id);
        await app.AssertIngestedAsync(expected.Length == 0 ? "dropped session 1" : expected + ", dropped session 1");
    }

    private static async Task<string> IngestedAsync(TestApp app)
    {
        var metrics = await app.MetricsAsync();
        var kept = new[] { "session", "pageview", "heartbeat", "leave" }.Select(kind => (Name: kind, Count: metrics[$$"""bioscope_ingest_kept_total{kind="{{kind}}"}"""]));
        var dropped = new[] { "consent", "unanswered", "bot", "token", "session", "link", "throttle", "overload", "storage" }
            .Select(reason => (Name: "dropped " + reason, Count: metrics.GetValueOrDefault($$"""bioscope_ingest_drops_total{reason="{{reason}}"}""", "0")));
        return string.Join(", ", kept.Concat(dropped).Where(count => count.Count != "0").Select(count => $"{count.Name} {count.Count}"));
    }
}
