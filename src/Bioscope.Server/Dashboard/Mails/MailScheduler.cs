using System.Text.Json.Nodes;
using Bioscope.Engine;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.Api.Webhooks;
using Bioscope.Server.Mail;
using Bioscope.Server.Web;
using NodaTime;
using NodaTime.Text;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>
/// Writes reports and alerts that are due to the outbox, for mails and webhooks, under keys made of receiver and day: so every instance may
/// do it, as often as it likes, and each is sent once. A report that was due while no server ran is sent when one runs again, within two
/// days.
/// </summary>
internal sealed partial class MailScheduler(
    MainDatabase main, Outbox outbox, Mailer mailer, QueryEngine engine, PageNaming namings, TimeProvider clock, ILogger<MailScheduler> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1), BetweenAlerts = TimeSpan.FromMinutes(5);

    // A report is read within days; an alert is of no use later.
    private static readonly TimeSpan LifeOfReport = TimeSpan.FromDays(2), LifeOfAlert = TimeSpan.FromHours(2);

    // Keys that were written, so that they are not written every minute.
    private const int MaxKnown = 100_000;

    private readonly SemaphoreSlim _looking = new(1);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private long? _lookedForAlerts;
    private string? _failure; // what was said last

    /// <summary>Up to when everything that is due was written to the outbox.</summary>
    public DateTimeOffset LookedAt { get; private set; }

    /// <summary>One round of what it does every minute.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            await AddDueAsync(cancellationToken);
        }
        finally
        {
            _looking.Release();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _looking.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
                _failure = null;
            }
            catch (Exception e) when (e.IsFailure(stoppingToken))
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

    private async Task AddDueAsync(CancellationToken cancellationToken)
    {
        // Both at once: a look that takes long must not count as one of a later time.
        var (time, looking) = (clock.GetUtcNow(), clock.GetTimestamp());
        var mails = mailer.IsSet ? await MailSubscription.ReceiversAsync(main, cancellationToken) : [];
        var webhooks = await Webhook.ReceiversAsync(main, cancellationToken);
        Due[] all = [.. mails.Select(Due.Of), .. webhooks.Select(Due.Of)];
        await AddAsync([.. all.SelectMany(due => ReportsOf(due, time))], cancellationToken);
        LookedAt = time;
        if (_lookedForAlerts is { } looked && clock.GetElapsedTime(looked, looking) < BetweenAlerts)
        {
            return;
        }

        _lookedForAlerts = looking;
        foreach (var due in all.Where(due => due.Chosen.Spikes || due.Chosen.Drops))
        {
            await LookForAlertsAsync(due, time, cancellationToken);
        }
    }

    /// <summary>One page whose figures cannot be read keeps no other from its mails.</summary>
    private async Task LookForAlertsAsync(Due due, DateTimeOffset time, CancellationToken cancellationToken)
    {
        try
        {
            var alerts = await AlertCheck.FindAsync(
                engine, namings, due.Page, due.Zone, due.Chosen, Instant.FromDateTimeOffset(time), cancellationToken);
            // From before she asked: none.
            var since = Instant.FromDateTimeOffset(due.Since).InZone(due.Zone).LocalDateTime;
            await AddAsync(
                [.. alerts.Where(alert => alert.Hour.PlusHours(1) > since).Select(alert => due.Message(
                    outbox, alert.Kind, LocalDatePattern.Iso.Format(alert.Hour.Date), LifeOfAlert,
                    ("hour", LocalDateTimePattern.ExtendedIso.Format(alert.Hour)), ("visits", alert.Visits), ("usual", alert.Usual)))],
                cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.NotChecked(log, e, due.Page);
        }
    }

    private IEnumerable<OutboxMessage> ReportsOf(Due due, DateTimeOffset time)
    {
        foreach (var kind in (due.Chosen.Weekly ? [ReportPeriod.Weekly] : (string[])[]).Concat(due.Chosen.Monthly ? [ReportPeriod.Monthly] : []))
        {
            var period = ReportPeriod.LastDue(kind, Instant.FromDateTimeOffset(time), due.Zone);
            var dueAt = period.DueAt(due.Zone).ToDateTimeOffset();
            if (time - dueAt < LifeOfReport && due.Since <= dueAt)
            {
                yield return due.Message(outbox, kind, period.Key, LifeOfReport, ("first", period.Key));
            }
        }
    }

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

    /// <summary>Somebody who is told, by mail or by a webhook.</summary>
    private sealed record Due(Guid Page, DateTimeZone Zone, DateTimeOffset Since, MailSubscription Chosen, Guid? User, Guid? Webhook)
    {
        public static Due Of(MailReceiver receiver) =>
            new(receiver.Page, receiver.Zone, receiver.ChangedAt, receiver.Chosen, receiver.User, null);

        public static Due Of(WebhookReceiver receiver) => new(
            receiver.Page, receiver.Zone, receiver.CreatedAt, receiver.Chosen, null, receiver.Webhook);

        public OutboxMessage Message(Outbox outbox, string kind, string day, TimeSpan life, params (string Name, JsonNode? Value)[] more)
        {
            var data = new JsonObject { ["page"] = Page.ToString("D") };
            (string Name, JsonNode? Value)[] receiver = Webhook is { } webhook ? [("webhook", webhook.ToString("D"))] : [("user", User?.ToString("D"))];
            foreach (var (name, value) in receiver.Concat(more))
            {
                data[name] = value;
            }

            return Webhook is { } id
                ? outbox.New(WebhookRoutes.Channel, EventOf(kind), $"{kind}:{id:D}:{day}", data.ToJsonString(), WebhookRoutes.Life)
                : outbox.New(MailService.Channel, kind, $"{kind}:{Page:D}:{User:D}:{day}", data.ToJsonString(), life);
        }

        private static string EventOf(string kind) => kind switch
        {
            ReportPeriod.Weekly => Api.Webhooks.Webhook.Weekly,
            ReportPeriod.Monthly => Api.Webhooks.Webhook.Monthly,
            AlertLetter.Spike => Api.Webhooks.Webhook.Spike,
            _ => Api.Webhooks.Webhook.Drop,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Reports and alerts that are due cannot be looked for, which is tried again every minute")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(LogLevel.Warning, "Page {Page} cannot be checked for unusual visits")]
        public static partial void NotChecked(ILogger logger, Exception exception, Guid page);
    }
}
