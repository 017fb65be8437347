using System.CommandLine;
using System.Globalization;
using Bioscope.Bench.Faults;
using Bioscope.Bench.Flood;
using Bioscope.Bench.Processes;
using Bioscope.Bench.Questions;

namespace Bioscope.Bench;

/// <summary>The words that this program takes.</summary>
internal static class CommandLine
{
    private static readonly Option<string> Engine = Choice("--engine", "sqlite", "Which engine to measure", "sqlite", "postgresql", "both");

    private static readonly Option<string> Scale = new("--scale")
    {
        Description = "Size of the data set: 1 is 5 million sessions, the hottest page a million. Several, with commas, are compared",
        DefaultValueFactory = _ => "1",
        HelpName = "n,…",
    };

    private static readonly Option<string> Data = new("--data")
    {
        Description = "Where the data are made and kept for the next runs: 4 hours, 7 days for questions and sizes (some 6 GB an engine at scale 1). PostgreSQL's user must reach it",
        DefaultValueFactory = _ => Path.Combine("data", "bench"),
        HelpName = "folder",
    };

    private static readonly Option<string> Only = new("--only")
    {
        Description = $"What to measure, with commas: {string.Join(", ", Bench.MeasureNames)}. All when left out, 'none' only shows --with",
        DefaultValueFactory = _ => string.Join(',', Bench.MeasureNames),
        HelpName = "measure,…",
    };

    private static readonly Option<bool> Quick = new("--quick") { Description = "Everything once, on a tiny data set, whatever --scale says: shows that it works, measures nothing" };

    private static readonly Option<string?> Server = new("--server")
    {
        Description = "Another server than the one built with this program: its bioscope.dll or executable",
        HelpName = "file",
    };

    private static readonly Option<string?> Json = new("--json") { Description = "Also write all figures to this file", HelpName = "file" };

    private static readonly Option<string?> Results = new("--results")
    {
        Description = "Also write the bars, the tables and the machine to this file, such as bench/RESULTS.md",
        HelpName = "file",
    };

    private static readonly Option<string?> With = new("--with")
    {
        Description = "Files that --json wrote, with commas: their figures stand in the results wherever this run has none",
        HelpName = "file,…",
    };

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand(
            "Measures Bioscope end to end on this machine: fills databases, starts the server, drives it over HTTP, and prints figures and their "
            + "ratios to the published SQL in the same database and to a bare Kestrel in the same run. Linux only; uses wrk and pgbench where they are.")
        {
            Engine, Scale, Data, Only, Quick, Server, Json, Results, With,
        };
        root.SetAction((parse, cancellationToken) => Bench.RunAsync(Read(parse), cancellationToken));
        root.Subcommands.Add(FloodCommand.Make());
        root.Subcommands.Add(Bare());
        root.Subcommands.Add(CrashCommand.Create());
        root.Subcommands.Add(HostileCommand.Create());
        root.Subcommands.Add(LargePageCommand.Create());

        var parse = root.Parse(args);
        try
        {
            return await parse.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                // Servers are stopped, PostgreSQL among them.
                ProcessTerminationTimeout = TimeSpan.FromSeconds(60),
            });
        }
        catch (BenchException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return 1;
        }
    }

    private static BenchOptions Read(ParseResult parse)
    {
        var quick = parse.GetValue(Quick);
        var measures = parse.GetRequiredValue(Only) is "none" ? [] : parse.GetRequiredValue(Only).Split(',', StringSplitOptions.TrimEntries);
        if (measures.Except(Bench.MeasureNames).FirstOrDefault() is { } unknown)
        {
            throw new BenchException($"--only: there is no measure '{unknown}'; there are {string.Join(", ", Bench.MeasureNames)}.");
        }

        return new BenchOptions
        {
            Engines = parse.GetRequiredValue(Engine) is "both" ? ["sqlite", "postgresql"] : [parse.GetRequiredValue(Engine)],
            Scales = quick ? [BenchOptions.QuickScale] : [.. parse.GetRequiredValue(Scale).Split(',').Select(ReadScale)],
            Data = Path.GetFullPath(parse.GetRequiredValue(Data)),
            Measures = measures,
            IsQuick = quick,
            Server = Path.GetFullPath(parse.GetValue(Server) ?? ServerProgram.BuiltBeside),
            Json = parse.GetValue(Json),
            Results = parse.GetValue(Results),
            With = parse.GetValue(With)?.Split(',') ?? [],
        };
    }

    private static double ReadScale(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var scale) && scale is >= 0.001 and <= 100
            ? scale
            : throw new BenchException($"--scale: '{text}' is not a number from 0.001 to 100.");

    /// <summary>The bare server that the others are measured against, in a process of its own.</summary>
    private static Command Bare()
    {
        var mode = new Argument<BareMode>("mode");
        var answer = new Argument<string>("answer");
        var command = new Command("bare", "Serves as the baseline") { mode, answer };
        command.Hidden = true;
        command.SetAction((parse, cancellationToken) => BareServer.RunAsync(parse.GetValue(mode), parse.GetRequiredValue(answer), cancellationToken));
        return command;
    }

    private static Option<string> Choice(string name, string usual, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
