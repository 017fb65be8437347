using System.Collections.Concurrent;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// Keeps those who look at a live page up to date. A page is read once for all who look at it: when this instance has stored something
/// of it, and every few seconds, for what others stored. A page that nobody looks at costs nothing.
/// </summary>
internal sealed partial class LiveFeed(AnalyticsDatabase analytics, TimeProvider clock, ILogger<LiveFeed> log) : IDisposable
{
    /// <summary>Who looks at one page at once; whoever comes after them refreshes by hand.</summary>
    public const int MaxWatchers = 100;

    // A storm of visits is one change. Both waits are real time, whatever clock the server has: other instances store when they do.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(400);

    private readonly ConcurrentDictionary<Guid, Watched> _watched = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>How long a page that somebody looks at is not read when nothing of it is stored here.</summary>
    public TimeSpan Longest { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many look.</summary>
    public int Watchers => _watched.Values.Sum(page => page.Watchers);

    /// <summary>Sees what this instance has stored.</summary>
    public void Stored(IReadOnlyList<IngestEvent> events)
    {
        if (_watched.IsEmpty)
        {
            return;
        }

        foreach (var started in events.OfType<SessionStarted>())
        {
            if (_watched.TryGetValue(started.Session.BioPageId, out var watched))
            {
                watched.Wake();
            }
        }
    }

    /// <summary>Looks at a page until it is disposed of.</summary>
    /// <returns>Null when too many look already, or the server stops.</returns>
    public Watch? Open(Guid page)
    {
        while (!_stopping.IsCancellationRequested)
        {
            var watched = _watched.GetOrAdd(page, id => new Watched(id));
            lock (watched)
            {
                if (watched.IsOver)
                {
                    continue; // the last one has just left
                }

                if (watched.Watchers >= MaxWatchers)
                {
                    return null;
                }

                var watch = new Watch(this, watched);
                if (++watched.Watchers == 1)
                {
                    // Not a part of this request: its log lines would have its id, and its memory would stay.
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

    /// <summary>Ends everything that is open: the server stops.</summary>
    public void Stop()
    {
        _stopping.Cancel();
        foreach (var watched in _watched.Values)
        {
            watched.Wake();
        }
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
            return await LiveVisits.ReadAsync(analytics, page, clock.GetUtcNow(), CancellationToken.None);
        }
        catch (Exception e)
        {
            // The database is away: what was shown stays, and the next look is as soon as any.
            Log.NotRead(log, e.Message);
            return null;
        }
    }

    /// <summary>A page that somebody looks at.</summary>
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

    /// <summary>Somebody who looks at a page.</summary>
    internal sealed class Watch(LiveFeed feed, Watched watched) : IDisposable
    {
        // From the beginning: what is read while a connection is being answered is its first event.
        private Task<LiveVisits?> _next = watched.Next;

        /// <summary>Whether there will be nothing more: the server stops.</summary>
        public bool IsOver => feed._stopping.IsCancellationRequested;

        /// <summary>What is read next; null when it could not be read.</summary>
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
