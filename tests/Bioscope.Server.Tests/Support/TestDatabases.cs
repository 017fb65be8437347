using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;

namespace Bioscope.Server.Tests.Support;

/// <summary>A pair of databases of one engine, with the settings that name them.</summary>
internal sealed class TestDatabases : IDisposable
{
    private static readonly string[] FileNames = ["main.db", "analytics.db"];

    private static readonly Lazy<Task<(string Name, byte[] Bytes)[]>> MigratedFiles = new(MigrateFilesAsync);

    private readonly string _folder;
    private readonly EngineKind _engine;
    private bool _isDisposed;

    private TestDatabases(EngineKind engine, string main, string analytics, string folder)
    {
        (_folder, _engine) = (folder, engine);
        Settings = new Dictionary<string, string?>
        {
            ["Data:Folder"] = folder,
            ["ConnectionStrings:Main"] = main,
            ["ConnectionStrings:Analytics"] = analytics,
            ["Auth:JwtSecret"] = JwtSecret,
            ["Tracking:HmacSecret"] = TestApp.HmacSecret,
            ["Proof:SigningKey"] = new string('7', 64),
            ["Logging:LogLevel:Default"] = "None",
            ["Tracking:VisitorSecret"] = TestApp.VisitorSecret,
        };
    }

    /// <summary>Long enough for HS512 too, so that a token with that algorithm is not refused because of the key's length.</summary>
    public const string JwtSecret = "a-secret-of-the-tests-with-more-than-64-bytes-0123456789-0123456789-0123456789";

    public IReadOnlyDictionary<string, string?> Settings { get; }

    /// <summary>Empty ones, in which the first start makes the tables.</summary>
    public static async Task<TestDatabases> CreateAsync(EngineKind engine)
    {
        var folder = Directory.CreateTempSubdirectory("bioscope-test-").FullName;
        return engine switch
        {
            EngineKind.Postgres => new TestDatabases(
                engine, await PostgresCluster.NewDatabaseAsync(), await PostgresCluster.NewDatabaseAsync(), folder),
            EngineKind.Citus => new TestDatabases(
                engine, await PostgresCluster.NewDatabaseAsync(), await CitusCluster.NewDatabaseAsync(isDistributed: true), folder),
            _ => new TestDatabases(engine, FileIn(folder, FileNames[0]), FileIn(folder, FileNames[1]), folder),
        };
    }

    /// <summary>
    /// With this version's tables and no rows. SQLite's files are copies of a pair that was migrated once, which saves some 30 ms of a
    /// processor; on PostgreSQL a copied database takes as much as the migrations.
    /// </summary>
    public static async Task<TestDatabases> CreateMigratedAsync(EngineKind engine)
    {
        if (engine != EngineKind.Sqlite)
        {
            return await CreateAsync(engine);
        }

        var files = await MigratedFiles.Value;
        var databases = await CreateAsync(engine);
        foreach (var (name, bytes) in files)
        {
            await using var file = PrivateFile.Create(Path.Combine(databases._folder, name));
            await file.WriteAsync(bytes);
        }

        return databases;
    }

    private static async Task<(string Name, byte[] Bytes)[]> MigrateFilesAsync()
    {
        using var databases = await CreateAsync(EngineKind.Sqlite);
        await using (var main = new MainDatabase(databases.Settings["ConnectionStrings:Main"]!))
        await using (var analytics = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!))
        {
            await Migrator.MigrateAsync([main, analytics], new TestClock(TestApp.Start), CancellationToken.None);
        }

        return [.. FileNames.Select(name => (name, File.ReadAllBytes(Path.Combine(databases._folder, name))))];
    }

    // A busy machine, on which several write to a file, must not fail a test.
    private static string FileIn(string folder, string name) => $"Data Source={folder}/{name};Default Timeout={Patience.Limit.TotalSeconds}";

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        Directory.Delete(_folder, recursive: true);
        if (_engine != EngineKind.Sqlite)
        {
            PostgresCluster.Return(Settings["ConnectionStrings:Main"]!);
        }

        if (_engine == EngineKind.Postgres)
        {
            PostgresCluster.Return(Settings["ConnectionStrings:Analytics"]!);
        }
        else if (_engine == EngineKind.Citus)
        {
            CitusCluster.Return(Settings["ConnectionStrings:Analytics"]!);
        }
    }
}
