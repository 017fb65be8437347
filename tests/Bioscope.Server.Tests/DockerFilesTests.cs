using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bioscope.Core.Tests;
using Bioscope.Server.Configuration;
using Microsoft.Extensions.Configuration;

namespace Bioscope.Server.Tests;

/// <summary>The files in <c>packaging/docker</c>, as far as they can be checked without Docker.</summary>
public sealed partial class DockerFilesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void The_image_copies_files_that_are_there()
    {
        var root = RootOrSkip();
        var copied = Copies().Matches(Read("Dockerfile")).SelectMany(copy => copy.Groups["sources"].Value.Split(' ')).ToList();

        Assert.Contains("src/", copied);
        Assert.All(copied, source => Assert.True(Path.Exists(Path.Combine(root, source)), source));
        var allowed = Read("Dockerfile.dockerignore").Split('\n').Where(line => line is ['!', ..]).Select(line => line[1..]);
        Assert.Equal(copied.Select(source => source.TrimEnd('/')).Order(), allowed.Order());
    }

    [Fact]
    public void The_image_is_published_by_profiles_that_are_there()
    {
        var root = RootOrSkip();

        Assert.Contains("profile=linux-$(echo \"$TARGETARCH\" | sed s/amd64/x64/)", Read("Dockerfile"), StringComparison.Ordinal);
        Assert.All(
            (string[])["linux-x64", "linux-arm64"],
            profile => Assert.True(File.Exists(Path.Combine(root, "src/Bioscope.Server/Properties/PublishProfiles", $"{profile}.pubxml")), profile));
    }

    [Fact]
    public void Settings_of_image_and_compose_file_are_valid()
    {
        var compose = Lines("compose.yaml").ToList();
        var image = ImageSettings().Matches(Read("Dockerfile")).Select(setting => (setting.Groups["name"].Value, setting.Groups["value"].Value));
        var service = EnvironmentOf(compose, "bioscope").Select(
            setting => (setting.Name, Variables().Replace(setting.Value, variable => $"{variable.Groups["name"].Value.ToLowerInvariant()}.example")));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            image.Concat(service).Select(setting => KeyValuePair.Create(setting.Item1.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Item2)))
            .Build();

        var settings = Settings.Read(configuration); // refuses unknown names

        Assert.Equal("https://host.example", settings.PublicUrl);
        Assert.Equal("/var/lib/bioscope", settings.DataFolder);
        Assert.Equal("http://0.0.0.0:5000", settings.Urls);
        Assert.Contains("postgres_password.example", settings.MainConnection, StringComparison.Ordinal);
        Assert.Contains($"- subnet: \"{Assert.Single(settings.TrustedProxies)}\"", Read("compose.yaml"), StringComparison.Ordinal);
    }

    /// <summary>The compose file keeps to the part of YAML that these patterns know: no tabs, anchors or folded texts.</summary>
    [Fact]
    public void The_compose_file_is_plain_YAML_of_three_services()
    {
        var lines = Lines("compose.yaml").ToList();

        Assert.All(lines, line => Assert.Matches(PlainYaml(), line));
        Assert.Equal(
            ["services:", "networks:", "volumes:"], lines.Where(line => line[0] != ' '));
        Assert.Equal(
            ["bioscope", "postgres", "caddy"], lines.TakeWhile(line => line != "networks:").Where(line => line is [' ', ' ', not ' ', ..]).Select(line => line[2..^1]));
        Assert.Equal("bioscope", EnvironmentOf(lines, "postgres").Single(setting => setting.Name == "POSTGRES_DB").Value);
    }

    [Fact]
    public async Task The_images_health_check_tells_whether_the_server_answers()
    {
        Assert.SkipUnless(File.Exists("/bin/bash") || EnginesAttribute.IsContinuousIntegration, "bash is not installed");
        var check = HealthCheck().Match(Read("Dockerfile")).Groups["command"].Value.Replace("\\\n", "", StringComparison.Ordinal);
        string[] command = [.. JsonNode.Parse(check)!.AsArray().Select(part => (string)part!)];
        int port;
        await using (var app = await TestApp.StartAsync(EngineKind.Sqlite))
        {
            port = app.Http.BaseAddress!.Port;
            Assert.Equal(0, await RunAsync(At(command, port)));
        }

        // Nobody listens there, and nobody else can: another test's server would answer just as well.
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, port));
        Assert.NotEqual(0, await RunAsync(At(command, port)));
    }

    [Fact]
    public async Task Caddy_understands_its_file()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/caddy") || EnginesAttribute.IsContinuousIntegration, "Caddy is not installed");
        RootOrSkip();

        Assert.Equal(0, await RunAsync(["caddy", "adapt", "--adapter", "caddyfile", "--config", PathOf("Caddyfile")], ("HOST", "links.example")));
    }

    private static string[] At(string[] command, int port) =>
        [.. command.Select(part => part.Replace("/5000", $"/{port}", StringComparison.Ordinal))];

    private static async Task<int> RunAsync(string[] command, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        return process.ExitCode;
    }

    /// <summary>What a service of the compose file is given.</summary>
    private static IEnumerable<(string Name, string Value)> EnvironmentOf(IEnumerable<string> compose, string service) => compose
        .SkipWhile(line => line != $"  {service}:")
        .SkipWhile(line => line != "    environment:")
        .Skip(1)
        .TakeWhile(line => line.StartsWith("      ", StringComparison.Ordinal))
        .Select(line => line.Trim().Split(": ", 2))
        .Select(parts => (parts[0], parts[1].Trim('"')));

    /// <summary>Its lines without comments.</summary>
    private static IEnumerable<string> Lines(string file) =>
        Read(file).Split('\n').Where(line => line.Trim() is not ("" or ['#', ..]));

    private static string Read(string file)
    {
        RootOrSkip();
        return File.ReadAllText(PathOf(file));
    }

    private static string PathOf(string file) => Path.Combine(RepositoryFiles.Root!, "packaging/docker", file);

    private static string RootOrSkip()
    {
        Assert.SkipUnless(RepositoryFiles.Root is not null, "The sources are not where the tests run.");
        return RepositoryFiles.Root!;
    }

    [GeneratedRegex("^COPY (?!--from)(?<sources>.+) [^ ]+$", RegexOptions.Multiline)]
    private static partial Regex Copies();

    [GeneratedRegex(@"(?<= )(?!DOTNET_)(?<name>[A-Z][A-Za-z_]+)=(?<value>/var\S+|http\S+)")]
    private static partial Regex ImageSettings();

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)[^}]*\}")]
    private static partial Regex Variables();

    [GeneratedRegex(@"^(  )*(- )?([A-Za-z_-]+:( (""[^""]*""|\[.*\]|[\w./ -]+))?|""[^""]*""|[\w./:-]+)$")]
    private static partial Regex PlainYaml();

    [GeneratedRegex(@"^HEALTHCHECK .*CMD (?<command>\[(.|\n)*?\])$", RegexOptions.Multiline)]
    private static partial Regex HealthCheck();
}
