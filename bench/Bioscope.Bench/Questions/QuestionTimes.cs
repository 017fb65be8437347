using System.Diagnostics;
using Bioscope.Bench.Data;
using Bioscope.Bench.Load;
using Bioscope.Bench.Measures;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Questions;

/// <summary>
/// How long each question about the hottest page takes: over HTTP on one connection, cold and hot as in <see cref="ReportTimes"/>, and
/// without HTTP as plain SQL over the raw rows in the same database, and in DuckDB over a copy of them. All must give the same figures.
/// </summary>
internal static class QuestionTimes
{
    public const string Measure = "questions";
    public const string FasterThanSql = "faster than plain SQL, hot";
    public const string OfDuckDb = "of DuckDB's time, hot";

    private const int WarmUps = 30;

    // Of a question that is hot: until its code is compiled well.
    private const int HotWarmUps = 20;

    private static readonly TimeSpan MaxTimeOfRound = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan MaxTimeOfSql = TimeSpan.FromSeconds(15);

    private const string IndexSql = """
        -- index for plain SQL
        CREATE INDEX IF NOT EXISTS "plainSql" ON "AnalyticsSession" ("id")
        """;

    private const string DropIndexSql = """
        -- drop index for plain SQL
        DROP INDEX IF EXISTS "plainSql"
        """;

    private static DateOnly Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    public static async Task RunAsync(BenchRun run)
    {
        var page = run.Population.Hottest;
        await using var analytics = run.Engine.OpenAnalytics();
        await using var rows = await analytics.OpenAsync(run.Cancellation);
        // Nothing of the server looks sessions up by their ids alone; plain SQL that joins page views with them does, and on SQLite for each one.
        await analytics.ExecuteAsync(IndexSql, run.Cancellation);
        await using var duckDb = await DuckDbCopy.OpenAsync(run.Engine, page, run.Cancellation);
        var words = analytics.Dialect.Name == "SQLite" ? QuestionWords.Sqlite(page) : QuestionWords.Postgres(page);
        var sql = new OtherDatabase("plain SQL", rows, words);
        var yardstick = new OtherDatabase("DuckDB", duckDb, QuestionWords.DuckDb(page));
        await run.ServeAsync(Measure, async server =>
        {
            foreach (var question in Question.All)
            {
                await InTurnAsync(run, server, question, sql, yardstick);
            }
        });
        await analytics.ExecuteAsync(DropIndexSql, run.Cancellation);

        // With --quick one question tells that it works: each costs a start of the server.
        foreach (var question in Question.All.Take(run.Options.IsQuick ? 1 : int.MaxValue))
        {
            await ColdAsync(run, question);
        }
    }

    /// <summary>
    /// Hot: some rounds of requests to the server, then plain SQL, then DuckDB. Whatever else the machine does disturbs all of them, so the
    /// median of the rounds' ratios is what counts.
    /// </summary>
    private static async Task InTurnAsync(BenchRun run, WebProcess server, Question question, OtherDatabase sql, OtherDatabase duckDb)
    {
        var request = Request(run.Population.Hottest, question);
        var answer = await WarmUpAsync(run, server, question, request);
        await sql.TimeAsync(question, answer, run.Cancellation); // fills caches
        await duckDb.TimeAsync(question, answer, run.Cancellation);
        var (requests, processor, rounds) = (new List<double>(), TimeSpan.Zero, new List<(double Hot, double Sql, double DuckDb)>());
        for (var round = 0; round < run.Options.Rounds; round++)
        {
            var before = server.ProcessorTime;
            var hot = await HotAsync(run, server, request);
            requests.AddRange(hot);
            processor += server.ProcessorTime - before;
            rounds.Add((
                Median.Of(hot),
                // It may take a hundred times as long as the rest.
                rounds.Sum(earlier => earlier.Sql) < MaxTimeOfSql.TotalMilliseconds
                    ? await sql.TimeAsync(question, answer, run.Cancellation)
                    : Median.Of(rounds.Select(earlier => earlier.Sql)),
                Median.Of(await SeveralAsync(() => duckDb.TimeAsync(question, answer, run.Cancellation)))));
        }

        Add("hot", Median.Of(requests), "ms");
        Add("hot, worst", requests.Max(), "ms");
        Add("hot, processor", processor.TotalMilliseconds / requests.Count, "ms per request");
        Add(sql.Name, Median.Of(rounds.Select(round => round.Sql)), "ms");
        Add(FasterThanSql, Median.Of(rounds.Select(round => round.Sql / round.Hot)), "×");
        Add(duckDb.Name, Median.Of(rounds.Select(round => round.DuckDb)), "ms");
        Add(OfDuckDb, Median.Of(rounds.Select(round => round.Hot / round.DuckDb)), "×");

        Add("hot, another range each time", Median.Of(await OtherRangesAsync(run, server, question)), "ms");

        void Add(string metric, double value, string unit) => run.Add(Measure, question.Name, metric, value, unit);
    }

