using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace Bioscope.Server.Tests.Support;

/// <summary>Debian's PgBouncer in front of the tests' PostgreSQL, with fewer connections to it than the server opens.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;
    private readonly int _port;

    private PgBouncer(Process process, string folder, int port) => (_process, _folder, _port) = (process, folder, port);

    public static string? Program { get; } = ((string[])["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"]).FirstOrDefault(File.Exists);

    public static void SkipWhereMissing() => Assert.SkipUnless(
        (Program is not null && PostgresCluster.IsInstalled) || EnginesAttribute.IsContinuousIntegration, "PgBouncer or PostgreSQL is not installed");

    /// <param name="connectionString">A connection to the server behind it.</param>
    /// <param name="settings">Lines of its configuration.</param>
    public static async Task<PgBouncer> StartAsync(string connectionString, params string[] settings)
    {
        var behind = new NpgsqlConnectionStringBuilder(connectionString);
        var folder = Directory.CreateTempSubdirectory("bioscope-pgbouncer-").FullName;
        var (file, port) = (Path.Combine(folder, "pgbouncer.ini"), PostgresCluster.FreePort());
        await File.WriteAllTextAsync(
            file,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                [databases]
                * = host=127.0.0.1 port={behind.Port} user=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = {port}
                unix_socket_dir =
                auth_type = any
                default_pool_size = 4
                max_client_conn = 500
                {string.Join('\n', settings)}

                """),
            TestContext.Current.CancellationToken);
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        // It refuses to run as root, too.
        var start = Environment.UserName == "root"
            ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", Program!, "-q", file])
            : new ProcessStartInfo(Program!, ["-q", file]);
        start.RedirectStandardError = true;
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        await WaitAsync(port);
        return new PgBouncer(process, folder, port);
    }

    /// <summary>The same database through the pooler.</summary>
    public string Through(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Port = _port }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Task WaitAsync(int port) => Patience.UntilAsync(
        async () =>
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        },
        "PgBouncer listens");
}
