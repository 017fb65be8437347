using System.Collections.Concurrent;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Storage;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// Keeps the viewers of live pages up to date. A page is read once for all of its viewers: when this instance has stored something for
/// it, or another one says so (<see cref="LiveNotices"/>), and every few seconds. A page without viewers costs nothing.
/// </summary>
internal sealed partial class LiveFeed(AnalyticsDatabase analytics, PageNaming pageNaming, TimeProvider clock, ILogger<LiveFeed> log) : IDisposable
{
    /// <summary>The maximum of viewers of one page; others must reload the page.</summary>
    public const int MaxWatchers = 100;

    // A burst of visits is one change. Both delays are real time even under a test's clock, because other instances store in real time.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(400);

    private readonly ConcurrentDictionary<Guid, Watched> _watched = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>The longest time without reading a viewed page when nothing was stored for it here.</summary>
    public TimeSpan Longest { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The number of viewers.</summary>
    public int Watchers => _watched.Values.Sum(page => page.Watchers);

    /// <summary>Handles what this instance has stored.</summary>
    public void Stored(IReadOnlyList<IngestEvent> events)
    {
        if (_watched.IsEmpty)
        {
            return;
        }

        foreach (var started in events.OfType<SessionStarted>())
        {
            Wake(started.Session.BioPageId);
        }
    }

    /// <summary>Reads a page again, if it has viewers.</summary>
    public void Wake(Guid page)
    {
        if (_watched.TryGetValue(page, out var watched))
        {
            watched.Wake();
        }
    }

    /// <summary>Reads all pages again that have viewers.</summary>
    public void WakeAll()
    {
        foreach (var watched in _watched.Values)
        {
            watched.Wake();
        }
    }

    /// <summary>Watches a page until disposed.</summary>
    /// <returns>Null when there are too many viewers, or the server is stopping.</returns>
    public Watch? Open(Guid page)
    {
        while (!_stopping.IsCancellationRequested)
        {
            var watched = _watched.GetOrAdd(page, id => new Watched(id));
            lock (watched)
            {
                if (watched.IsOver)
                {
                    continue; // its last viewer has just left
                }

                if (watched.Watchers >= MaxWatchers)
                {
                    return null;
                }

                var watch = new Watch(this, watched);
                if (++watched.Watchers == 1)
                {
                    // Outside of this request's context: log lines would carry its id, and its memory would be retained.
                    using (ExecutionContext.SuppressFlow())
                    {
                        _ = Task.Run(() => FollowAsync(watched));
                    }
                }

                return watch;
            }
        }

        return null;
    }

    /// <summary>Ends all connections: the server is stopping.</summary>
    public void Stop()
    {
        _stopping.Cancel();
        WakeAll();
    }

    public void Dispose() => _stopping.Dispose();

    private void Leave(Watched watched)
    {
        lock (watched)
        {
            if (--watched.Watchers == 0)
            {
                watched.IsOver = true;
                _watched.TryRemove(new(watched.Page, watched));
                watched.Wake();
            }
        }
    }

    private async Task FollowAsync(Watched watched)
    {
        while (!watched.IsOver && !_stopping.IsCancellationRequested)
        {
            watched.Publish(await ReadAsync(watched.Page));
            await Task.Delay(Shortest, TimeProvider.System);
            await watched.WakenAsync(Longest);
        }

        watched.Publish(null);
    }

    private async Task<LiveVisits?> ReadAsync(Guid page)
    {
        try
        {
            var naming = await pageNaming.ReadAsync(page, CancellationToken.None);
            return await LiveVisits.ReadAsync(analytics, page, naming, clock.GetUtcNow(), CancellationToken.None);
        }
        catch (Exception e)
        {
            // The database is unavailable: the page keeps what it shows, and the next attempt follows as usual.
            Log.NotRead(log, e.Message);
            return null;
        }
    }

    /// <summary>A page with viewers.</summary>
    internal sealed class Watched(Guid page)
    {
        private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource<LiveVisits?> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Guid Page => page;

        public int Watchers { get; set; }

        public bool IsOver { get; set; }

        public Task<LiveVisits?> Next => Volatile.Read(ref _next).Task;

        public void Publish(LiveVisits? visits) =>
            Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult(visits);

        public void Wake() => Volatile.Read(ref _wake).TrySetResult();

        public async Task WakenAsync(TimeSpan atLatest)
        {
            await Task.WhenAny(_wake.Task, Task.Delay(atLatest, TimeProvider.System));
            Volatile.Write(ref _wake, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    /// <summary>A viewer of a page.</summary>
    internal sealed class Watch(LiveFeed feed, Watched watched) : IDisposable
    {
        // From the beginning: whatever is read while a connection is being opened is its first event.
        private Task<LiveVisits?> _next = watched.Next;

        /// <summary>Whether no more events will follow, because the server is stopping.</summary>
        public bool IsOver => feed._stopping.IsCancellationRequested;

        /// <summary>The next reading; null when it failed.</summary>
        public async Task<LiveVisits?> NextAsync(CancellationToken cancellationToken)
        {
            var visits = await _next.WaitAsync(cancellationToken);
            _next = watched.Next;
            return visits;
        }

        public void Dispose() => feed.Leave(watched);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The live visits of a page could not be read: {Reason}")]
        public static partial void NotRead(ILogger logger, string reason);
    }
}