    private static async Task<Answer> WarmUpAsync(BenchRun run, WebProcess server, Question question, byte[] request)
    {
        using var connection = await HttpConnection.OpenAsync(server.Address, run.Cancellation);
        for (var i = 0; i < HotWarmUps; i++)
        {
            await connection.SendAsync(request, run.Cancellation);
        }

        return new Answer(QueryOf(run.Population.Hottest, question), await connection.SendAsync(request, run.Cancellation));
    }

    private static async Task<List<double>> HotAsync(BenchRun run, WebProcess server, byte[] request)
    {
        // The server closes a connection on which nothing is asked for two minutes, and plain SQL may take longer.
        using var connection = await HttpConnection.OpenAsync(server.Address, run.Cancellation);
        await connection.SendAsync(request, run.Cancellation);
        var (begun, times) = (Stopwatch.GetTimestamp(), new List<double>());
        // Slow ones need not be asked as often to know how slow they are.
        while (times.Count < run.Options.HotRequests / run.Options.Rounds
            && !(times.Count >= 3 && Stopwatch.GetElapsedTime(begun) > MaxTimeOfRound))
        {
            times.Add(await TimeAsync(connection, request, run.Cancellation));
        }

        return times;
    }

    private static async Task<List<double>> OtherRangesAsync(BenchRun run, WebProcess server, Question question)
    {
        const int Ranges = 15;
        using var connection = await HttpConnection.OpenAsync(server.Address, run.Cancellation);
        var times = new List<double>();
        for (var i = 1; i <= Ranges; i++)
        {
            var query = QuestionWords.OfOtherRange(QueryOf(run.Population.Hottest, question), Today, i * 7);
            times.Add(await TimeAsync(connection, Request(run.Population.Hottest, query), run.Cancellation));
        }

        return times;
    }

    private static async Task<List<double>> SeveralAsync(Func<Task<double>> measure)
    {
        var times = new List<double>();
        while (times.Count < 5)
        {
            times.Add(await measure());
        }

        return times;
    }

    private static async Task ColdAsync(BenchRun run, Question question)
    {
        var times = new List<double>();
        for (var start = 0; start < run.Options.ColdStarts; start++)
        {
            await using var server = await run.Server.ServeAsync(run.Engine, run.Cancellation);
            using var connection = await HttpConnection.OpenAsync(server.Address, run.Cancellation);
            var other = Request(run.Population.Pages[1], question);
            for (var i = 0; i < WarmUps; i++)
            {
                await connection.SendAsync(other, run.Cancellation);
            }

            // A server looks at all pages when it starts, whether there is something to seal.
            await server.IdleAsync(TimeSpan.FromSeconds(0.3), run.Cancellation);
            var request = Request(run.Population.Hottest, question);
            times.Add(await TimeAsync(connection, request, run.Cancellation));
        }

        run.Add(Measure, question.Name, "cold", Median.Of(times), "ms");
    }

    private static async Task<double> TimeAsync(HttpConnection connection, byte[] request, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await connection.SendAsync(request, cancellationToken);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static string QueryOf(BenchPage page, Question question) => QuestionWords.Query(question, page.LinkIds[0], Today);

    private static byte[] Request(BenchPage page, Question question) => Request(page, QueryOf(page, question));

    private static byte[] Request(BenchPage page, string query) => Requests.Get(
        $"/api/v1/creators/analytics/query?q={Uri.EscapeDataString(query)}",
        Requests.TokenOf(page, TimeProvider.System.GetUtcNow()));
}
