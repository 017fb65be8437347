using Bioscope.Server.Configuration;
using Microsoft.Extensions.Configuration;

namespace Bioscope.Server.Tests;

public sealed class SecretsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bioscope-secrets-").FullName;

    private string File => Path.Combine(_folder, "data", "secrets.json");

    [Fact]
    public async Task Servers_starting_together_share_the_same_secrets()
    {
        using var together = new Barrier(16);
        var made = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait(TestContext.Current.CancellationToken);
                return Secrets.Complete(Read());
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.Single(made.Select(settings => (settings.JwtSecret, settings.HmacSecret, settings.VisitorSecret)).Distinct());
        Assert.Equal(["secrets.json"], Directory.GetFiles(Path.GetDirectoryName(File)!).Select(Path.GetFileName));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public void Secrets_in_settings_override_the_file()
    {
        const string Given = "given-given-given-given-given-given";

        Assert.Equal(Given, Secrets.Complete(Read(("Auth:JwtSecret", Given))).JwtSecret);
        System.IO.File.Delete(File);
        Secrets.Complete(Read(("Auth:JwtSecret", Given), ("Tracking:HmacSecret", Given), ("Tracking:VisitorSecret", Given)));
        Secrets.Complete(Read(("Auth:JwtSecret", Given), ("Storage:Ownership", "shared")));
        Assert.False(System.IO.File.Exists(File));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"jwtSecret":"short","hmacSecret":"short","visitorSecret":"short"}""")]
    public void A_damaged_secrets_file_is_an_error_and_stays(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, content);

        Assert.Contains(
            "the file is damaged",
            Assert.Throws<SettingsException>(() => Secrets.Complete(Read())).Message,
            StringComparison.Ordinal);
        Assert.Equal(content, System.IO.File.ReadAllText(File));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Settings Read(params (string Key, string Value)[] settings) => Settings.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Append(("Data:Folder", Path.GetDirectoryName(File)!))
                .Select(setting => KeyValuePair.Create(setting.Item1, (string?)setting.Item2))).Build());
}
