using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>Somebody with a browser; what it sends to the ingestion routes and what it complains about is noted.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    public const string InstagramOnPhone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22D60 "
        + "Instagram 366.0.0.30.83 (iPhone16,1; iOS 18_3; de_DE; de; scale=3.00; 1179x2556; 700000000)";

    /// <summary>When the clock of a paused page stands still; a whole hour, and not the server's time.</summary>
    public static readonly DateTime Noon = new(2031, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _sent = new();
    private readonly ConcurrentQueue<string> _complaints = new();

    public Visitor(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        context.Request += (_, request) =>
        {
            var path = new Uri(request.Url).AbsolutePath;
            if (path.StartsWith("/api/", StringComparison.Ordinal))
            {
                _sent.Enqueue(Kind(path));
            }
        };
        // A policy that is violated and an error that nobody caught are written there too.
        context.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Enqueue(message.Text);
            }
        };
        context.WebError += (_, error) => _complaints.Enqueue(error.Error);
    }

    public IPage Page { get; }

    public IBrowserContext Context => _context;

    /// <summary>What was sent, in order: <c>session</c>, <c>pageview</c>, <c>heartbeat</c>, <c>leave</c>.</summary>
    public string[] Sent => [.. _sent];

    /// <summary>Stops the page's clock, so that time passes only by <see cref="PassAsync"/>.</summary>
    public async Task StopClockAsync()
    {
        await Page.Clock.InstallAsync(new() { TimeDate = Noon.AddHours(-1) });
        await Page.Clock.PauseAtAsync(Noon);
    }

    /// <summary>Lets time pass in the page, every timer firing when it is due.</summary>
    public Task PassAsync(TimeSpan time) => Page.Clock.RunForAsync((long)time.TotalMilliseconds);

    /// <summary>Waits until the page has read the answers to as many page views: the server has counted one before its page knows the id.</summary>
    public Task HasPageViewsAsync(int count) => Page.WaitForFunctionAsync(
        "count => performance.getEntriesByType('resource').filter(entry => entry.name.endsWith('/pageview') && entry.responseEnd).length == count", count);

    /// <summary>What the browser keeps for the page's origin, as <c>key=value</c>; ids are only said to be there.</summary>
    public Task<string[]> KeptAsync(string storage) => Page.EvaluateAsync<string[]>(
        "storage => Object.entries(window[storage]).map(([key, value]) => key == 'bioscope-consent' ? key + '=' + value : key).sort()", storage);

    public Task AcceptAsync() => Page.ClickAsync("[data-bioscope-consent=granted]");

    public Task RefuseAsync() => Page.ClickAsync("[data-bioscope-consent=denied]");

    public Task<bool> IsAskedAsync() => Page.IsVisibleAsync("[data-bioscope-banner]");

    /// <summary>Changes to another tab, or back: Chromium without a window shows all of them, so the page is told that it is hidden.</summary>
    public Task ShowAsync(bool visible) => Page.EvaluateAsync(
        """
        visible => {
          Object.defineProperty(document, 'hidden', { value: !visible, configurable: true });
          Object.defineProperty(document, 'visibilityState', { value: visible ? 'visible' : 'hidden', configurable: true });
          document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
        }
        """,
        visible);

    /// <summary>Asserts that the browser had nothing to complain about: no policy violated, no error, no request refused.</summary>
    public void AssertNoComplaint() => Assert.Empty(_complaints);

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private static string Kind(string path)
    {
        var last = path[(path.LastIndexOf('/') + 1)..];
        return last.ToLower(CultureInfo.InvariantCulture);
    }
}
