using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bioscope.Bench.Engines;
using Bioscope.Bench.Load;
using Bioscope.Bench.Processes;
using Npgsql;

namespace Bioscope.Bench.Measures;

/// <summary>
/// What PostgreSQL itself gives for the statements that the server sends it: they are taken from PostgreSQL's own log while the server
/// answers some requests, so they are those of this very version, and run again by pgbench, prepared, in turn with the server.
/// </summary>
internal static partial class Pgbench
{
    private const int Probes = 200;
    private const int MaxScripts = 40;
    private const int Clients = 10;
    private const string Mark = "bench mark";

    public static async Task RunAsync(BenchRun run, WebProcess server, LoadFile load, int connections, string measure, string @case)
    {
        if (run.Engine is not PostgresEngine postgres)
        {
            return;
        }

        var values = new Dictionary<string, string>();
        var requests = await ProbeAsync(run, postgres, server, load, values);
        // One whose transaction did not end in time cannot be run by itself.
        var asking = requests.Where(statements => statements.Count > 0 && statements.Count(IsBegin) == statements.Count(IsEnd)).ToArray();
        run.Add(measure, @case, "statements a request", requests.Average(statements => statements.Count), "");
        if (asking.Length == 0)
        {
            return;
        }

        var folder = Directory.CreateTempSubdirectory("bioscope-pgbench-").FullName;
        try
        {
            await Processes.Commands.RunAsync("chmod", run.Cancellation, "755", folder);
            var step = Math.Max(1, asking.Length / MaxScripts);
            var scripts = asking.Where((_, i) => i % step == 0).Take(MaxScripts).Select((statements, i) =>
            {
                var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{i}.sql"));
                File.WriteAllText(path, string.Concat(statements.Select(sql => sql + ";\n")));
                return path;
            }).ToArray();
            string[] arguments =
            [
                .. scripts.SelectMany(script => (string[])["-f", script]),
                .. values.Where(value => scripts.Any(script => File.ReadAllText(script).Contains($":{value.Key} ", StringComparison.Ordinal)))
                    .SelectMany(value => (string[])["-D", $"{value.Key}={value.Value}"]),
            ];
            await CompareAsync(run, postgres, server, load, connections, arguments, requests.Count / (double)requests.Count(statements => statements.Count > 0), measure, @case);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CompareAsync(
        BenchRun run, PostgresEngine postgres, WebProcess server, LoadFile load, int connections, string[] arguments, double requestsPerScript, string measure, string @case)
    {
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round < run.Options.Rounds; round++)
        {
            ours.Add((await Driver.RunAsync(server, load, connections, run.Options.Round, run.Cancellation)).PerSecond);
            theirs.Add(requestsPerScript * await TransactionsAsync(run, postgres, arguments));
        }

        run.Add(measure, @case, "pgbench, same statements", Median.Of(theirs), "/s");
        run.Add(measure, @case, "of pgbench", Median.Of(ours.Zip(theirs, (server, engine) => server / engine * 100)), "%");
    }

    private static async Task<double> TransactionsAsync(BenchRun run, PostgresEngine postgres, string[] arguments)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(run.Options.Round.TotalSeconds * 1.5));
        var output = await PostgresPrograms.RunAsync(
            "pgbench",
            run.Cancellation,
            [
                "-h", "127.0.0.1", "-p", postgres.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-n", "-M", "prepared",
                "-c", Clients.ToString(CultureInfo.InvariantCulture), "-j", "2", "-T", seconds.ToString(CultureInfo.InvariantCulture),
                .. arguments,
                new NpgsqlConnectionStringBuilder(postgres.AnalyticsConnection).Database!,
            ]);
        return double.Parse(TransactionsPerSecond().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Sends requests one after the other and returns the statements on the analytics database that each led to, with their values.</summary>
    private static async Task<List<List<string>>> ProbeAsync(
        BenchRun run, PostgresEngine postgres, WebProcess server, LoadFile load, Dictionary<string, string> values)
    {
        var log = Path.Combine(postgres.LogFolder, "bench.json");
        await postgres.SetAsync("log_statement", "all", run.Cancellation);
        var start = new FileInfo(log).Length;
        try
        {
            await using var marker = new NpgsqlConnection(postgres.AnalyticsConnection);
            await marker.OpenAsync(run.Cancellation);
            using var connection = await HttpConnection.OpenAsync(server.Address, run.Cancellation);
            for (var i = 0; i < Probes; i++)
            {
                await BenchEngine.RunAsync(marker, $"SELECT '{Mark}'", run.Cancellation);
                await connection.SendAsync(Driver.Bytes(load.Requests[load.Order[i]]), run.Cancellation);
                // A transaction that only read may be ended after the answer.
                await Task.Delay(10, run.Cancellation);
            }
        }
        finally
        {
            await postgres.SetAsync("log_statement", null, CancellationToken.None);
        }

        // What the last requests led to may still be on its way to the log.
        await Task.Delay(TimeSpan.FromSeconds(1), run.Cancellation);
        using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = start;
        using var reader = new StreamReader(stream);
        var requests = new List<List<string>>();
        while (await reader.ReadLineAsync(run.Cancellation) is { } line)
        {
            using var entry = JsonDocument.Parse(line);
            var message = Text(entry, "message");
            if (message.Contains(Mark, StringComparison.Ordinal))
            {
                requests.Add([]);
            }
            else if (requests.Count > 0 && Text(entry, "application_name") == "bioscope" && Statement(message, Text(entry, "detail"), values) is { } sql)
            {
                requests[^1].Add(sql);
            }
        }

        return requests;
    }

    /// <summary>
    /// The statement with pgbench's variables for its values, which are added to <paramref name="values"/>: so PostgreSQL plans it as it
    /// does the server's. Null when it is none of the server's own, such as the driver's clean-up.
    /// </summary>
    private static string? Statement(string message, string detail, Dictionary<string, string> values)
    {
        if (Control().Match(message) is { Success: true } control)
        {
            return control.Groups[1].Value;
        }

        if (Executed().Match(message) is not { Success: true } executed)
        {
            return null;
        }

        var given = Parameter().Matches(detail).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        var prefix = string.Create(CultureInfo.InvariantCulture, $"s{values.Count}_");
        return Place().Replace(executed.Groups[1].Value, place =>
        {
            var value = given[place.Groups[1].Value];
            if (value == "NULL")
            {
                return value;
            }

            values[prefix + place.Groups[1].Value] = value[1..^1].Replace("''", "'", StringComparison.Ordinal);
            return $":{prefix}{place.Groups[1].Value} "; // the space ends the name
        });
    }

    private static bool IsBegin(string sql) => sql.StartsWith("BEGIN", StringComparison.Ordinal);

    private static bool IsEnd(string sql) => sql.StartsWith("COMMIT", StringComparison.Ordinal) || sql.StartsWith("ROLLBACK", StringComparison.Ordinal);

    private static string Text(JsonDocument entry, string name) => entry.RootElement.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    [GeneratedRegex(@"^tps = ([\d.]+)", RegexOptions.Multiline)]
    private static partial Regex TransactionsPerSecond();

    [GeneratedRegex(@"^execute [^:]+: (.*?);?\s*$", RegexOptions.Singleline)]
    private static partial Regex Executed();

    [GeneratedRegex(@"^(?:statement|execute [^:]+): ((?:BEGIN|COMMIT|ROLLBACK)[^;]*);?\s*$")]
    private static partial Regex Control();

    [GeneratedRegex(@"\$(\d+) = ('(?:[^']|'')*'|NULL)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\$(\d+)")]
    private static partial Regex Place();
}
