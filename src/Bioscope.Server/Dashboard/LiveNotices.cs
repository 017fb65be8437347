using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Bioscope.Engine;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Storage;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// Tells other instances on the same PostgreSQL which pages have new visits, so that their viewers see them within a second. It is said after the
/// commit, for all pages together and at most every 400 ms: in every transaction it would make commits wait for each other. An instance that is
/// alone, or behind a connection pooler, through which notices do not come, says and hears nothing; the feed reads every few seconds anyway.
/// </summary>
internal sealed partial class LiveNotices(
    AnalyticsDatabase analytics, LiveFeed feed, InstanceCount count, ILogger<LiveNotices> log) : BackgroundService
{
    private const string Channel = "bioscope_live";

    // PostgreSQL takes 8,000 bytes; a page takes 22.
    private const int MaxPages = 300;
    private const int PageChars = 22;
    private const string AllPages = "*";

    // Real time even under a test's clock, because the other instances are in real time.
    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(2);

    private readonly string _id = RandomNumberGenerator.GetHexString(8);
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _isThere = new(0, 1);
    private readonly HashSet<Guid> _pages = [];
    private bool _isFailing;

    /// <summary>Whether other instances are heard.</summary>
    public bool IsListening { get; private set; }

    /// <summary>Handles what this instance has stored.</summary>
    public void Stored(IReadOnlyList<IngestEvent> events)
    {
        if (count.Value <= 1 || !analytics.CanListen)
        {
            return;
        }

        lock (_lock)
        {
            var before = _pages.Count;
            foreach (var started in events.OfType<SessionStarted>())
            {
                if (_pages.Count <= MaxPages)
                {
                    _pages.Add(started.Session.BioPageId);
                }
            }

            if (before == 0 && _pages.Count > 0)
            {
                _isThere.Release();
            }
        }
    }

    public override void Dispose()
    {
        _isThere.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(TellAsync(stoppingToken), HearAsync(stoppingToken));

    private async Task TellAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await _isThere.WaitAsync(stoppingToken);
            await TryAsync(() => analytics.NotifyAsync(Channel, Text(), stoppingToken), stoppingToken);
            await Task.Delay(Shortest, Clock, stoppingToken);
        }
    }

    private async Task HearAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            if (count.Value > 1 && analytics.CanListen)
            {
                await TryAsync(() => analytics.ListenAsync(Channel, Begin, Hear, stoppingToken), stoppingToken);
                IsListening = false;
            }

            await Task.Delay(BetweenTries, Clock, stoppingToken);
        }

        void Begin()
        {
            (IsListening, _isFailing) = (true, false);
            feed.WakeAll(); // something may have been missed
        }
    }

    /// <summary>The pages with new visits as one notice.</summary>
    private string Text()
    {
        lock (_lock)
        {
            var text = _id + (_pages.Count > MaxPages
                ? AllPages : string.Concat(_pages.Select(page => Base64Url.EncodeToString(page.ToByteArray()))));
            _pages.Clear();
            return text;
        }
    }

    private void Hear(string text)
    {
        if (text.Length < _id.Length || text.StartsWith(_id, StringComparison.Ordinal))
        {
            return; // its own, whose viewers know already
        }

        var pages = text.AsSpan(_id.Length);
        if (pages is AllPages)
        {
            feed.WakeAll();
            return;
        }

        Span<byte> bytes = stackalloc byte[16];
        for (; pages.Length >= PageChars; pages = pages[PageChars..])
        {
            if (Base64Url.DecodeFromChars(pages[..PageChars], bytes, out _, out var length) == OperationStatus.Done && length == bytes.Length)
            {
                feed.Wake(new Guid(bytes));
            }
        }
    }

    private async Task TryAsync(Func<Task> work, CancellationToken stoppingToken)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e.IsFailure(stoppingToken))
        {
            if (!_isFailing)
            {
                _isFailing = true;
                Log.Failed(log, e.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning,
            "Instances cannot tell each other of new visits; live pages show those of other instances within ten seconds instead of one: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
