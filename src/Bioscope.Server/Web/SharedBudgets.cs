using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Engine;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>
/// What the instances together have granted of callers' limits (<see cref="BudgetShares"/>). Whatever requests wait for goes in one statement, and
/// there is one at a time. Where it is not answered within a second, each instance counts by itself, without asking, until the database answers
/// again: limits become looser then, and nobody is refused or kept waiting (decision 0037).
/// </summary>
internal sealed partial class SharedBudgets(
    Settings settings, MainDatabase main, InstanceCount count, ILogger<SharedBudgets> log) : BackgroundService
{
    private const int MaxInStatement = 256;

    // More callers at once than this are counted by each instance alone.
    private const int MaxAsked = 4_096;

    // Real time even under a test's clock: the other instances and the database are in real time.
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, BudgetLease> _asked = [];
    private readonly Queue<BudgetLease> _toSend = new();
    private bool _isSending;
    private volatile ServerTime _serverTime = new(Clock.GetUtcNow(), Clock.GetTimestamp());
    private int _room = SharedBudgetTable.MaxRows / 2;
    private volatile bool _isAway;

    // With a secret of the installation, so that nobody can find two callers with the same hash, or the caller of a hash.
    private readonly byte[] _key = settings.VisitorSecret.Length > 0
        ? HMACSHA256.HashData(Encoding.UTF8.GetBytes(settings.VisitorSecret), "bioscope throttle"u8) : RandomNumberGenerator.GetBytes(32);

    /// <summary>How often rows that expired are removed, and how long it takes at most until a database that answers again is used.</summary>
    public TimeSpan SweepEvery { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request, and a statement, waits for the database, in real time even when the server's clock is a test's.</summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many instances share limits now; 1 where each counts by itself.</summary>
    public int Instances => _isAway ? 1 : count.Value;

    /// <summary>The time by the database server's clock, as it was told last.</summary>
    public DateTimeOffset Now
    {
        get
        {
            var known = _serverTime;
            return known.Time + Clock.GetElapsedTime(known.At);
        }
    }

    /// <summary>When the common window ends that is running now: windows of a length are one after the other since 1970.</summary>
    public DateTimeOffset EndOf(TimeSpan length, TimeSpan phase)
    {
        var since = (Now - DateTimeOffset.UnixEpoch + phase).Ticks;
        return DateTimeOffset.UnixEpoch.AddTicks((since / length.Ticks * length.Ticks) + length.Ticks - phase.Ticks);
    }

    /// <summary>A caller as 16 bytes.</summary>
    public UInt128 Hash(string text, UInt128 more = default)
    {
        var bytes = new byte[48 + Encoding.UTF8.GetMaxByteCount(text.Length)];
        _key.CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(32), more);
        var length = 48 + Encoding.UTF8.GetBytes(text, bytes.AsSpan(48));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.AsSpan(0, length), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>The key of a caller's budget on a route.</summary>
    public UInt128 KeyOf(string route, UInt128 caller) => Hash("caller " + route, caller);

    /// <summary>The key of a network's budget on a route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="key">See <see cref="ThrottledCaller.KeyOf"/>.</param>
    public UInt128 KeyOfNetwork(string route, UInt128 key) => Hash("network " + route, key);

    /// <summary>How long a request may wait that begins to wait now.</summary>
    public long Deadline() => Clock.GetTimestamp() + (long)(MaxWait.TotalSeconds * Clock.TimestampFrequency);

    /// <summary>Asks the other instances, and waits for their answer.</summary>
    /// <returns>False when this instance must decide by itself.</returns>
    public async Task<bool> AskAsync(IReadOnlyList<BudgetLease> leases, long deadline)
    {
        var left = Clock.GetElapsedTime(Clock.GetTimestamp(), deadline);
        if (left <= TimeSpan.Zero || Join(leases) is not { } answers)
        {
            return false;
        }

        try
        {
            return Array.TrueForAll(await Task.WhenAll(answers).WaitAsync(left, Clock), isApplied => isApplied);
        }
        catch (TimeoutException e)
        {
            GoAway(e);
            return false;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(SweepEvery, Clock, stoppingToken);
            if (count.Value <= 1)
            {
                continue;
            }

            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                patience.CancelAfter(MaxWait);
                var sent = Clock.GetTimestamp();
                var (rows, time) = await SharedBudgetTable.SweepAsync(main, patience.Token);
                _serverTime = new ServerTime(time, sent);
                lock (_lock)
                {
                    _room = (SharedBudgetTable.MaxRows - rows) / count.Value;
                }

                if (_isAway)
                {
                    _isAway = false;
                    Log.Back(log);
                }
            }
            catch (Exception e) when (e.IsFailure(stoppingToken))
            {
                GoAway(e);
            }
        }
    }

    /// <returns>Null when there is no room for them.</returns>
    private Task<bool>[]? Join(IReadOnlyList<BudgetLease> leases)
    {
        var answers = new Task<bool>[leases.Count];
        lock (_lock)
        {
            for (var i = 0; i < answers.Length; i++)
            {
                if (_asked.TryGetValue(leases[i].Key, out var known))
                {
                    known.Waiting++;
                    answers[i] = known.Done;
                    continue;
                }

                if (_asked.Count >= MaxAsked || (leases[i].IsFirst && --_room < 0))
                {
                    return null;
                }

                _asked.Add(leases[i].Key, leases[i]);
                _toSend.Enqueue(leases[i]);
                answers[i] = leases[i].Done;
            }

            if (!_isSending && _toSend.Count > 0)
            {
                _isSending = true;
                // Outside of this request's context: log lines would carry its id.
                using (ExecutionContext.SuppressFlow())
                {
                    _ = Task.Run(SendAsync);
                }
            }
        }

        return answers;
    }

    private async Task SendAsync()
    {
        while (Next() is { Count: > 0 } leases)
        {
            var isApplied = false;
            try
            {
                using var patience = new CancellationTokenSource(MaxWait, Clock);
                var sent = Clock.GetTimestamp();
                var (answers, time) = await SharedBudgetTable.AddAsync(main, leases, patience.Token);
                // As if no time had passed on the way: rather too late than too early, so that nothing is used after its window.
                _serverTime = new ServerTime(time, sent);
                answers.ForEach(answer => answer.Lease.Apply(answer.Taken, answer.EndsAt - Now));
                isApplied = true;
            }
            catch (Exception e)
            {
                GoAway(e);
            }

            lock (_lock)
            {
                leases.ForEach(lease => _asked.Remove(lease.Key));
            }

            leases.ForEach(lease => lease.End(isApplied));
        }
    }

    private List<BudgetLease> Next()
    {
        var leases = new List<BudgetLease>();
        lock (_lock)
        {
            while (leases.Count < MaxInStatement && _toSend.TryDequeue(out var lease))
            {
                lease.Decide();
                leases.Add(lease);
            }

            _isSending = leases.Count > 0;
        }

        return leases;
    }

    private void GoAway(Exception why)
    {
        if (!_isAway)
        {
            _isAway = true;
            Log.Away(log, why is OperationCanceledException or TimeoutException ? "it did not answer within a second" : why.Message);
        }
    }

    private sealed record ServerTime(DateTimeOffset Time, long At);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning,
            "Limits are not shared with the other instances until the database answers again; each instance counts by itself: {Reason}")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Information, "Limits are shared with the other instances again")]
        public static partial void Back(ILogger logger);
    }
}
