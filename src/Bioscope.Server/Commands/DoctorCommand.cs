using System.Data.Common;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;
using Bioscope.Server.Configuration;
using Bioscope.Server.Geo;
using Bioscope.Server.Mail;
using Bioscope.Server.Operations;
using Bioscope.Server.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope doctor</c>: checks settings, databases and schema, says how to fix each problem, and exits with 1 if there is one.
/// </summary>
internal sealed class DoctorCommand(Settings settings, CancellationToken cancellationToken)
{
    // The part of the published schema that reports read.
    private static readonly (string Table, string[] Columns)[] MainTables =
    [
        ("CreatorProfile", ["id", "userId"]),
        ("BioPage", ["id", "creatorId"]),
        ("BioLink", ["id", "bioPageId", "title", "url"]),
    ];

    private static readonly (string Table, string[] Columns)[] AnalyticsTables =
    [
        ("AnalyticsSession", ["id", "bioPageId", "visitorId", "referrerDomain", "country", "device", "startedAt", "duration", "pageViews", "bounced"]),
        ("AnalyticsPageView", ["id", "sessionId", "bioPageId", "enteredAt", "linkClicked"]),
    ];

    private const string MaxConnectionsSql = """
        -- allowed connections
        SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        """;

    private readonly TimeProvider _clock = TimeProvider.System;
    private int _problems;

    public static Task<int> RunAsync(IReadOnlyDictionary<string, string?> given, CancellationToken cancellationToken) =>
        new DoctorCommand(Settings.Load(given), cancellationToken).RunAsync();

    private async Task<int> RunAsync()
    {
        Good("settings: all known and valid");
        CheckDataFolder();
        await CheckSecretsAsync();
        CheckProxies();
        SayCountries();
        await CheckAuthorityAsync();
        await CheckMailAsync();
        CheckOtlp();
        await using var main = new MainDatabase(settings.MainConnection, readOnly: true);
        await CheckAsync(main, MainTables);
        await using var analytics = new AnalyticsDatabase(settings.AnalyticsConnection, readOnly: true);
        await CheckAsync(analytics, AnalyticsTables);
        await CheckInstancesAsync(main, analytics);
        Console.WriteLine(_problems == 0 ? "No problems found." : _problems == 1 ? "1 problem found." : $"{_problems} problems found.");
        return _problems == 0 ? 0 : 1;
    }

    /// <summary>Whether a database server has enough connections for all instances.</summary>
    private async Task CheckInstancesAsync(MainDatabase main, AnalyticsDatabase analytics)
    {
        var own = Instances.ConnectionsOf(main, analytics);
        if (own == 0 || settings.SharedOwnership)
        {
            return;
        }

        try
        {
            var running = await Instances.ReadAsync(main, _clock.GetUtcNow(), cancellationToken);
            var (wanted, there) = (running.Count == 0 ? own : running.Sum(instance => instance.Connections), (await main.QueryAsync(
                MaxConnectionsSql, row => row.GetInt32(0), cancellationToken))[0]);
            var what = $"{Math.Max(running.Count, 1)} {(running.Count > 1 ? "instances" : "instance")} with up to {wanted} connections, the server allows {there}";
            if (wanted > there && !main.IsBehindPooler)
            {
                Fail(
                    $"instances: {what}: under load some would be refused. To fix: add 'Maximum Pool Size={Math.Max(1, there / 2 / Math.Max(running.Count, 1))}' to the " +
                    "connection strings, raise max_connections, or put PgBouncer in between");
                return;
            }

            Good($"instances: {what}");
            if (running.Count > 1)
            {
                Good(analytics.CanListen
                    ? "live visits: those of other instances are shown within a second"
                    : "live visits: those of other instances are shown within ten seconds, because notices do not come through a connection pooler");
            }
        }
        catch (DbException)
        {
            // Said above: the database does not answer, or has no tables yet.
        }
    }

    private void CheckDataFolder()
    {
        var folder = Path.GetFullPath(settings.DataFolder);
        Say(SetupProblems.OfDataFolder(settings), Directory.Exists(folder) ? $"data folder: {folder}" : $"data folder: {folder} will be created at the first start");
    }

    private async Task CheckSecretsAsync() => Say(
        await KnownProblemAsync() ?? (Secrets.AreComplete(settings) ? null : SetupProblems.OfSecrets(settings)),
        Secrets.AreComplete(settings) ? "secrets: all set as settings"
        : !File.Exists(Secrets.FileOf(settings)) ? $"secrets: {Secrets.FileOf(settings)} will be created at the first start"
        : $"secrets: kept in {Secrets.FileOf(settings)}; several instances need the same secrets, given as settings");

    private async Task<string?> KnownProblemAsync()
    {
        try
        {
            return await KnownSecrets.ProblemAsync(settings, cancellationToken) is { } problem ? $"secrets: {problem}" : null;
        }
        catch (DbException)
        {
            return null; // said below: the database does not answer
        }
    }

    private void CheckProxies() => Say(
        SetupProblems.OfProxies(settings),
        settings.TrustedProxies.Count == 0
            ? "proxies: none is trusted, and no request showed one"
            : $"proxies: {string.Join(", ", settings.TrustedProxies)} are trusted");

    private void SayCountries()
    {
        // Reading the settings has already opened the file.
        using var file = settings.GeoDatabase is { } path ? CountryFile.Open(path) : null;
        Good(
            file is null
                ? $"countries: from the built-in table of {CountryTable.Made}"
                : $"countries: from {settings.GeoDatabase}, {file.Description}");
    }

