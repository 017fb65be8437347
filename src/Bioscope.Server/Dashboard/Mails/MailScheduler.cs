using System.Text.Json.Nodes;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.Mail;
using Bioscope.Server.Web;
using NodaTime;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>
/// Writes reports and alerts that are due to the outbox, under keys made of page, user and day: so every instance may do it, as often as it
/// likes, and each is sent once. A report that was due while no server ran is sent when one runs again, within two days.
/// </summary>
internal sealed partial class MailScheduler(
    MainDatabase main, Outbox outbox, QueryEngine engine, PageNaming namings, TimeProvider clock, ILogger<MailScheduler> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1), BetweenAlerts = TimeSpan.FromMinutes(5);

    // A report is read within days; an alert is of no use later.
    private static readonly TimeSpan LifeOfReport = TimeSpan.FromDays(2), LifeOfAlert = TimeSpan.FromHours(2);

    // Keys that were written, so that they are not written every minute.
    private const int MaxKnown = 100_000;

    /// <summary>Up to when everything that is due was written to the outbox.</summary>
    public DateTimeOffset LookedAt { get; private set; }

    /// <summary>Up to when visits were checked for being unusual.</summary>
    public DateTimeOffset CheckedAt { get; private set; }

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private long? _lookedForAlerts;
    private string? _failure; // what was said last

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
                _failure = null;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (_failure != e.Message)
                {
                    _failure = e.Message;
                    Log.Failed(log, e);
                }
            }

            await Task.Delay(Interval, clock, stoppingToken);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var time = clock.GetUtcNow();
        var now = Instant.FromDateTimeOffset(time);
        var receivers = await MailSubscription.ReceiversAsync(main, cancellationToken);
        await AddAsync([.. receivers.SelectMany(receiver => ReportsOf(receiver, now))], cancellationToken);
        LookedAt = time;
        if (_lookedForAlerts is { } looked && clock.GetElapsedTime(looked) < BetweenAlerts)
        {
            return;
        }

        _lookedForAlerts = clock.GetTimestamp();
        foreach (var receiver in receivers.Where(receiver => receiver.Chosen.Spikes || receiver.Chosen.Drops))
        {
            await LookForAlertsAsync(receiver, now, cancellationToken);
        }

        CheckedAt = time;
    }

    /// <summary>One page whose figures cannot be read keeps no other from its mails.</summary>
    private async Task LookForAlertsAsync(MailReceiver receiver, Instant now, CancellationToken cancellationToken)
    {
        try
        {
            var alerts = await AlertCheck.FindAsync(engine, namings, receiver, now, cancellationToken);
            // From before she asked: none.
            var since = Instant.FromDateTimeOffset(receiver.ChangedAt).InZone(receiver.Zone).LocalDateTime;
            await AddAsync([.. alerts.Where(alert => alert.Hour.PlusHours(1) > since).Select(alert => MessageOf(receiver, alert))], cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.NotChecked(log, e, receiver.Page);
        }
    }

    private IEnumerable<OutboxMessage> ReportsOf(MailReceiver receiver, Instant now)
    {
        var kinds = (receiver.Chosen.Weekly ? [ReportPeriod.Weekly] : (string[])[]).Concat(receiver.Chosen.Monthly ? [ReportPeriod.Monthly] : []);
        foreach (var kind in kinds)
        {
            var period = ReportPeriod.LastDue(kind, now, receiver.Zone);
            var due = period.DueAt(receiver.Zone).ToDateTimeOffset();
            if (clock.GetUtcNow() - due < LifeOfReport && receiver.ChangedAt <= due)
            {
                var data = new JsonObject
                {
                    ["page"] = receiver.Page.ToString("D"),
                    ["user"] = receiver.User.ToString("D"),
                    ["first"] = period.Key,
                };
                yield return outbox.New(
                    MailService.Channel, kind, $"{kind}:{receiver.Page:D}:{receiver.User:D}:{period.Key}", data.ToJsonString(), LifeOfReport);
            }
        }
    }

    private OutboxMessage MessageOf(MailReceiver receiver, Alert alert) => outbox.New(
        MailService.Channel, alert.Kind, $"{alert.Kind}:{receiver.Page:D}:{receiver.User:D}:{alert.Hour.Date:uuuu-MM-dd}",
        AlertLetter.DataOf(receiver, alert), LifeOfAlert);

    private async Task AddAsync(List<OutboxMessage> messages, CancellationToken cancellationToken)
    {
        var unknown = messages.FindAll(message => !_known.Contains(message.Key));
        if (unknown.Count == 0)
        {
            return;
        }

        await outbox.AddAsync(unknown, cancellationToken);
        if (_known.Count > MaxKnown)
        {
            _known.Clear();
        }

        _known.UnionWith(unknown.Select(message => message.Key));
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Reports and alerts that are due cannot be looked for, which is tried again every minute")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(LogLevel.Warning, "Page {Page} cannot be checked for unusual visits")]
        public static partial void NotChecked(ILogger logger, Exception exception, Guid page);
    }
}
