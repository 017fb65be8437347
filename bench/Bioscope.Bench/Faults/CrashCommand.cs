using System.CommandLine;
using Bioscope.Bench.Engines;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Faults;

/// <summary><c>crash</c>: kills the server again and again and looks for every id that it had answered.</summary>
internal static class CrashCommand
{
    public static Command Create()
    {
        var engine = FaultOptions.Engine();
        var rounds = FaultOptions.Number("--rounds", 100, "How often the server is killed, per engine");
        var min = FaultOptions.Number("--min-answered", 20, "Ids that are answered in a round before the kill");
        var seed = FaultOptions.Seed();
        var data = FaultOptions.Data("crash");
        var fromStart = new Option<bool>("--from-start")
        {
            Description = "Remove what an earlier run left; otherwise its rounds count and the rest is run",
        };
        var server = FaultOptions.Server();
        var command = new Command(
            "crash",
            "Starts the server, posts sessions, page views and clicks from many addresses, ends it by SIGKILL at a random moment, starts it again "
            + "and looks for every id that was answered. Exit code 1 when one is missing, or when 'verify' finds a difference at the end.")
        {
            engine, rounds, min, seed, data, fromStart, server,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var missing = 0L;
            foreach (var name in FaultOptions.Engines(parse.GetRequiredValue(engine)))
            {
                var folder = Path.Combine(Path.GetFullPath(parse.GetRequiredValue(data)), name);
                if (parse.GetValue(fromStart) && Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }

                await using BenchEngine databases = name == "sqlite" ? new SqliteEngine(folder) : new PostgresEngine(folder);
                await databases.StartAsync(cancellationToken);
                var program = new ServerProgram(FaultOptions.ServerPath(parse.GetValue(server)));
                var run = new CrashRun(databases, program, parse.GetValue(seed), parse.GetValue(min));
                missing += await run.RunAsync(parse.GetValue(rounds), cancellationToken);
            }

            return missing == 0 ? 0 : 1;
        });
        return command;
    }
}

/// <summary>Options that both fault tests have.</summary>
internal static class FaultOptions
{
    public static Option<string> Engine()
    {
        var option = new Option<string>("--engine") { Description = "Which engine to test", DefaultValueFactory = _ => "both" };
        option.AcceptOnlyFromAmong("sqlite", "postgresql", "both");
        return option;
    }

    public static IReadOnlyList<string> Engines(string engine) => engine == "both" ? ["sqlite", "postgresql"] : [engine];

    public static Option<int> Seed() => Number("--seed", 1, "Of all that is random; the same seed sends the same");

    public static Option<T> Number<T>(string name, T usual, string description)
        where T : struct => new(name) { Description = description, DefaultValueFactory = _ => usual, HelpName = "n" };

    public static Option<string> Data(string name) => new("--data")
    {
        Description = "Folder of the databases. PostgreSQL's user must reach it",
        DefaultValueFactory = _ => Path.Combine("data", name),
        HelpName = "folder",
    };

    public static Option<string?> Server() => new("--server")
    {
        Description = "Another server than the one built with this program: its bioscope.dll or executable",
        HelpName = "file",
    };

    public static string ServerPath(string? given) => Path.GetFullPath(given ?? ServerProgram.BuiltBeside);
}