    private async Task CheckAuthorityAsync()
    {
        if (settings.Authority is not { } address)
        {
            return;
        }

        using var authority = new Authority(address, _clock, NullLogger<Authority>.Instance);
        try
        {
            var published = await authority.AskAsync(cancellationToken);
            Good($"authority: {published.Issuer} answers and publishes {published.SigningKeys.Count} keys");
        }
        catch (AuthorityException e)
        {
            Fail($"authority: {address}: {e.Message}");
        }
    }

    private async Task CheckMailAsync()
    {
        if (settings.Mail is not { } server)
        {
            Good("mail: none is sent, because Mail:Server is not set");
            return;
        }

        try
        {
            using var client = await Mailer.ConnectAsync(server, cancellationToken);
            Good($"mail: {server} answers{(server.User is { } user ? $" and knows {user}" : "")}; 'bioscope mail test ADDRESS' sends one");
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception e) when (Mailer.IsOfServer(e))
        {
            Fail($"mail: {server}: {Mailer.AdviceOf(e)}");
        }
    }

    private void CheckOtlp()
    {
        if (settings.Otlp is not { } receiver)
        {
            Good("otlp: no metrics and traces are sent, because Otlp:Endpoint is not set");
            return;
        }

        var protocol = receiver.IsGrpc ? "grpc, which usually has port 4317" : "http/protobuf, which usually has port 4318";
        Say(
            OtlpExport.Try(receiver) is { } problem
                ? $"otlp: {receiver}: {problem}. To fix: Otlp:Endpoint must be a receiver of {protocol} (Otlp:Protocol), and accept Otlp:Headers"
                : null,
            $"otlp: {receiver} takes {(receiver.HasTraces ? "metrics and traces" : "metrics; traces are off")}");
    }

    private async Task CheckAsync(Database database, (string Table, string[] Columns)[] tables)
    {
        // With shared ownership the other service makes it.
        if (!settings.SharedOwnership && database.MissingFile is { } missing)
        {
            Good($"{database.Name}: {missing} will be created at the first start");
            return;
        }

        try
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            Good($"{database.Name}: {database.Dialect.Name} {connection.ServerVersion} answers{(database.IsBehindPooler ? ", through a connection pooler" : "")}");
            foreach (var problem in settings.SharedOwnership ? [] : SetupProblems.OfFiles(database))
            {
                Fail(problem);
            }

            if (!settings.SharedOwnership)
            {
                if (!await Migrator.HasTablesAsync(database, cancellationToken))
                {
                    Good($"{database.Name}: it is empty; the first start creates the tables");
                }
                else if (await Migrator.IsCurrentAsync(database, cancellationToken))
                {
                    Good($"{database.Name}: the schema is up to date");
                    if (database is AnalyticsDatabase analytics)
                    {
                        await CheckDistributionAsync(analytics);
                        await new RowsCheck(analytics, _clock, Good, Fail).RunAsync(cancellationToken);
                    }
                }
                else
                {
                    Fail(
                        $"{database.Name}: the schema is from an earlier version. To fix: run 'bioscope migrate', or start the server, " +
                        "which migrates it");
                }

                return;
            }

            foreach (var (table, columns) in tables)
            {
                await CheckTableAsync(database, connection, table, columns);
            }
        }
        catch (Exception e) when (e is DbException or MigrationException or IOException or TimeoutException || DamagedPages.IsDamage(e, database.Dialect))
        {
            Fail($"{database.Name}: {e.Message}");
        }
    }

    private async Task CheckDistributionAsync(AnalyticsDatabase readOnly)
    {
        if (readOnly.Dialect.IsDistributed)
        {
            await using var analytics = new AnalyticsDatabase(settings.AnalyticsConnection); // the other one cannot try to write
            await new DistributionCheck(analytics, _clock, Good, Fail).RunAsync(cancellationToken);
        }
    }

    /// <summary>A table that another service writes: it must have the columns, and should have an index to find a page's window.</summary>
    private async Task CheckTableAsync(Database database, DbConnection connection, string table, string[] columns)
    {
        var missing = columns.Except(await database.Dialect.ColumnsAsync(connection, table, cancellationToken)).ToList();
        if (missing.Count > 0)
        {
            Fail(
                $"{database.Name}: \"{table}\" lacks the columns {string.Join(", ", missing)}, which reports read. To fix: add them in " +
                "the service that owns the table");
            return;
        }

        Good($"{database.Name}: \"{table}\" has the columns that reports read");
        if (database is not AnalyticsDatabase)
        {
            return;
        }

        var instant = columns.Single(column => column is "startedAt" or "enteredAt");
        var indexes = await database.Dialect.IndexesAsync(connection, table, cancellationToken);
        if (indexes.Any(index => index.StartsWith($"bioPageId,{instant}", StringComparison.Ordinal)))
        {
            Good($"{database.Name}: \"{table}\" has an index for the reports");
        }
        else
        {
            Fail(
                $"{database.Name}: \"{table}\" has no index for the reports, so they are slow. To fix: CREATE INDEX CONCURRENTLY ON " +
                $"\"{table}\" (\"bioPageId\", \"{instant}\");");
        }
    }

    private void Say(string? problem, string good)
    {
        if (problem is null)
        {
            Good(good);
        }
        else
        {
            Fail(problem);
        }
    }

    private static void Good(string line) => Console.WriteLine($"ok    {line}");

    private void Fail(string line)
    {
        Console.WriteLine($"FAIL  {line}");
        _problems++;
    }
}
