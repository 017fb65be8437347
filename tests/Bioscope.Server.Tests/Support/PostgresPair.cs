using System.Globalization;
using Npgsql;

namespace Bioscope.Server.Tests.Support;

/// <summary>A temporary PostgreSQL whose commits wait for a streaming standby, and that standby.</summary>
internal sealed class PostgresPair : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"bioscope-pair-{Guid.NewGuid():N}");
    private readonly int[] _ports = [PostgresCluster.FreePort(), PostgresCluster.FreePort()];

    private PostgresPair()
    {
    }

    public static async Task<PostgresPair> StartAsync()
    {
        var pair = new PostgresPair();
        try
        {
            await PostgresCluster.RunAsync("initdb", "-D", pair.FolderOf(0), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
            await pair.StartAsync(0, "-c synchronous_standby_names=*");
            await PostgresCluster.RunAsync(
                "pg_basebackup", "-R", "-D", pair.FolderOf(1), "-h", "127.0.0.1", "-p", pair.PortOf(0), "-U", "postgres", "-c", "fast", "--no-sync");
            await pair.StartAsync(1, "");
            await using var connection = new NpgsqlConnection(pair.ConnectionString("postgres", 0));
            await connection.OpenAsync();
            foreach (var name in (string[])["main", "analytics"])
            {
                await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
                await command.ExecuteNonQueryAsync();
            }

            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>A database on both, or on one of them.</summary>
    public string ConnectionString(string database, int? only = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"Host={string.Join(',', _ports.Where((_, i) => only is null || i == only).Select(port => $"127.0.0.1:{port}"))};Username=postgres;Database={database}");

    /// <summary>Ends a server as a crash does.</summary>
    public Task CrashAsync(int server) => PostgresCluster.RunAsync("pg_ctl", "stop", "-s", "-D", FolderOf(server), "-m", "immediate");

    public Task PromoteAsync(int server) => PostgresCluster.RunAsync("pg_ctl", "promote", "-s", "-w", "-t", PostgresCluster.Wait, "-D", FolderOf(server));

    public async ValueTask DisposeAsync()
    {
        foreach (var server in (int[])[0, 1])
        {
            if (File.Exists(Path.Combine(FolderOf(server), "postmaster.pid")))
            {
                await CrashAsync(server);
            }
        }

        await PostgresCluster.RunAsync("rm", "-rf", FolderOf(0), FolderOf(1), FolderOf(0) + ".log", FolderOf(1) + ".log");
    }

    private string FolderOf(int server) => string.Create(CultureInfo.InvariantCulture, $"{_folder}-{server}");

    private string PortOf(int server) => _ports[server].ToString(CultureInfo.InvariantCulture);

    private Task StartAsync(int server, string options) => PostgresCluster.RunAsync(
        "pg_ctl", "start", "-s", "-w", "-t", PostgresCluster.Wait, "-D", FolderOf(server), "-l", FolderOf(server) + ".log",
        "-o", $"-p {PortOf(server)} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off {options}");
}
