using Bioscope.Server.Configuration;

namespace Bioscope.Server.Tests;

/// <summary>A start that finds no data where some was before says so.</summary>
public sealed class DataFolderTests
{
    [Fact]
    public async Task Everything_is_in_the_data_folder()
    {
        using var cli = new Cli();
        using var folder = new TemporaryFolder();
        cli.Environment["Data__Folder"] = Path.Combine(folder.Path, "stats");

        var (_, http) = await cli.ServeAsync();
        (await http.GetAsync("/readyz", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();

        Assert.Empty(Directory.GetFileSystemEntries(cli.Folder));
        Assert.Superset(
            new HashSet<string> { "main.db", "analytics.db", "secrets.json", "proof-key" },
            Directory.GetFiles(Path.Combine(folder.Path, "stats")).Select(file => Path.GetFileName(file)!).ToHashSet());
    }

    [Fact]
    public async Task Doctor_finds_no_problem_before_the_first_start()
    {
        using var cli = new Cli();

        var (exitCode, output, error) = await cli.RunAsync(["doctor"]);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("main.db will be created at the first start", output, StringComparison.Ordinal);
        Assert.EndsWith("No problems found.\n", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(cli.Folder));
    }

    /// <summary>A single file is replaced alone; in a folder of many files the data would go with them.</summary>
    [Fact]
    public void Data_beside_a_single_file_are_safe_and_in_a_programs_folder_are_not()
    {
        using var folder = new TemporaryFolder();
        var program = folder.Path + Path.DirectorySeparatorChar;
        string[] within = [folder.Path, Path.Combine(folder.Path, "data")];

        Assert.All(within, data => Assert.False(DataFolder.IsInProgram(data, program)));
        File.WriteAllText(Path.Combine(folder.Path, "bioscope.dll"), "");
        Assert.All(within, data => Assert.True(DataFolder.IsInProgram(data, program)));
        Assert.False(DataFolder.IsInProgram($"{folder.Path}-data", program));
    }

    [Fact]
    public async Task A_database_that_is_gone_is_missed()
    {
        using var cli = new Cli();
        await cli.SucceedAsync(["creator", "add", "--handle", "anna"]);
        foreach (var file in Directory.GetFiles(Path.Combine(cli.Folder, "data"), "analytics.db*"))
        {
            File.Delete(file);
        }

        var doctor = await cli.RunAsync(["doctor"]);
        var start = await cli.RunAsync(["creator", "add", "--handle", "ben"]);

        Assert.Equal(1, doctor.ExitCode);
        Assert.Contains("analytics.db: not there, although data/main.db is", doctor.Output, StringComparison.Ordinal);
        Assert.Contains("analytics.db: not there, although data/main.db is", start.Error, StringComparison.Ordinal);
        Assert.Contains("restore it from a backup", start.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_empty_now_is_missed()
    {
        using var cli = new Cli();
        var first = await cli.RunAsync(["creator", "add", "--handle", "anna"]);
        Directory.Move(Path.Combine(cli.Folder, "data"), Path.Combine(cli.Folder, "moved"));

        var again = await cli.RunAsync(["creator", "add", "--handle", "anna"]);

        Assert.Empty(first.Error);
        Assert.Contains("had its data here, and now there is none", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_is_elsewhere_is_named()
    {
        using var cli = new Cli();
        await cli.SucceedAsync(["creator", "add", "--handle", "anna"]);

        var other = await cli.RunAsync(["creator", "add", "--handle", "anna", "--Data:Folder", "other"]);

        Assert.Contains($"Data:Folder={Path.Combine(cli.Folder, "data")}", other.Error, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Lost_secrets_are_not_made_anew_unless_it_is_said(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        foreach (var secret in (string[])["Auth__JwtSecret", "Tracking__HmacSecret", "Tracking__VisitorSecret", "Proof__SigningKey"])
        {
            cli.Environment.Remove(secret);
        }

        var folder = cli.Environment["Data__Folder"]!;
        var (secrets, key) = (Path.Combine(folder, "secrets.json"), Path.Combine(folder, "proof-key"));
        await cli.SucceedAsync(["creator", "add", "--handle", "anna"]);
        await ServeAsync();

        File.Move(secrets, secrets + ".kept");
        string[][] commands = [["serve", "--Urls", "http://127.0.0.1:0"], ["key", "list"], ["token", "--user", Guid.NewGuid().ToString()], ["demo"]];
        foreach (var command in commands)
        {
            await RefusedAsync(command, "secrets.json: it is not there, but the database was used with the secrets in it. Restore it");
            Assert.False(File.Exists(secrets));
        }

        // Those of another installation.
        var other = new string('5', 64);
        await File.WriteAllTextAsync(secrets, $$"""{"jwtSecret":"{{other}}","hmacSecret":"{{other}}","visitorSecret":"{{other}}"}""", Cancelled);
        foreach (var command in commands)
        {
            await RefusedAsync(command, "Tracking:VisitorSecret and Tracking:HmacSecret and Auth:JwtSecret: not what");
        }

        Assert.Contains("secrets: Tracking:VisitorSecret and", (await cli.RunAsync(["doctor"])).Output, StringComparison.Ordinal);
        File.Move(secrets + ".kept", secrets, overwrite: true);
        await ServeAsync();
        File.Move(key, key + ".kept");
        await RefusedAsync(commands[0], "proof-key: it is not there, but frozen views were signed with the key of");
        Assert.False(File.Exists(key));

        File.Delete(secrets);
        Assert.Contains("secrets.json is made", await cli.SucceedAsync(["secrets", "new"]), StringComparison.Ordinal);
        await ServeAsync();
        Assert.Contains("secrets new", await cli.SucceedAsync(["audit"]), StringComparison.Ordinal);

        async Task ServeAsync()
        {
            var (process, http) = await cli.ServeAsync();
            http.Dispose();
            await Cli.TerminateAsync(process);
            await process.WaitForExitAsync(Cancelled);
        }

        async Task RefusedAsync(string[] command, string why)
        {
            var (code, _, error) = await cli.RunAsync(command);
            Assert.Equal(1, code);
            Assert.Contains(why, error, StringComparison.Ordinal);
            Assert.Contains("'bioscope secrets new'", error, StringComparison.Ordinal);
        }
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;
}
