using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace Bioscope.Bench.Questions;

/// <summary>
/// Asks questions about a large page with its segments read in portions and read at once, and again when what it came to is kept: time, and memory.
/// </summary>
internal static class LargePageCommand
{
    private const int Rounds = 9;
    private const int RoundsAgain = 201; // so that their code is compiled well, as a server's is

    private static readonly Guid Page = new("aaaaaaaa-0000-4000-8000-000000000001");

    private static readonly Option<int> Sessions = new("--sessions")
    {
        Description = "Visits of the page; ten million take some 600 MB and two minutes",
        DefaultValueFactory = _ => 10_000_000,
        HelpName = "n",
    };

    private static readonly Option<int> Memory = new("--memory")
    {
        Description = "What Query:Memory is, in megabytes",
        DefaultValueFactory = _ => 160,
        HelpName = "MB",
    };

    private static readonly Option<int> Cache = new("--cache")
    {
        Description = "What Query:Cache is, in megabytes",
        DefaultValueFactory = _ => (int)(PageHistory.UsualBytes >> 20),
        HelpName = "MB",
    };

    public static Command Create()
    {
        var command = new Command(
            "large-page", "Asks questions about one large page in SQLite, its segments read in portions and at once, and asked again, and says what each takes")
        {
            Sessions,
            Memory,
            Cache,
        };
        command.SetAction((parse, cancellationToken) => RunAsync(
            parse.GetValue(Sessions), (long)parse.GetValue(Memory) << 20, (long)parse.GetValue(Cache) << 20, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int sessions, long memory, long cache, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("bioscope-large-page-");
        try
        {
            await using var analytics = new AnalyticsDatabase($"Data Source={Path.Combine(folder.FullName, "analytics.db")}");
            await Migrator.MigrateAsync([analytics], TimeProvider.System, cancellationToken);
            var made = Stopwatch.StartNew();
            await new LargePage(Page, sessions, DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds())).WriteAsync(analytics, cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sessions:N0} visits made in {made.Elapsed.TotalSeconds:0} s"));
            Console.WriteLine("| question | in portions, first and then | at once | asked again |\n| --- | ---: | ---: | ---: |");
            foreach (var question in Question.All)
            {
                var query = QuestionWords.Query(question, LargePage.FirstLink, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));
                var portions = await AskAsync(analytics, query, memory, NewHistory(cache, int.MaxValue), Rounds, cancellationToken);
                var atOnce = await AskAsync(analytics, query, memory, NewHistory(cache, int.MaxValue, int.MaxValue), Rounds, cancellationToken);
                var again = await AskAsync(analytics, query, memory, NewHistory(cache, 1), RoundsAgain, cancellationToken);
                Console.WriteLine($"| {question.Name} | {portions} | {atOnce} | {again} |");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        return 0;
    }

    private static PageHistory NewHistory(long cache, int minCheckpointRows, int rowsAtOnce = 3_000_000) =>
        new(new DamagedPages(NullLogger<DamagedPages>.Instance), cache) { MaxRowsAtOnce = rowsAtOnce, MinCheckpointRows = minCheckpointRows };

    private static async Task<string> AskAsync(
        AnalyticsDatabase analytics, string query, long memory, PageHistory history, int rounds, CancellationToken cancellationToken)
    {
        using var kept = history;
        using var budget = new MemoryBudget(memory, atOnce: 1);
        var engine = new QueryEngine(analytics, new RollupReader(analytics), kept, budget, TimeProvider.System);
        var request = QueryReader.Read(JsonDocument.Parse(query).RootElement).Request!;
        ForgetPeak();
        var times = new List<double>();
        try
        {
            for (var round = 0; round <= rounds + 1; round++)
            {
                var started = Stopwatch.GetTimestamp();
                await engine.AnswerAsync(Page, [request], DateTimeZone.Utc, Naming.None, cancellationToken);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }
        catch (QueryTooLargeException)
        {
            return "refused";
        }

        var again = times.Skip(2).Order().ElementAt(rounds / 2); // what it came to is kept the second time
        return string.Create(CultureInfo.InvariantCulture, $"{times[0]:0}, {again:0.00} ms, peak {Peak():0} MB");
    }

    private static void ForgetPeak()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    private static double Peak() => File.ReadLines("/proc/self/status").Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024).Single();
}
