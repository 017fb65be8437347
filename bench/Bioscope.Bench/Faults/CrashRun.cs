using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bioscope.Bench.Engines;
using Bioscope.Bench.Processes;
using Bioscope.Engine.Storage;

namespace Bioscope.Bench.Faults;

/// <summary>What a run has come to; kept in the folder of the databases, so that a run that was stopped can be continued.</summary>
internal sealed record CrashState(int Seed, int Rounds, long Answered, long Missing, int MinAnsweredInARound);

/// <summary>An id that the server answered, and where it must be.</summary>
internal readonly record struct AnsweredId(Guid Id, bool IsSession);

/// <summary>The rounds of one engine.</summary>
internal sealed class CrashRun(BenchEngine engine, ServerProgram program, int seed, int minAnswered)
{
    private const int IdsPerQuery = 500;
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(60);

    private readonly FaultWorld _world = new(program, engine);

    private string StateFile => Path.Combine(engine.Folder, "state.json");

    /// <returns>How many answered ids are missing.</returns>
    public async Task<long> RunAsync(int rounds, CancellationToken cancellationToken)
    {
        await _world.PrepareAsync(cancellationToken);
        var state = ReadState();
        var watch = Stopwatch.StartNew();
        while (state.Rounds < rounds)
        {
            var random = new Random(unchecked((seed * 1_000_003) + state.Rounds));
            var answered = await KillAsync(random, state.Rounds, cancellationToken);
            var missing = await MissingAfterRestartAsync(answered, cancellationToken);
            foreach (var id in missing)
            {
                var kind = id.IsSession ? "session" : "page view";
                Console.WriteLine($"{engine.Name}: round {state.Rounds}: the {kind} {id.Id} was answered and is not stored.");
            }

            state = new CrashState(
                seed,
                state.Rounds + 1,
                state.Answered + answered.Count,
                state.Missing + missing.Count,
                Math.Min(state.MinAnsweredInARound, answered.Count));
            await File.WriteAllTextAsync(StateFile, JsonSerializer.Serialize(state), cancellationToken);
            if (state.Rounds % 10 == 0 || state.Rounds == rounds)
            {
                await Console.Error.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{engine.Name}: {state.Rounds:N0} of {rounds:N0} rounds, {state.Answered:N0} ids answered, {state.Missing:N0} missing, "
                    + $"{watch.Elapsed.TotalSeconds:N0} s"));
            }
        }

        await VerifyAsync(cancellationToken);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{engine.Name}: {state.Rounds:N0} SIGKILLs, {state.Answered:N0} ids answered (at least {state.MinAnsweredInARound:N0} in each round), "
            + $"{state.Missing:N0} missing"));
        return state.Missing;
    }

    private CrashState ReadState()
    {
        if (!File.Exists(StateFile))
        {
            return new CrashState(seed, 0, 0, 0, int.MaxValue);
        }

        var state = JsonSerializer.Deserialize<CrashState>(File.ReadAllText(StateFile))!;
        return state.Seed == seed
            ? state
            : throw new BenchException(
                $"{StateFile} is of a run with --seed {state.Seed}. Give that seed, or --from-start, or another --data.");
    }

    /// <summary>Serves until enough ids were answered, and ends the server at a random moment within the next 200 ms.</summary>
    private async Task<IReadOnlyCollection<AnsweredId>> KillAsync(Random random, int round, CancellationToken cancellationToken)
    {
        await using var server = await _world.ServeAsync(null, cancellationToken);
        var visits = new CrashVisits(server.Address, random, round);
        var clients = visits.Start();
        var started = Stopwatch.GetTimestamp();
        while (visits.Answered.Count < minAnswered)
        {
            if (Stopwatch.GetElapsedTime(started) > MaxWait)
            {
                throw new BenchException(
                    $"Round {round}: after {MaxWait.TotalSeconds} s only {visits.Answered.Count} ids were answered. Last refusal: {visits.LastRefusal}");
            }

            await Task.Delay(2, cancellationToken);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200)), cancellationToken);
        await server.KillAsync(cancellationToken);
        await clients;
        return [.. visits.Answered];
    }

    /// <summary>Starts the server, which recovers what it finds, and looks for the ids while it serves.</summary>
    private async Task<List<AnsweredId>> MissingAfterRestartAsync(
        IReadOnlyCollection<AnsweredId> answered, CancellationToken cancellationToken)
    {
        await using var server = await _world.ServeAsync(null, cancellationToken);
        try
        {
            await using var analytics = engine.OpenAnalytics();
            var missing = new List<AnsweredId>();
            foreach (var isSession in (bool[])[true, false])
            {
                var ids = answered.Where(id => id.IsSession == isSession).Select(id => id.Id).ToList();
                var stored = await StoredAsync(analytics, isSession ? "AnalyticsSession" : "AnalyticsPageView", ids, cancellationToken);
                missing.AddRange(ids.Where(id => !stored.Contains(id)).Select(id => new AnsweredId(id, isSession)));
            }

            return missing;
        }
        finally
        {
            await server.KillAsync(CancellationToken.None); // what it has to recover next time is more, and the round is shorter
        }
    }

    private static async Task<HashSet<Guid>> StoredAsync(
        AnalyticsDatabase analytics, string table, List<Guid> ids, CancellationToken cancellationToken)
    {
        var stored = new HashSet<Guid>();
        foreach (var some in ids.Chunk(IdsPerQuery))
        {
            stored.UnionWith(await analytics.QueryAsync(
                $$"""SELECT "id" FROM "{{table}}" WHERE "id" {isAnyOfIds}""",
                row => analytics.Dialect.ReadGuid(row, 0),
                cancellationToken,
                ("@ids", some)));
        }

        return stored;
    }

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        // Once more with an orderly end, which seals and folds what is due.
        await using (var server = await _world.ServeAsync(null, cancellationToken))
        {
            await server.ReadyAsync("/readyz", cancellationToken);
        }

        Console.WriteLine($"{engine.Name}: {(await _world.VerifyAsync(cancellationToken)).Trim().ReplaceLineEndings("; ")}");
    }
}
