using System.Diagnostics.Metrics;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Xunit;

namespace Bioscope.Engine.Tests.Ingest;

public sealed class IngestMetricsTests : IDisposable
{
    private static readonly Guid Page = Guid.NewGuid();

    private readonly Meters _meters = new();
    private readonly Clock _clock = new();
    private readonly List<(Guid Page, DropReason Reason)> _onPage = [];
    private readonly IngestMetrics _metrics;

    public IngestMetricsTests()
    {
        _metrics = new IngestMetrics(_meters, _clock);
        _metrics.DroppedOnPage += (page, reason) => _onPage.Add((page, reason));
    }

    public void Dispose() => _meters.Dispose();

    [Fact]
    public void Every_kind_and_reason_is_there_before_anything_happened() => Assert.Equal(
        "session 0, pageview 0, heartbeat 0, leave 0, identify 0 | "
            + "consent 0, unanswered 0, bot 0, token 0, session 0, link 0, throttle 0, overload 0, storage 0",
        Shown(Measured("bioscope.ingest.kept")) + " | " + Shown(Measured("bioscope.ingest.drops")));

    [Fact]
    public void Events_that_are_stored_are_counted_by_kind()
    {
        _metrics.Count(new PageViewed(Page, null, null, null), isKept: true);
        _metrics.Count(new HeartbeatReceived(Page), isKept: true);
        _metrics.Count(new HeartbeatReceived(Page), isKept: true);
        _metrics.Count(new PageLeft(Page, 1, null), isKept: true);
        _metrics.Count(new VisitorIdentified(Page, Page), isKept: true);

        Assert.Equal("session 0, pageview 1, heartbeat 2, leave 1, identify 1", Shown(Measured("bioscope.ingest.kept")));
        Assert.Empty(_onPage);
    }

    // A visit that goes on is no other one, but its page view counts.
    [Theory]
    [InlineData(true, true, "session 1, pageview 1")]
    [InlineData(true, false, "session 1, pageview 0")]
    [InlineData(false, true, "session 0, pageview 1")]
    [InlineData(false, false, "session 0, pageview 0")]
    public void A_visit_counts_when_it_is_opened_and_when_it_is_viewed(bool isOpened, bool isViewed, string kept)
    {
        _metrics.Count(Started() with { IsOpened = isOpened, ViewId = isViewed ? Guid.NewGuid() : null }, isKept: true);

        Assert.StartsWith(kept + ",", Shown(Measured("bioscope.ingest.kept")), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_visits_and_page_views_are_dropped_on_their_page()
    {
        IngestEvent[] dropped =
        [
            Started() with { Page = Page, Reason = DropReason.Link },
            new PageViewed(Guid.NewGuid(), null, null, null) { Page = Page },
            new PageViewed(Guid.NewGuid(), null, null, null), // of no page that is known
            new HeartbeatReceived(Guid.NewGuid()) { Page = Page },
            new PageLeft(Guid.NewGuid(), 1, null) { Page = Page, Reason = DropReason.Storage },
        ];
        Array.ForEach(dropped, one => _metrics.Count(one, isKept: false));

        Assert.Equal([(Page, DropReason.Link), (Page, DropReason.Session)], _onPage);
        Assert.Equal([("session", 3), ("link", 1), ("storage", 1)], Measured("bioscope.ingest.drops").Where(drop => drop.Count > 0));
        Assert.All(Measured("bioscope.ingest.kept"), kept => Assert.Equal(0, kept.Count));
    }

    [Fact]
    public void Drops_of_today_begin_anew_at_midnight_and_the_counters_do_not()
    {
        _metrics.Drop(DropReason.Bot);
        _clock.Now = _clock.Now.AddHours(11.9);
        _metrics.Drop(DropReason.Bot, Page);
        Assert.Equal(2, Today(DropReason.Bot));

        _clock.Now = _clock.Now.AddHours(0.2);
        Assert.Equal(0, Today(DropReason.Bot));
        _metrics.Drop(DropReason.Bot);
        _metrics.Drop(DropReason.Token);

        Assert.Equal((1, 1, 0), (Today(DropReason.Bot), Today(DropReason.Token), Today(DropReason.Consent)));
        Assert.Contains(("bot", 3), Measured("bioscope.ingest.drops"));
        Assert.Equal([(Page, DropReason.Bot)], _onPage);
    }

    private static SessionStarted Started() => new(new SessionRow
    {
        BioPageId = Page,
        Id = Guid.NewGuid(),
        VisitorId = "visitor",
        StartedAt = DateTimeOffset.UnixEpoch,
    });

    private long Today(DropReason reason) => _metrics.DropsToday().Single(drop => drop.Reason == reason).Count;

    private static string Shown(IEnumerable<(string Name, long Count)> counts) =>
        string.Join(", ", counts.Select(count => $"{count.Name} {count.Count}"));

    private List<(string Name, long Count)> Measured(string name)
    {
        var measured = new List<(string, long)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Name == name && _meters.Own.Contains(instrument.Meter))
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => measured.Add(((string)tags[0].Value!, count)));
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }

    private sealed class Meters : IMeterFactory
    {
        public List<Meter> Own { get; } = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            Own.Add(meter);
            return meter;
        }

        public void Dispose() => Own.ForEach(meter => meter.Dispose());
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 4, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
