using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Engine;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Operations;

/// <summary>
/// The servers that run on one database. Each says so in a row of its own. One whose secrets differ from another's does not start: visitors
/// would count twice, and links and tokens of one would be refused by the other, without a word. The row of the last one stays: by it
/// <see cref="KnownSecrets"/> sees that secrets were lost.
/// </summary>
internal sealed partial class Instances(
    Settings settings, MainDatabase main, AnalyticsDatabase analytics, InstanceCount count, TimeProvider clock, ILogger<Instances> log)
    : BackgroundService
{
    /// <summary>After this time without a sign an instance is gone.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private const string AddSql = """
        -- add instance
        INSERT INTO "Instance" ("id", "name", "startedAt", "seenAt", "secrets", "connections") VALUES (@id, @name, @now, @now, @secrets, @connections)
        ON CONFLICT ("id") DO UPDATE SET "seenAt" = excluded."seenAt"
        """;

    private const string LeaveSql = """
        -- instance stops
        UPDATE "Instance" SET "seenAt" = @gone WHERE "id" = @id AND "seenAt" > @gone
        """;

    private const string RemoveSql = """
        -- remove old instances
        DELETE FROM "Instance" WHERE "id" <> @id AND "seenAt" < @before
        """;

    private const string ReadSql = """
        -- instances
        SELECT "name", "secrets", "connections", "seenAt" FROM "Instance" WHERE "seenAt" >= @since ORDER BY "startedAt"
        """;

    private const string LastSql = """
        -- last instance
        SELECT "name", "secrets", "connections", "seenAt" FROM "Instance" ORDER BY "seenAt" DESC, "startedAt" DESC LIMIT 1
        """;

    private const string ForgetSql = """
        -- forget instances
        DELETE FROM "Instance"
        """;

    private const string Set = " set";

    private readonly Guid _id = Guid.NewGuid();

    /// <summary>The instances that were seen lately.</summary>
    public static Task<List<Instance>> ReadAsync(MainDatabase main, DateTimeOffset now, CancellationToken cancellationToken) =>
        main.QueryAsync(ReadSql, row => Of(main, row), cancellationToken, ("@since", now - MaxSilence));

    /// <summary>The one that was seen last, running or not; null where none ever was.</summary>
    public static async Task<Instance?> LastAsync(MainDatabase main, CancellationToken cancellationToken) =>
        await main.QueryAsync(LastSql, row => Of(main, row), cancellationToken) is [var last] ? last : null;

    /// <summary>Forgets with which secrets the database was used.</summary>
    public static Task ForgetAsync(MainDatabase main, CancellationToken cancellationToken) =>
        main.ExecuteAsync(ForgetSql, cancellationToken);

    /// <summary>What <see cref="SecretsOf"/> says of a secret that an instance does not have.</summary>
    public static string Without(string name) => $"{name}={Hash("")}";

    /// <summary>How many connections one instance may open: both pools, and one that hears of the visits of others. 0 for files.</summary>
    public static int ConnectionsOf(MainDatabase main, AnalyticsDatabase analytics) =>
        main.MaxConnections + analytics.MaxConnections is > 0 and var pools ? pools + 1 : 0;

    /// <summary>The short hashes of the secrets by which instances are compared.</summary>
    public static string SecretsOf(Settings settings)
    {
        return string.Join(
            '\n',
            $"Tracking:VisitorSecret={Hash(settings.VisitorSecret)}", // never changes, however it came
            Of("Tracking:HmacSecret", settings.HmacSecret), Of("Auth:JwtSecret", settings.JwtSecret), Of("Proof:SigningKey", settings.ProofKey));

        // What the operator sets may be changed: then old and new instances are beside each other for a while.
        string Of(string name, string secret) => $"{name}={Hash(secret)}{(settings.KeptSecrets.Contains(name) ? "" : Set)}";
    }

    private static string Hash(string secret) => Convert.ToHexStringLower(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), "bioscope instance"u8).AsSpan(0, 4));

    /// <summary>Why nothing goes on beside an instance with other secrets.</summary>
    public static string Refusal(Instance other, IReadOnlyList<string> names, Settings settings) =>
        $"{other.Name} runs on the same database with another {string.Join(" and ", names)}, so this does not start: visitors would count " +
        $"twice, and what one signs the other would refuse. Give both the same secrets: copy {Secrets.FileOf(settings)} and the file " +
        $"proof-key beside it from one to the other, or set them. If that server is gone, try again {MaxSilence.TotalSeconds:0} seconds after its end.";

    /// <exception cref="SettingsException">Another instance has other secrets.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var other in await ReadAsync(main, now, cancellationToken))
        {
            if (Difference(other.Secrets, SecretsOf(settings)) is { Count: > 0 } names)
            {
                throw new SettingsException([Refusal(other, names, settings)]);
            }
        }

        await TrySayAsync(cancellationToken); // on a full disk reports are still answered
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await LeaveAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.NotSaid(log, e.Message); // it is forgotten by itself
        }
    }

    /// <summary>Which secrets differ; one that was set on both may.</summary>
    public static IReadOnlyList<string> Difference(string one, string other) =>
    [
        .. one.Split('\n').Zip(other.Split('\n'))
            .Where(pair => ValueOf(pair.First) != ValueOf(pair.Second) && !(IsSet(pair.First) && IsSet(pair.Second)))
            .Select(pair => pair.First.Split('=')[0]),
    ];

    /// <summary>Which secrets are others than an earlier instance had, unless they are set: then the operator changes them.</summary>
    public static IReadOnlyList<string> Lost(string earlier, string now) =>
    [
        .. earlier.Split('\n').Zip(now.Split('\n')).Where(pair => ValueOf(pair.First) != ValueOf(pair.Second) && !IsSet(pair.Second))
            .Select(pair => pair.First.Split('=')[0]),
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken);
            await TrySayAsync(stoppingToken);
        }
    }

    private async Task TrySayAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SayAsync(cancellationToken);
            // A SQLite file is one server's, whatever is beside it for a moment.
            count.Value = main.MaxConnections > 0 ? (await ReadAsync(main, clock.GetUtcNow(), cancellationToken)).Count : 1;
        }
        catch (Exception e) when (e.IsFailure(cancellationToken))
        {
            Log.NotSaid(log, e.Message);
        }
    }

    private static bool IsSet(string secret) => secret.EndsWith(Set, StringComparison.Ordinal);

    // The same one may be set here and be in a file there.
    private static string ValueOf(string secret) => IsSet(secret) ? secret[..^Set.Length] : secret;

    private static Instance Of(MainDatabase main, DbDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetInt32(2), main.Dialect.ReadInstant(row, 3));

    private Task<int> SayAsync(CancellationToken cancellationToken) => main.ExecuteAsync(
        AddSql, cancellationToken,
        ("@id", _id), ("@name", string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName} (process {Environment.ProcessId})")),
        ("@now", clock.GetUtcNow()), ("@secrets", SecretsOf(settings)),
        ("@connections", ConnectionsOf(main, analytics)));

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        var gone = clock.GetUtcNow() - MaxSilence - TimeSpan.FromMilliseconds(1);
        await main.ExecuteAsync(LeaveSql, cancellationToken, ("@id", _id), ("@gone", gone));
        await main.ExecuteAsync(RemoveSql, cancellationToken, ("@id", _id), ("@before", gone - TimeSpan.FromDays(1)));
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "This instance could not say that it runs; it tries again in 30 seconds: {Reason}")]
        public static partial void NotSaid(ILogger logger, string reason);
    }
}

/// <summary>A server that runs on the database.</summary>
/// <param name="Name">Its machine and process.</param>
/// <param name="Secrets">See <see cref="Instances.SecretsOf"/>.</param>
/// <param name="Connections">How many connections it may open.</param>
/// <param name="SeenAt">When it was seen last.</param>
internal sealed record Instance(string Name, string Secrets, int Connections, DateTimeOffset SeenAt);
