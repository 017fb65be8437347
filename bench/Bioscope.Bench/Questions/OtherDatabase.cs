using System.Data.Common;
using System.Diagnostics;

namespace Bioscope.Bench.Questions;

/// <summary>Another database with the same rows, asked by SQL in this process: no HTTP favours it.</summary>
/// <param name="name">For figures and messages.</param>
/// <param name="connection">To it.</param>
/// <param name="words">Those of its SQL.</param>
internal sealed class OtherDatabase(string name, DbConnection connection, QuestionWords words)
{
    public string Name => name;

    /// <summary>Asks the question for the ranges of the server's answer.</summary>
    /// <returns>How many milliseconds that took.</returns>
    /// <exception cref="BenchException">Its figures are others than the server's.</exception>
    public async Task<double> TimeAsync(Question question, Answer answer, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var counted = await CountAsync(answer.Range);
        var compared = answer.Compared is { } range ? await CountAsync(range) : null;
        var taken = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        answer.Check($"{name}, {question.Name}", counted, compared);
        return taken;

        async Task<CountedRows> CountAsync(AnswerRange asked)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = words.Sql(question, asked);
            command.CommandTimeout = 0;
            return await CountedRows.ReadAsync(command, answer.Dimensions, cancellationToken);
        }
    }
}
