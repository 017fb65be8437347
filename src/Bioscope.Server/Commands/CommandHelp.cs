using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Commands;

/// <summary>
/// The text of <c>--help</c>: commands first, then the command's own options, then the settings, which are many and the same everywhere.
/// </summary>
internal sealed class CommandHelp(HelpAction words) : SynchronousCommandLineAction
{
    /// <summary>Puts the help of a command and those below it in this order.</summary>
    public static void Order(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new CommandHelp((HelpAction)help.Action!);
    }

    /// <summary>Help is shown whatever else is missing.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult)
    {
        var configuration = parseResult.InvocationConfiguration;
        var output = configuration.Output;
        using var text = new StringWriter();
        configuration.Output = text;
        try
        {
            words.Invoke(parseResult);
        }
        finally
        {
            configuration.Output = output;
        }

        output.Write(Ordered(text.ToString()));
        return 0;
    }

    private static string Ordered(string help)
    {
        var parts = help.TrimEnd().ReplaceLineEndings("\n").Split("\n\n");
        var options = parts.FirstOrDefault(part => part.StartsWith("Options:\n", StringComparison.Ordinal));
        var commands = parts.FirstOrDefault(part => part.StartsWith("Commands:\n", StringComparison.Ordinal));
        var (own, settings) = Split(options ?? "");
        string?[] ordered =
        [
            .. parts.Where(part => part != options && part != commands),
            commands,
            own,
            settings.Length == 0 ? null : "Settings, which every command takes:" + settings,
        ];
        return string.Join("\n\n", ordered.Where(part => !string.IsNullOrEmpty(part))).ReplaceLineEndings() + Environment.NewLine;
    }

    // An option takes several lines in a narrow terminal.
    private static (string Own, string Settings) Split(string options)
    {
        var (own, settings, isSetting) = ("", "", false);
        foreach (var line in options.Split('\n'))
        {
            if (line.StartsWith("  -", StringComparison.Ordinal))
            {
                var name = line.TrimStart().Split(' ', ',')[0];
                isSetting = Setting.All.Any(setting => name == "--" + setting.Key);
            }

            if (isSetting)
            {
                settings += "\n" + line;
            }
            else
            {
                own += own.Length == 0 ? line : "\n" + line;
            }
        }

        return (own, settings);
    }
}
