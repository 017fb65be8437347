using System.Text.RegularExpressions;
using Bioscope.Core.Tests;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Tests;

/// <summary>The text of <c>--help</c> of every command, as its command line prints it.</summary>
public sealed partial class CommandHelpTests
{
    private const string SettingsHeading = "Settings, which every command takes:";

    private static List<(string[] Command, string Help)>? _all;

    private static readonly string BookPath = Path.Combine(RepositoryFiles.Root!, "docs", "operations.md");

    [Fact]
    public async Task Every_command_explains_itself_before_the_settings()
    {
        using var cli = new InProcessCli();
        foreach (var (command, help) in await AllAsync(cli))
        {
            var name = string.Join(' ', command);
            var own = help.Split(SettingsHeading)[0];
            Assert.True(help.Contains(SettingsHeading, StringComparison.Ordinal), name);
            Assert.StartsWith("Description:\n  ", own, StringComparison.Ordinal);
            Assert.Matches($@"\nUsage:\n  \S+ {name}", own); // the program is called like that of the tests
            Assert.DoesNotContain(Setting.All, setting => own.Contains("--" + setting.Key, StringComparison.Ordinal));
            foreach (var line in own.Split('\n').Where(line => line.StartsWith("  -", StringComparison.Ordinal)))
            {
                Assert.True(Explained().IsMatch(line), $"{name}: '{line}' has no explanation");
            }
        }
    }

    [Fact]
    public async Task Commands_stand_before_options_and_options_before_settings()
    {
        using var cli = new InProcessCli();
        var help = await cli.SucceedAsync("creator", "--help");

        var (commands, options, settings) = (
            help.IndexOf("\nCommands:\n", StringComparison.Ordinal), help.IndexOf("\nOptions:\n", StringComparison.Ordinal),
            help.IndexOf(SettingsHeading, StringComparison.Ordinal));
        Assert.True(0 < commands && commands < options && options < settings, help);
        Assert.EndsWith("\n", help, StringComparison.Ordinal);
        Assert.False(help.EndsWith("\n\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_setting_shows_its_default()
    {
        using var cli = new InProcessCli();
        var help = Blanks().Replace(await cli.SucceedAsync("verify", "--help"), " ");

        Assert.Contains("--Throttle:Reports <value> Requests per minute, for each report and caller", help, StringComparison.Ordinal);
        Assert.Contains("the dashboard counts as one report [default: 60]", help, StringComparison.Ordinal);
        Assert.Contains("any issuer when empty --Auth:Audience", help, StringComparison.Ordinal); // no default, so none is named
    }

    [Fact]
    public async Task Help_is_shown_although_a_required_option_is_missing()
    {
        using var cli = new InProcessCli();

        Assert.Contains("--handle <name> (REQUIRED)", await cli.SucceedAsync("creator", "add", "--help"), StringComparison.Ordinal);
        Assert.Contains("<folder>", await cli.SucceedAsync("backup", "-h"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(cli.Data));
    }

    [Fact]
    public async Task The_operators_handbook_names_every_command()
    {
        using var cli = new InProcessCli();
        var book = await File.ReadAllTextAsync(BookPath, TestContext.Current.CancellationToken);

        // Without a command it serves; a demonstration and a single referrer are no operation.
        Assert.All(
            (await AllAsync(cli)).Select(one => string.Join(' ', one.Command)).Where(name => name is not ("" or "serve" or "demo" or "referrer")),
            name => Assert.Matches($"(`|bioscope ){name}\\b", book));
    }

    [Fact]
    public async Task The_operators_handbook_names_every_setting_with_its_default()
    {
        var rows = new Dictionary<string, string>();
        foreach (var line in await File.ReadAllLinesAsync(BookPath, TestContext.Current.CancellationToken))
        {
            if (line.StartsWith("| `", StringComparison.Ordinal) && line.Split('|', StringSplitOptions.TrimEntries) is [_, var keys, var defaults, ..])
            {
                var values = defaults.Split(", ");
                foreach (var (key, i) in keys.Split(", ").Select((key, i) => (key.Trim('`'), i)))
                {
                    rows.TryAdd(key, values[Math.Min(i, values.Length - 1)]);
                }
            }
        }

        foreach (var setting in Setting.All)
        {
            Assert.True(rows.TryGetValue(setting.Key, out var shown), setting.Key);
            // It lists addresses, for which the handbook has a word.
            Assert.Equal((setting.Key, setting.Key == "Metrics:Allowed" ? "this machine" : setting.Default), (setting.Key, DefaultIn(shown)));
        }

        // A word without backticks says what happens where nothing is set.
        static string DefaultIn(string shown) =>
            shown is ['`', .., '`'] && shown.Count(letter => letter == '`') == 2 ? shown.Trim('`') : shown == "this machine" ? shown : "";
    }

    /// <summary>All commands with their help, found through the help of those above them.</summary>
    private static async Task<List<(string[] Command, string Help)>> AllAsync(InProcessCli cli)
    {
        if (_all is { } known)
        {
            return known;
        }

        var (found, waiting) = (new List<(string[] Command, string Help)>(), new Queue<string[]>([[]]));
        while (waiting.TryDequeue(out var command))
        {
            var help = await cli.SucceedAsync([.. command, "--help"]);
            found.Add((command, help));
            var commands = help.Split("\n\n").FirstOrDefault(part => part.StartsWith("Commands:\n", StringComparison.Ordinal));
            foreach (Match match in CommandLineOfHelp().Matches(commands ?? ""))
            {
                waiting.Enqueue([.. command, match.Groups[1].Value]);
            }
        }

        Assert.True(found.Count > 40, $"{found.Count}");
        return _all = found;
    }

    [GeneratedRegex("^  ([a-z][a-z-]*)", RegexOptions.Multiline)]
    private static partial Regex CommandLineOfHelp();

    [GeneratedRegex(@"^  -\S+( <[^>]+>|, -\S+)*( \(REQUIRED\))?( {2,}\S|$)")]
    private static partial Regex Explained();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
