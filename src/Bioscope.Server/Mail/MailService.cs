using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Engine;

namespace Bioscope.Server.Mail;

/// <summary>Composes the mails of one kind when they are sent, so that nothing secret waits in the database.</summary>
internal interface ILetterKind
{
    /// <summary>The kind of its messages.</summary>
    string Kind { get; }

    /// <returns>The mail; null when there is nothing to send any more.</returns>
    Task<Letter?> ComposeAsync(OutboxMessage message, CancellationToken cancellationToken);
}

/// <summary>Sends the mails of the outbox, one after the other. While the mail server cannot be used it waits a minute between attempts.</summary>
internal sealed partial class MailService : BackgroundService
{
    /// <summary>The channel of mails.</summary>
    public const string Channel = "mail";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15), Pause = TimeSpan.FromMinutes(1), BetweenPurges = TimeSpan.FromHours(1);

    private readonly Outbox _outbox;
    private readonly Mailer _mailer;
    private readonly Dictionary<string, ILetterKind> _kinds;
    private readonly TimeProvider _clock;
    private readonly ILogger<MailService> _log;
    private readonly long[] _outcomes = new long[Enum.GetValues<OutboxOutcome>().Length];
    private string? _failure; // what was said last
    private long? _purged;

    public MailService(
        Outbox outbox, Mailer mailer, IEnumerable<ILetterKind> kinds, TimeProvider clock, IMeterFactory meters, ILogger<MailService> log)
    {
        (_outbox, _mailer, _clock, _log) = (outbox, mailer, clock, log);
        _kinds = kinds.ToDictionary(kind => kind.Kind, StringComparer.Ordinal);
        meters.Create("Bioscope.Mail").CreateObservableCounter(
            "bioscope.mail.messages", () => EnumMeasurements.Of<OutboxOutcome>(_outcomes, "outcome"), description: "Mails by how they ended");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var added = _outbox.Added;
            try
            {
                await SendDueAsync(stoppingToken);
            }
            catch (Exception e) when (e.IsFailure(stoppingToken))
            {
                SayFailed(e);
            }

            // A mail that is written now must not end the pause.
            await (_failure is null ? _outbox.WaitAsync(added, Interval, stoppingToken) : Task.Delay(Pause, _clock, stoppingToken));
        }
    }

    private async Task SendDueAsync(CancellationToken cancellationToken)
    {
        if (_purged is not { } purged || _clock.GetElapsedTime(purged) >= BetweenPurges)
        {
            _purged = _clock.GetTimestamp();
            await _outbox.DeleteOldAsync(cancellationToken);
        }

        try
        {
            while (await _outbox.TakeAsync(Channel, cancellationToken) is { } message)
            {
                await SendAsync(message, cancellationToken);
            }

            _failure = null;
        }
        finally
        {
            await _mailer.CloseAsync();
        }
    }

    private async Task SendAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        using var span = message.StartSpan("send mail");
        try
        {
            var letter = _kinds.TryGetValue(message.Kind, out var kind) ? await kind.ComposeAsync(message, cancellationToken) : null;
            if (letter is null)
            {
                await DoneAsync(message, OutboxOutcome.Dropped, null, cancellationToken);
                return;
            }

            await _mailer.SendAsync(letter, IdOf(message), cancellationToken);
            // Even when the server stops now: it was accepted.
            await DoneAsync(message, OutboxOutcome.Sent, null, CancellationToken.None);
            _failure = null;
        }
        catch (LetterRefusedException e)
        {
            span.Fail(e);
            Log.Refused(_log, message.Kind, e.Message);
            await DoneAsync(message, OutboxOutcome.Refused, e.Message, cancellationToken);
        }
        catch (MailServerException e)
        {
            span.Fail(e);
            await _outbox.LaterAsync(message, e.Message, cancellationToken);
            throw;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            span.Fail(e);
            // Others can be sent: only this one cannot be composed, such as while the figures' database is away.
            Log.NotComposed(_log, e, message.Kind);
            await _outbox.LaterAsync(message, e.Message, cancellationToken);
        }
    }

    private Task DoneAsync(OutboxMessage message, OutboxOutcome outcome, string? problem, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _outcomes[(int)outcome]);
        return _outbox.DoneAsync(message, outcome, problem, cancellationToken);
    }

    // The key may hold an address, which is nobody else's business.
    private static string IdOf(OutboxMessage message) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{message.Key} {message.CreatedAt:O}")).AsSpan(0, 16));

    private void SayFailed(Exception failure)
    {
        if (_failure == failure.Message)
        {
            return;
        }

        _failure = failure.Message;
        if (failure is MailServerException or System.Data.Common.DbException)
        {
            Log.Failed(_log, failure.Message);
        }
        else
        {
            Log.Unexpected(_log, failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Mail cannot be sent and is tried again every minute: {Reason}. 'bioscope mail test ADDRESS' says more")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Error, "Sending mail failed and is tried again every minute")]
        public static partial void Unexpected(ILogger logger, Exception exception);

        [LoggerMessage(LogLevel.Warning, "A mail of kind {Kind} was refused for good: {Reason}")]
        public static partial void Refused(ILogger logger, string kind, string reason);

        [LoggerMessage(LogLevel.Error, "A mail of kind {Kind} could not be written and is tried again later")]
        public static partial void NotComposed(ILogger logger, Exception exception, string kind);
    }
}
