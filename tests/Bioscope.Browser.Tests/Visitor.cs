using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>A visitor with a browser; records what it sends to be counted, and its errors.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    public const string InstagramOnPhone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22D60 "
        + "Instagram 366.0.0.30.83 (iPhone16,1; iOS 18_3; de_DE; de; scale=3.00; 1179x2556; 700000000)";

    /// <summary>Counts, in every page, what it has sent and the responses that it has read.</summary>
    public const string AnswerCounter =
        """
        (() => {
          const { fetch } = window, { json } = Response.prototype;
          window.sent = window.answersRead = 0;
          window.fetch = (url, ...options) => {
            if (String(url).endsWith('/hi')) window.sent++;
            return fetch(url, ...options);
          };
          Response.prototype.json = async function () {
            const read = await json.call(this);
            if (this.url.endsWith('/hi')) window.answersRead++;
            return read;
          };
        })();
        """;

    /// <summary>The time at which the clock of a paused page stands still; a whole hour, and not the server's time.</summary>
    public static readonly DateTime Noon = new(2031, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _sent = new();
    private readonly ConcurrentQueue<string> _complaints = new();

    private readonly IBrowser? _own;

    /// <param name="context">The browser profile.</param>
    /// <param name="page">Its first tab.</param>
    /// <param name="own">The browser, if it belongs to this visitor alone and is closed with it.</param>
    public Visitor(IBrowserContext context, IPage page, IBrowser? own = null)
    {
        (_context, Page, _own) = (context, page, own);
        context.Request += (_, request) =>
        {
            var path = new Uri(request.Url).AbsolutePath;
            if (path == "/hi")
            {
                _sent.Enqueue(JsonDocument.Parse(request.PostData!).RootElement.GetProperty("kind").GetString()!);
            }
            else if (path.StartsWith("/api/", StringComparison.Ordinal))
            {
                _sent.Enqueue(path); // not used by any page of ours
            }
        };
        // Policy violations and uncaught errors are logged there too.
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

    /// <summary>
    /// What was sent, in order: <c>visit</c>, <c>view</c>, <c>click</c>, <c>alive</c>, <c>leave</c>, <c>refused</c>, <c>unanswered</c>.
    /// </summary>
    public string[] Sent => [.. _sent];

    /// <summary>
    /// Waits until exactly this was sent, because the server may know of it sooner than Playwright. Leave events matter only if they are
    /// listed: Playwright may not see what a page sends while it unloads.
    /// </summary>
    public async Task AssertSentAsync(params string[] kinds)
    {
        var waited = Stopwatch.StartNew();
        while (!IsAsSaid() && waited.Elapsed < Patience.Limit)
        {
            await Task.Delay(25);
        }

        Assert.True(IsAsSaid(), $"Sent were {string.Join(", ", _sent)}.");

        bool IsAsSaid() => (kinds.Contains("leave") ? _sent : _sent.Where(kind => kind != "leave")).SequenceEqual(kinds);
    }

    /// <summary>Stops the page's clock, so that time passes only by <see cref="PassAsync"/>.</summary>
    public async Task StopClockAsync()
    {
        await Page.Clock.InstallAsync(new() { TimeDate = Noon.AddHours(-1) });
        await Page.Clock.PauseAtAsync(Noon);
    }

    /// <summary>Advances the page's time; every timer fires when it is due.</summary>
    public Task PassAsync(TimeSpan time) => Page.Clock.RunForAsync((long)time.TotalMilliseconds);

    /// <summary>
    /// Waits until every counted tab has read the response to everything that it sent: the server has counted a visit before its page
    /// knows the id, and a page that ends earlier cannot send it.
    /// </summary>
    public Task AreAnsweredAsync() => Patience.UntilAsync(async () =>
    {
        // Polled from the test, because a page whose clock stands still cannot poll.
        foreach (var tab in _context.Pages)
        {
            if (!await tab.EvaluateAsync<bool>("() => !window.bioscope || window.sent > 0 && window.answersRead == window.sent"))
            {
                return false;
            }
        }

        return true;
    });

    /// <summary>What the browser stores for the page's origin, as <c>key=value</c>; for ids, only that they exist.</summary>
    public Task<string[]> KeptAsync(string storage) => Page.EvaluateAsync<string[]>(
        "storage => Object.entries(window[storage]).map(([key, value]) => key == 'bioscope-consent' ? key + '=' + value : key).sort()",
        storage);

    public Task AcceptAsync() => Page.ClickAsync("[data-bioscope-consent=granted]");

    public Task RefuseAsync() => Page.ClickAsync("[data-bioscope-consent=denied]");

    public Task<bool> IsAskedAsync() => Page.IsVisibleAsync("[data-bioscope-banner]");

    /// <summary>Switches to another tab, or back: headless Chromium shows all of them, so the page is told that it is hidden.</summary>
    public Task ShowAsync(bool visible) => Page.EvaluateAsync(
        """
        visible => {
          Object.defineProperty(document, 'hidden', { value: !visible, configurable: true });
          Object.defineProperty(document, 'visibilityState', { value: visible ? 'visible' : 'hidden', configurable: true });
          document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
        }
        """,
        visible);

    /// <summary>Asserts that the browser reported no problems: no policy violation, no error, no refused request.</summary>
    public void AssertNoComplaint() => Assert.Empty(_complaints);

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }
}
