using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Engine;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Webhooks;
using Bioscope.Server.Mail;

namespace Bioscope.Server.Dashboard.Webhooks;

/// <summary>Tells webhooks what is in the outbox, a few at a time, so that a slow receiver does not hold up the others.</summary>
internal sealed partial class WebhookService : BackgroundService
{
    private const int AtOnce = 4;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly Outbox _outbox;
    private readonly MainDatabase _main;
    private readonly SuspendedCreators _suspended;
    private readonly WebhookClient _client;
    private readonly WebhookSigner _signer;
    private readonly WebhookBody _bodies;
    private readonly TimeProvider _clock;
    private readonly ILogger<WebhookService> _log;
    private readonly long[] _outcomes = new long[Enum.GetValues<OutboxOutcome>().Length];
    private string? _failure; // what was said last

    public WebhookService(
        Outbox outbox, MainDatabase main, SuspendedCreators suspended, WebhookClient client, WebhookSigner signer, WebhookBody bodies,
        TimeProvider clock, IMeterFactory meters, ILogger<WebhookService> log)
    {
        (_outbox, _main, _suspended, _client, _signer, _bodies, _clock, _log) = (outbox, main, suspended, client, signer, bodies, clock, log);
        meters.Create("Bioscope.Webhooks").CreateObservableCounter(
            "bioscope.webhooks.messages", () => EnumMeasurements.Of<OutboxOutcome>(_outcomes, "outcome"), description: "Webhook messages by how they ended");
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => SendAllAsync(stoppingToken)));

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var added = _outbox.Added;
            try
            {
                while (await _outbox.TakeAsync(WebhookRoutes.Channel, cancellationToken) is { } message)
                {
                    await SendAsync(message, cancellationToken);
                }

                _failure = null;
            }
            catch (Exception e) when (e.IsFailure(cancellationToken))
            {
                if (_failure != e.Message)
                {
                    _failure = e.Message;
                    Log.Failed(_log, e);
                }
            }

            await _outbox.WaitAsync(added, Interval, cancellationToken);
        }
    }

    private async Task SendAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        using var span = message.StartSpan("send webhook");
        var data = JsonNode.Parse(message.Data)!;
        var (id, page) = (Guid.Parse((string)data["webhook"]!), Guid.Parse((string)data["page"]!));
        // She may have been suspended since it was written.
        if (await _suspended.HasPageAsync(page, cancellationToken)
            || await Webhook.FindAsync(_main, page, id, cancellationToken) is not { } webhook
            || await _bodies.ComposeAsync(message, page, data, cancellationToken) is not { } body)
        {
            await DoneAsync(message, OutboxOutcome.Dropped, null, cancellationToken);
            return;
        }

        var (messageId, at) = (IdOf(message), _clock.GetUtcNow());
        var (status, problem) = await _client.PostAsync(
            webhook.Url,
            body,
            [
                ("webhook-id", messageId), ("webhook-timestamp", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
                ("webhook-signature", _signer.Sign(id, messageId, at, body)),
            ],
            cancellationToken);
        span?.SetTag("http.response.status_code", status).SetStatus(problem is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error);
        await new WebhookDelivery(messageId, message.Kind, at, message.Attempts, status, problem).AddAsync(_main, id, cancellationToken);
        await (problem is null ? DoneAsync(message, OutboxOutcome.Sent, null, CancellationToken.None)
            // It is gone, it says, and wants no more.
            : status == StatusCodes.Status410Gone ? DoneAsync(message, OutboxOutcome.Refused, problem, cancellationToken)
            : _outbox.LaterAsync(message, problem, cancellationToken));
    }

    private Task DoneAsync(OutboxMessage message, OutboxOutcome outcome, string? problem, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _outcomes[(int)outcome]);
        return _outbox.DoneAsync(message, outcome, problem, cancellationToken);
    }

    private static string IdOf(OutboxMessage message) =>
        "msg_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message.Key)).AsSpan(0, 16));

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Webhooks cannot be told, which is tried again every 15 seconds")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
