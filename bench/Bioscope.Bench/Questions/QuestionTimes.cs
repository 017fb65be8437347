using System.Data.Common;
using System.Diagnostics;
using Bioscope.Bench.Data;
using Bioscope.Bench.Load;
using Bioscope.Bench.Measures;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Questions;

/// <summary>
/// How long each question about the hottest page takes: over HTTP on one connection, cold and hot as in <see cref="ReportTimes"/>, and without
/// HTTP as plain SQL over the raw rows in the same database, and in DuckDB over a copy of them. All must give the same figures.
/// </summary>
internal static class QuestionTimes
{
    public const string Measure = "questions";
    public const string FasterThanSql = "faster than plain SQL, hot";
    public const string OfDuckDb = "of DuckDB's time, hot";

    private const int WarmUps = 30;

    // Of a question that is hot: until its code is compiled well.
    private const int HotWarmUps = 20;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    private static DateOnly Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    public static async Task RunAsync(BenchRun run)
    {
        // With --quick one question tells that it works: each costs a start of the server.
        foreach (var question in Question.All.Take(run.Options.IsQuick ? 1 : int.MaxValue))
        {
            await ColdAsync(run, question);
        }

        var answers = new Dictionary<Question, Answer>();
        await run.ServeAsync(Measure, async server =>
        {
            foreach (var question in Question.All)
            {
                answers[question] = await HotAsync(run, server, question);
            }
        });

        var page = run.Population.Hottest;
        await using (var analytics = run.Engine.OpenAnalytics())
        await using (var connection = await analytics.OpenAsync(run.Cancellation))
        {
            var words = analytics.Dialect.Name == "SQLite" ? QuestionWords.Sqlite(page) : QuestionWords.Postgres(page);
            await AskAsync(run, answers, "plain SQL", connection, words, (sql, hot) => (FasterThanSql, sql / hot));
        }

        await using var duckDb = await DuckDbCopy.OpenAsync(run.Engine, page, run.Cancellation);
        await AskAsync(run, answers, "DuckDB", duckDb, QuestionWords.DuckDb(page), (sql, hot) => (OfDuckDb, hot / sql));
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
            var started = Stopwatch.GetTimestamp();
            await connection.SendAsync(request, run.Cancellation);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        run.Add(Measure, question.Name, "cold", Median.Of(times), "ms");
    }

    private static async Task<Answer> HotAsync(BenchRun run, WebProcess server, Question question)
    {
        using var connection = await HttpConnection.OpenAsync(server.Address, run.Cancellation);
        var request = Request(run.Population.Hottest, question);
        for (var i = 0; i < HotWarmUps; i++)
        {
            await connection.SendAsync(request, run.Cancellation);
        }

        var (begun, times) = (Stopwatch.GetTimestamp(), new List<double>());
        // Slow ones need not be asked as often to know how slow they are.
        while (times.Count < run.Options.HotRequests && !(times.Count >= 3 && Stopwatch.GetElapsedTime(begun) > MaxTime))
        {
            var started = Stopwatch.GetTimestamp();
            await connection.SendAsync(request, run.Cancellation);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        run.Add(Measure, question.Name, "hot", Median.Of(times), "ms");
        run.Add(Measure, question.Name, "hot, worst", times.Max(), "ms");
        return new Answer(QueryOf(run.Population.Hottest, question), await connection.SendAsync(request, run.Cancellation));
    }

    /// <summary>Asks another database, compares what it says with the server's answers, and notes how long it takes.</summary>
    private static async Task AskAsync(
        BenchRun run, Dictionary<Question, Answer> answers, string who, DbConnection connection, QuestionWords words,
        Func<double, double, (string Metric, double Value)> compare)
    {
        foreach (var (question, answer) in answers)
        {
            var times = new List<double>();
            for (var i = 0; i < (run.Options.IsQuick ? 1 : 5); i++)
            {
                var started = Stopwatch.GetTimestamp();
                var counted = await CountAsync(answer.Range);
                var compared = answer.Compared is { } range ? await CountAsync(range) : null;
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                answer.Check($"{who}, {question.Name}", counted, compared);
            }

            // The first one fills caches.
            var taken = Median.Of(times.Skip(times.Count > 1 ? 1 : 0));
            run.Add(Measure, question.Name, who, taken, "ms");
            var hot = run.FiguresOf(Measure).Last(figure => figure.Case == question.Name && figure.Metric == "hot").Value;
            var (metric, ratio) = compare(taken, hot);
            run.Add(Measure, question.Name, metric, ratio, "×");

            async Task<CountedRows> CountAsync(AnswerRange range)
            {
                await using var command = connection.CreateCommand();
                command.CommandText = words.Sql(question, range);
                command.CommandTimeout = 0;
                return await CountedRows.ReadAsync(command, answer.Dimensions, run.Cancellation);
            }
        }
    }

    private static string QueryOf(BenchPage page, Question question) => QuestionWords.Query(question, page, Today);

    private static byte[] Request(BenchPage page, Question question) => Requests.Get(
        $"/api/v1/creators/analytics/query?q={Uri.EscapeDataString(QueryOf(page, question))}", Requests.TokenOf(page, TimeProvider.System.GetUtcNow()));
}
