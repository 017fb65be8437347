using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Bioscope.Engine;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Mail;

/// <summary>
/// What is to be sent, in the main database, so that no crash forgets it and several instances send it once: a message is written under a
/// key, so the second who writes it changes nothing, and who tries to send it first moves its due time on, so nobody else tries. Only who is
/// killed between the mail server's answer and the row's mark lets it be sent again, minutes later and with the same id.
/// </summary>
internal sealed class Outbox(MainDatabase main, TimeProvider clock)
{
    private const string IsDueSql = """
        -- is message due
        SELECT 1 FROM "Outbox" WHERE "channel" = @channel AND "doneAt" IS NULL AND "dueAt" <= @now LIMIT 1
        """;

    private const string ExpireSql = """
        -- expire messages
        UPDATE "Outbox" SET "doneAt" = @now, "outcome" = 'expired', "data" = '{}' WHERE "channel" = @channel AND "doneAt" IS NULL AND "expiresAt" <= @now
        """;

    // Who waits for the row of another instance finds it no longer due.
    private const string TakeSql = """
        -- take message
        UPDATE "Outbox" SET "dueAt" = @lease, "attempts" = "attempts" + 1
        WHERE "key" = (
          SELECT "key" FROM "Outbox" WHERE "channel" = @channel AND "doneAt" IS NULL AND "dueAt" <= @now ORDER BY "dueAt", "key" LIMIT 1 {skipLocked})
          AND "doneAt" IS NULL AND "dueAt" <= @now
        RETURNING "key", "kind", "data", "createdAt", "expiresAt", "attempts"
        """;

    private const string DoneSql = """
        -- message done
        UPDATE "Outbox" SET "doneAt" = @now, "outcome" = @outcome, "problem" = @problem, "data" = '{}' WHERE "key" = @key AND "doneAt" IS NULL
        """;

    private const string LaterSql = """
        -- message later
        UPDATE "Outbox" SET "dueAt" = @due, "problem" = @problem WHERE "key" = @key AND "doneAt" IS NULL
        """;

    private const string DeleteOldSql = """
        -- remove old messages
        DELETE FROM "Outbox" WHERE "createdAt" < @until AND "expiresAt" < @now
        """;

    /// <summary>Longer than it takes to send one: until then an instance that was killed has it.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(3);

    /// <summary>How long a key is known: longer than the month of a monthly report.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(70);

