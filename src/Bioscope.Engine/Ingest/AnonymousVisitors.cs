using System.Data.Common;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Distinguishes visitors without storing anything in their browsers, by a keyed hash of address, user agent and page. Each UTC day has
/// its own random key, which is destroyed afterwards. A visitor has one hash per page and day, so visits cannot be linked across days or
/// pages.
/// </summary>
internal sealed partial class AnonymousVisitors(
    IngestOptions options, MainDatabase main, AnalyticsDatabase analytics, TimeProvider clock,
    ILogger<AnonymousVisitors> log) : BackgroundService
{
    private const int SecretBytes = 32;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private const string SecretSql = """
        -- daily secret
        SELECT "secret" FROM "DailySecret" WHERE "day" = @day
        """;

    // Of several instances, the first one creates it.
    private const string MakeSecretSql = """
        -- make daily secret
        INSERT INTO "DailySecret" ("day", "secret") VALUES (@day, @secret) ON CONFLICT DO NOTHING
        """;

    private const string OtherSecretsSql = """
        -- other daily secrets
        SELECT "day" FROM "DailySecret" WHERE "day" <> @day
        """;

    private const string DestroySecretsSql = """
        -- destroy daily secrets
        DELETE FROM "DailySecret" WHERE "day" <> @day
        """;

    private const string OldVisitsSql = """
        -- pages with old anonymous visits
        SELECT DISTINCT "bioPageId" FROM "AnonymousVisit" WHERE "startedAt" < @midnight
        """;

    private const string ForgetVisitsSql = """
        -- forget anonymous visits
        DELETE FROM "AnonymousVisit" WHERE "bioPageId" = @page AND "startedAt" < @midnight
        """;

    private DailySecret? _secret;
    private int _forgottenUntil = -1; // the day
    private bool _hasToErase;
    private readonly SemaphoreSlim _forgetting = new(1);

    /// <summary>
    /// The visitor's hash for today: 64 lower-case hexadecimal characters, in the format of <see cref="Core.VisitorHash"/>.
    /// </summary>
    /// <exception cref="DbException">The first visit of a day needs the main database, and it is unavailable.</exception>
    public async Task<string> HashAsync(IPAddress address, string userAgent, Guid page, CancellationToken cancellationToken)
    {
        var day = DayOf(clock.GetUtcNow());
        var secret = Volatile.Read(ref _secret);
        if (secret?.Day != day)
        {
            secret = new DailySecret(day, await ReadOrMakeAsync(day, cancellationToken));
            Volatile.Write(ref _secret, secret);
        }

        return Hash(secret.Key, address, userAgent, page);
    }

    /// <summary>HMAC-SHA256 of page, address (16 bytes, IPv4-mapped) and user agent.</summary>
    internal static string Hash(byte[] key, IPAddress address, string userAgent, Guid page)
    {
        var message = new byte[32 + Encoding.UTF8.GetByteCount(userAgent)];
        page.TryWriteBytes(message, bigEndian: true, out _);
        address.MapToIPv6().TryWriteBytes(message.AsSpan(16), out _);
        Encoding.UTF8.GetBytes(userAgent, message.AsSpan(32));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, message));
    }

    /// <summary>Runs at start-up and after the end of each day, even if visitors are now asked for consent.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ForgetAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.NotForgotten(log, e.Message); // it is retried
            }

            await Task.Delay(Interval, clock, stoppingToken);
        }
    }

    /// <summary>Destroys all secrets except today's, and forgets which visits of earlier days could be continued.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        await _forgetting.WaitAsync(cancellationToken);
        try
        {
            var now = clock.GetUtcNow();
            if (DayOf(now) != _forgottenUntil)
            {
                await ForgetBeforeAsync(now, cancellationToken);
            }
        }
        finally
        {
            _forgetting.Release();
        }
    }

    public override void Dispose()
    {
        _forgetting.Dispose();
        base.Dispose();
    }

    private async Task ForgetBeforeAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var today = DayOf(now);

        var kept = options.CountsAnonymously ? today : -1;
        if (Volatile.Read(ref _secret) is { } known && known.Day != kept)
        {
            Volatile.Write(ref _secret, null);
        }

        // Check first, so that a server with nothing to forget writes nothing.
        if ((await main.QueryAsync(OtherSecretsSql, _ => true, cancellationToken, ("@day", kept))).Count > 0)
        {
            await main.ExecuteAsync(DestroySecretsSql, cancellationToken, ("@day", kept));
            _hasToErase = true;
        }

        if (_hasToErase && !await main.EraseDeletedAsync("DailySecret", cancellationToken))
        {
            return; // a reader is using the log; retried in a minute
        }

        _hasToErase = false;

        var midnight = Grain.Day.Floor(now);
        foreach (var page in await analytics.QueryAsync(
            OldVisitsSql, row => analytics.Dialect.ReadGuid(row, 0), cancellationToken, ("@midnight", midnight)))
        {
            await analytics.ExecuteAsync(ForgetVisitsSql, cancellationToken, ("@page", page), ("@midnight", midnight));
        }

        _forgottenUntil = today;
    }

    private async Task<byte[]> ReadOrMakeAsync(int day, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (await main.QueryAsync(
                SecretSql, row => row.GetFieldValue<byte[]>(0), cancellationToken, ("@day", day)) is [{ Length: SecretBytes } known])
            {
                return known;
            }

            if (attempt > 0)
            {
                throw new InvalidOperationException(
                    $"The secret of day {day} in \"DailySecret\" is damaged, so anonymous visits cannot be counted. To fix: delete its " +
                    "row.");
            }

            await main.ExecuteAsync(
                MakeSecretSql, cancellationToken, ("@day", day), ("@secret", RandomNumberGenerator.GetBytes(SecretBytes)));
        }
    }

    private static int DayOf(DateTimeOffset instant) => (int)(instant.ToUnixTimeSeconds() / 86_400);

    private sealed record DailySecret(int Day, byte[] Key);

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "The secrets of earlier days, used for anonymous visitors, could not be deleted. The server tries again: {Reason}")]
        public static partial void NotForgotten(ILogger logger, string reason);
    }
}
