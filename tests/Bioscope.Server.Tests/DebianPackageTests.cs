using System.Globalization;
using Bioscope.Core.Tests;

namespace Bioscope.Server.Tests;

/// <summary>The Debian package: installed, used, upgraded, removed and purged by dpkg, without a running systemd.</summary>
public sealed class DebianPackageTests : IDisposable
{
    private const string Conf = "/etc/bioscope/bioscope.conf";
    private const string Data = "/var/lib/bioscope";
    private const string Unit = "/lib/systemd/system/bioscope.service";

    private static readonly string Packaging = Path.Combine(RepositoryFiles.Root!, "packaging", "debian");

    private ThrowawayMachine? _machine;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Data_and_settings_outlive_an_upgrade_and_a_removal_but_not_a_purge()
    {
        Tool.SkipWhereMissing("dpkg", "dpkg-deb", "setpriv");
        Assert.SkipWhen(Directory.Exists(Data), "Bioscope is installed here");
        _machine = await ThrowawayMachine.CreateOrSkipAsync();
        using var folder = new TemporaryFolder();
        var (first, second) = (await BuildAsync(folder.Path, "0.0.1"), await BuildAsync(folder.Path, "0.0.2"));
        try
        {
            await RootAsync("dpkg", "-i", first);
            Assert.Equal("700 bioscope:bioscope", await OwnerAsync(Data));
            Assert.Equal("640 root:bioscope", await OwnerAsync(Conf));

            // A command of root's, then the service on the same files.
            await RootAsync("bioscope", "creator", "add", "--handle", "anna");
            Assert.Equal("600 bioscope:bioscope", await OwnerAsync($"{Data}/main.db"));
            var port = PostgresCluster.FreePort();
            var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
            await RootAsync("sed", "-i", $"s|^Urls=.*|Urls={url}|", Conf);
            await ServeAsync(url);

            await RootAsync("dpkg", "-i", second);
            Assert.Contains($"Urls={url}", await RootAsync("cat", Conf), StringComparison.Ordinal);
            await ServeAsync(url);
            Assert.Contains("No problems found", await RootAsync("bioscope", "doctor"), StringComparison.Ordinal);

            await RootAsync("dpkg", "-r", "bioscope");
            Assert.False(IsThere("/usr/bin/bioscope"));
            await RootAsync("test", "-f", $"{Data}/main.db");
            Assert.True(IsThere(Conf));

            await RootAsync("dpkg", "-i", first);
            await ServeAsync(url);
        }
        finally
        {
            await RootAsync("dpkg", "-P", "bioscope");
        }

        Assert.False(IsThere(Conf));
        Assert.False(IsThere(Data));
    }

    /// <summary>How far the service is shut in, as systemd itself counts it: 10 is not at all.</summary>
    [Fact]
    public async Task The_service_is_shut_in()
    {
        Tool.SkipWhereMissing("systemd-analyze");
        await Tool.RunAsync(
            "systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", Path.Combine(Packaging, "bioscope.service"));
    }

    public void Dispose() => _machine?.Dispose();

    /// <summary>The program as the tests have it: it needs the machine's .NET, which a published one does not.</summary>
    private async Task<string> BuildAsync(string folder, string version)
    {
        var tests = Path.Combine(RepositoryFiles.Root!, "tests", "Bioscope.Server.Tests");
        var program = Path.Combine(RepositoryFiles.Root!, "src", "Bioscope.Server", Path.GetRelativePath(tests, AppContext.BaseDirectory));
        var architecture = (await Tool.RunAsync("dpkg", "--print-architecture")).Trim();
        await Tool.RunAsync("env", "COMPRESSION=none", Path.Combine(Packaging, "build.sh"), program, version, architecture, folder);
        var package = Assert.Single(Directory.GetFiles(folder, $"bioscope_{version}_*.deb"));
        var there = $"/tmp/{Path.GetFileName(folder)}-{version}.deb";
        File.Copy(package, _machine!.Root + there);
        return there;
    }

    /// <summary>Runs what the unit says, as its user and with its environment, until the creator's page was served.</summary>
    private async Task ServeAsync(string url)
    {
        string[] environment = [.. Values(Unit, "Environment="), .. Lines(await RootAsync("cat", Conf))];
        Assert.Contains($"Data__Folder={Data}", environment);
        var user = Assert.Single(Values(Unit, "User="));
        var command = Assert.Single(Values(Unit, "ExecStart=")).Split(' ');
        string[] arguments =
            [.. Enter[1..], "setpriv", $"--reuid={user}", $"--regid={user}", "--init-groups", "env", "-i", .. environment, .. command];
        using var process = Tool.Start(Enter[0], arguments);
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri(url) };
            await Patience.UntilAsync(
                async () =>
                {
                    try
                    {
                        (await http.GetAsync("/@anna", Cancellation)).EnsureSuccessStatusCode();
                        return true;
                    }
                    catch (HttpRequestException) when (!process.HasExited)
                    {
                        return false;
                    }
                },
                "the page is served");
        }
        finally
        {
            await RootAsync("kill", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
            await process.WaitForExitAsync(Cancellation);
        }
    }

    private string[] Enter => _machine!.Enter;

    private bool IsThere(string path) => Path.Exists(_machine!.Root + path);

    private Task<string> RootAsync(params string[] command) => Tool.RunAsync(Enter[0], [.. Enter[1..], .. command]);

    private async Task<string> OwnerAsync(string file) => (await RootAsync("stat", "-c", "%a %U:%G", file)).Trim();

    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Where(line => line.Length > 0 && line[0] != '#');

    private IEnumerable<string> Values(string file, string name) =>
        File.ReadLines(_machine!.Root + file).Where(line => line.StartsWith(name, StringComparison.Ordinal)).Select(line => line[name.Length..]);
}
