namespace Bioscope.Browser.Tests;

/// <summary>What has arrived at the server. A browser sends when it wants to, so the tests wait for it.</summary>
internal static class Ingested
{
    /// <summary>
    /// Waits until the server has stored and dropped exactly this, as <c>session 1, pageview 2, dropped consent 1</c>; otherwise fails
    /// with the actual counts. To assert that something does not arrive, wait for something sent after it.
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
    /// Asserts that nothing else arrived, after something sent later has: Playwright does not see what a page sends while it unloads, so
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
        var kept = new[] { "session", "pageview", "heartbeat", "leave" }.Select(
            kind => (Name: kind, Count: metrics[$$"""bioscope_ingest_kept_total{kind="{{kind}}"}"""]));
        var dropped = new[] { "consent", "unanswered", "bot", "token", "session", "link", "throttle", "overload", "storage" }
            .Select(
                reason => (
                    Name: "dropped " + reason,
                    Count: metrics.GetValueOrDefault($$"""bioscope_ingest_drops_total{reason="{{reason}}"}""", "0")));
        return string.Join(", ", kept.Concat(dropped).Where(count => count.Count != "0").Select(count => $"{count.Name} {count.Count}"));
    }
}
