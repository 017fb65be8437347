using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>Somebody with a browser; what it sends to be counted and what it complains about is noted.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    public const string InstagramOnPhone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22D60 "
        + "Instagram 366.0.0.30.83 (iPhone16,1; iOS 18_3; de_DE; de; scale=3.00; 1179x2556; 700000000)";

    /// <summary>Counts in every page what it has sent and the answers that it has read.</summary>
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

    /// <summary>When the clock of a paused page stands still; a whole hour, and not the server's time.</summary>
    public static readonly DateTime Noon = new(2031, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _sent = new();
    private readonly ConcurrentQueue<string> _complaints = new();

    private readonly IBrowser? _own;

    /// <param name="context">The profile.</param>
    /// <param name="page">Its first tab.</param>
    /// <param name="own">The browser, where it is this visitor's alone and ends with them.</param>
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
                _sent.Enqueue(path); // what no page of ours uses
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

    /// <summary>What was sent, in order: <c>visit</c>, <c>view</c>, <c>click</c>, <c>alive</c>, <c>leave</c>, <c>refused</c>, <c>unanswered</c>.</summary>
    public string[] Sent => [.. _sent];

    /// <summary>
    /// Waits until just that was sent: the server may know of it sooner than we do. Unless they are named, times when a page is left do not matter: we
    /// may not see what it sends as it ends.
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

    /// <summary>Lets time pass in the page, every timer firing when it is due.</summary>
    public Task PassAsync(TimeSpan time) => Page.Clock.RunForAsync((long)time.TotalMilliseconds);

    /// <summary>
    /// Waits until every tab that is counted has read the answer to all that it has sent: the server has counted a visit before its page
    /// knows the id, and a page that ends before that cannot say so.
    /// </summary>
    public Task AreAnsweredAsync() => Patience.UntilAsync(async () =>
    {
        // Polled from here: a page whose clock stands still polls nothing.
        foreach (var tab in _context.Pages)
        {
            if (!await tab.EvaluateAsync<bool>("() => !window.bioscope || window.sent > 0 && window.answersRead == window.sent"))
            {
                return false;
            }
        }

        return true;
    });

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

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }
}
