using System.Text;
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
    public async Task New_secrets_beside_old_data_are_logged(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        foreach (var secret in (string[])["Auth__JwtSecret", "Tracking__HmacSecret", "Tracking__VisitorSecret", "Logging__LogLevel__Default"])
        {
            cli.Environment.Remove(secret);
        }

        await cli.SucceedAsync(["creator", "add", "--handle", "anna"]);
        File.Delete(Path.Combine(cli.Environment["Data__Folder"]!, "secrets.json"));

        var process = cli.Start("serve", "--Urls", "http://127.0.0.1:0");
        var log = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            log.AppendLine(line);
            if (line.Contains("Bioscope listens on", StringComparison.Ordinal))
            {
                break;
            }
        }

        await Cli.TerminateAsync(process);
        log.Append(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));

        Assert.Contains("secrets.json was not there and was made anew, although the database has creators", log.ToString(), StringComparison.Ordinal);
    }
}