    // After the first failure, the second, …: the last one is repeated.
    private static readonly TimeSpan[] Waits =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(4)];

    // Completed, and replaced, when this instance writes a message.
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Writes messages; those whose key is known are left as they are.</summary>
    /// <returns>How many are new.</returns>
    public async Task<int> AddAsync(IReadOnlyList<OutboxMessage> messages, CancellationToken cancellationToken)
    {
        var added = await main.InsertAsync(OutboxMessage.Table, messages, cancellationToken);
        if (added > 0)
        {
            Interlocked.Exchange(ref _added, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }

        return added;
    }

    /// <summary>A message that is due now.</summary>
    public OutboxMessage New(string channel, string kind, string key, string data, TimeSpan life)
    {
        var now = clock.GetUtcNow();
        return new OutboxMessage(key, channel, kind, data, now, now, now + life);
    }

    /// <summary>Writes a mail that somebody asks for; whoever asks again within some time gets no second one.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="whom">Who gets it, as a text without an address.</param>
    /// <param name="between">The time.</param>
    /// <param name="data">For who composes it.</param>
    /// <param name="life">From when on it is of no use.</param>
    /// <param name="cancellationToken">Cancels writing.</param>
    public Task AskAsync(
        string kind, string whom, TimeSpan between, JsonObject data, TimeSpan life, CancellationToken cancellationToken)
    {
        var slot = clock.GetUtcNow().ToUnixTimeSeconds() / (long)between.TotalSeconds;
        var key = string.Create(CultureInfo.InvariantCulture, $"{kind}:{whom}:{slot}");
        return AddAsync([New(MailService.Channel, kind, key, data.ToJsonString(), life)], cancellationToken);
    }

    /// <summary>Completed when this instance writes a message from now on.</summary>
    public Task Added => Volatile.Read(ref _added).Task;

    /// <summary>Waits until this instance writes a message, or for some time: others write them too.</summary>
    /// <param name="added"><see cref="Added"/>, taken before it was looked for messages.</param>
    /// <param name="time">How long.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WaitAsync(Task added, TimeSpan time, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Task.Delay(time, clock, either.Token), added);
        await either.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Takes the message that is due first; it is ours for <see cref="Lease"/>.</summary>
    /// <returns>Null when none is due.</returns>
    public async Task<OutboxMessage?> TakeAsync(string channel, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        // Almost always there is none, and looking does not write.
        if (await main.QueryAsync(IsDueSql, _ => true, cancellationToken, ("@channel", channel), ("@now", now)) is [])
        {
            return null;
        }

        await main.ExecuteAsync(ExpireSql, cancellationToken, ("@channel", channel), ("@now", now));
        // In a transaction, which is not repeated when it is unknown whether the message was taken.
        var taken = await main.TransactAsync(
            "take message",
            transaction => main.Dialect.QueryAsync(
                transaction,
                TakeSql,
                row => new OutboxMessage(
                    row.GetString(0), channel, row.GetString(1), row.GetString(2), main.Dialect.ReadInstant(row, 3), now, main.Dialect.ReadInstant(row, 4))
                {
                    Attempts = row.GetInt32(5),
                },
                cancellationToken,
                ("@channel", channel), ("@now", now), ("@lease", now + Lease)),
            cancellationToken);
        return taken is [var message] ? message : null;
    }

    /// <summary>Marks a message as done: it is not tried again, and what it said is forgotten.</summary>
    public Task DoneAsync(OutboxMessage message, OutboxOutcome outcome, string? problem, CancellationToken cancellationToken) => main.ExecuteAsync(
        DoneSql, cancellationToken, ("@key", message.Key), ("@now", clock.GetUtcNow()),
        ("@outcome", outcome.ToString().ToLowerInvariant()), ("@problem", problem));

    /// <summary>Tries a message again later: after a minute, then five, fifteen, an hour, and every four hours.</summary>
    public Task LaterAsync(OutboxMessage message, string problem, CancellationToken cancellationToken) => main.ExecuteAsync(
        LaterSql, cancellationToken, ("@key", message.Key),
        ("@due", clock.GetUtcNow() + Waits[Math.Clamp(message.Attempts, 1, Waits.Length) - 1]), ("@problem", problem));

    /// <summary>Removes messages that nobody will write again.</summary>
    public Task DeleteOldAsync(CancellationToken cancellationToken) => main.ExecuteAsync(
        DeleteOldSql, cancellationToken, ("@until", clock.GetUtcNow() - KeptFor), ("@now", clock.GetUtcNow()));
}

/// <summary>How a message ended.</summary>
internal enum OutboxOutcome
{
    Sent,

    /// <summary>There was nothing to send any more, or nobody to send it to.</summary>
    Dropped,

    /// <summary>The receiver refuses it for good.</summary>
    Refused,

    /// <summary>It could not be sent while it was of use.</summary>
    Expired,
}

/// <summary>A message to be sent.</summary>
/// <param name="Key">Names it, for whoever writes it.</param>
/// <param name="Channel">What it is sent by.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Data">JSON for who composes it.</param>
/// <param name="CreatedAt">When it was written.</param>
/// <param name="DueAt">When it is tried.</param>
/// <param name="ExpiresAt">From when on it is of no use.</param>
internal sealed record OutboxMessage(
    string Key, string Channel, string Kind, string Data, DateTimeOffset CreatedAt, DateTimeOffset DueAt, DateTimeOffset ExpiresAt)
{
    /// <summary>How often it was tried, with this time.</summary>
    public int Attempts { get; init; }

    /// <summary>The span of sending it.</summary>
    public Activity? StartSpan(string name) =>
        Spans.StartWork(name)?.SetTag("bioscope.message.kind", Kind).SetTag("bioscope.message.attempt", Attempts);

    public static Table<OutboxMessage> Table { get; } = new(
        "Outbox",
        new("key", ColumnType.Text, row => row.Key),
        new("channel", ColumnType.Text, row => row.Channel),
        new("kind", ColumnType.Text, row => row.Kind),
        new("data", ColumnType.Text, row => row.Data),
        new("createdAt", ColumnType.Instant, row => row.CreatedAt),
        new("dueAt", ColumnType.Instant, row => row.DueAt),
        new("expiresAt", ColumnType.Instant, row => row.ExpiresAt),
        new("attempts", ColumnType.Integer, row => row.Attempts));
}
