using System.Text.Json.Nodes;
using Bioscope.Engine.Storage;
using Bioscope.Server.Mail;

namespace Bioscope.Server.Tests;

/// <summary>When a message is due, who gets it, and when it is forgotten. <see cref="MailTests"/> sends some.</summary>
public sealed class OutboxTests : IAsyncLifetime
{
    private readonly InProcessCli _cli = new();
    private readonly TestClock _clock = new(TestApp.Start);
    private MainDatabase _main = null!;
    private Outbox _outbox = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _cli.SucceedAsync("migrate");
        _main = _cli.OpenMain();
        _outbox = new Outbox(_main, _clock);
    }

    [Fact]
    public async Task A_message_is_tried_again_after_1_5_15_60_and_240_minutes()
    {
        await AddAsync("key", TimeSpan.FromDays(7));
        foreach (var (minutes, attempt) in ((int[])[1, 5, 15, 60, 240, 240]).Select((minutes, i) => (minutes, i + 1)))
        {
            var message = (await _outbox.TakeAsync("test", Cancelled))!;
            Assert.Equal(attempt, message.Attempts);
            await _outbox.LaterAsync(message, "busy", Cancelled);
            _clock.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromMilliseconds(1));
            Assert.Null(await _outbox.TakeAsync("test", Cancelled));
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(7, (await _outbox.TakeAsync("test", Cancelled))!.Attempts);
    }

    [Fact]
    public async Task The_one_that_is_due_first_is_taken_first()
    {
        await AddAsync("b");
        await AddAsync("a");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await AddAsync("0");

        Assert.Equal(["a", "b", "0"], [await TakenAsync(), await TakenAsync(), await TakenAsync()]);
        Assert.Null(await TakenAsync());
    }

    [Fact]
    public async Task A_channel_gets_no_message_of_another()
    {
        await AddAsync("key");

        Assert.Null(await _outbox.TakeAsync("other", Cancelled));
        _clock.Advance(TimeSpan.FromDays(30));
        Assert.Null(await _outbox.TakeAsync("other", Cancelled));
        Assert.Null(await OutcomeAsync("key")); // and does not end it
    }

    [Fact]
    public async Task A_message_ends_when_it_is_of_no_use_any_more()
    {
        await AddAsync("key", TimeSpan.FromMinutes(10));
        await AddAsync("longer", TimeSpan.FromMinutes(11));

        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("longer", await TakenAsync());
        Assert.Equal("expired {}", await OutcomeAsync("key"));
        Assert.Null(await OutcomeAsync("longer"));
    }

    [Fact]
    public async Task What_a_message_said_is_forgotten_when_it_is_done_and_its_key_is_not()
    {
        await AddAsync("key");
        var message = (await _outbox.TakeAsync("test", Cancelled))!;
        Assert.Equal("""{"secret":1}""", message.Data);

        await _outbox.DoneAsync(message, OutboxOutcome.Refused, "no such mailbox", Cancelled);
        Assert.Equal("refused {}", await OutcomeAsync("key"));
        // Who was slower changes nothing: neither how it ended nor when it is due.
        await _outbox.DoneAsync(message, OutboxOutcome.Sent, null, Cancelled);
        await _outbox.LaterAsync(message, "busy", Cancelled);
        Assert.Equal("refused {}", await OutcomeAsync("key"));
        Assert.Equal(0, await AddAsync("key"));

        _clock.Advance(Outbox.KeptFor);
        await _outbox.DeleteOldAsync(Cancelled);
        Assert.Equal(0, await AddAsync("key"));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await _outbox.DeleteOldAsync(Cancelled);
        Assert.Equal(1, await AddAsync("key"));
    }

    [Fact]
    public async Task A_message_that_is_still_of_use_is_kept_however_old_it_is()
    {
        await AddAsync("key", Outbox.KeptFor + TimeSpan.FromDays(1));

        _clock.Advance(Outbox.KeptFor + TimeSpan.FromHours(1));
        await _outbox.DeleteOldAsync(Cancelled);
        Assert.Equal("key", await TakenAsync());
    }

    [Fact]
    public async Task Who_asks_again_within_the_time_gets_no_second_mail()
    {
        _clock.StepTo(new DateTimeOffset(2026, 4, 15, 12, 0, 30, TimeSpan.Zero));
        foreach (var (seconds, whom, expected) in ((int, string, int)[])[(0, "anna", 1), (0, "anna", 1), (0, "ben", 2), (29, "anna", 2), (1, "anna", 3)])
        {
            _clock.Advance(TimeSpan.FromSeconds(seconds));
            await _outbox.AskAsync("kind", whom, TimeSpan.FromMinutes(1), new JsonObject(), TimeSpan.FromHours(1), Cancelled);
            Assert.Equal(expected, (await _main.QueryAsync("""SELECT COUNT(*) FROM "Outbox" """, row => row.GetInt32(0), Cancelled))[0]);
        }
    }

    [Fact]
    public async Task Whoever_waits_wakes_when_a_message_is_written_or_the_time_is_over()
    {
        var added = _outbox.Added;
        var waiting = _outbox.WaitAsync(added, TimeSpan.FromMinutes(1), Cancelled);
        await AddAsync("key");
        await waiting.WaitAsync(Patience.Limit, Cancelled);

        // A key that is known wakes nobody, and the next wait is for the next message.
        waiting = _outbox.WaitAsync(_outbox.Added, TimeSpan.FromMinutes(1), Cancelled);
        await AddAsync("key");
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await waiting.WaitAsync(Patience.Limit, Cancelled);

        using var stop = new CancellationTokenSource();
        waiting = _outbox.WaitAsync(_outbox.Added, TimeSpan.FromMinutes(1), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    public async ValueTask DisposeAsync()
    {
        await _main.DisposeAsync();
        _cli.Dispose();
    }

    private Task<int> AddAsync(string key, TimeSpan? life = null) =>
        _outbox.AddAsync([_outbox.New("test", "kind", key, """{"secret":1}""", life ?? TimeSpan.FromHours(1))], Cancelled);

    private async Task<string?> TakenAsync() => (await _outbox.TakeAsync("test", Cancelled))?.Key;

    private async Task<string?> OutcomeAsync(string key) => (await _main.QueryAsync(
        """SELECT "outcome" || ' ' || "data" FROM "Outbox" WHERE "key" = @key""", row => row.IsDBNull(0) ? null : row.GetString(0), Cancelled, ("@key", key)))[0];
}
