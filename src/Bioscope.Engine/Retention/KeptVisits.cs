using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using NodaTime;

namespace Bioscope.Engine.Retention;

/// <summary>
/// Since when visits are kept, where older ones are removed. A question that begins before is refused: its figures would look exact and
/// lack what is gone. The reports of the published API never look back so far.
/// </summary>
internal sealed class KeptVisits(AnalyticsDatabase analytics, QueryEngine engine)
{
    private const string ReadSql = """
        -- kept since
        SELECT "keptSince" FROM "Retention"
        """;

    private const string MoveSql = """
        -- move kept since
        INSERT INTO "Retention" ("id", "keptSince") VALUES (1, @since)
        ON CONFLICT ("id") DO UPDATE SET "keptSince" = excluded."keptSince" WHERE "Retention"."keptSince" < excluded."keptSince"
        """;

    private long _since = long.MinValue;

    /// <summary>The start of the first month that is kept; null while all are. As of the last <see cref="ReadAsync"/>.</summary>
    public DateTimeOffset? Since =>
        Interlocked.Read(ref _since) is var since && since > long.MinValue ? DateTimeOffset.FromUnixTimeMilliseconds(since) : null;

    /// <summary>Reads it again.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (await ReadSinceAsync(analytics, cancellationToken) is { } since)
        {
            Interlocked.Exchange(ref _since, since.ToUnixTimeMilliseconds());
        }
    }

    /// <summary>Since when visits are kept, as a database says; null while all are.</summary>
    public static async Task<DateTimeOffset?> ReadSinceAsync(AnalyticsDatabase analytics, CancellationToken cancellationToken) =>
        await analytics.QueryAsync(ReadSql, row => analytics.Dialect.ReadInstant(row, 0), cancellationToken) is [var since] ? since : null;

    /// <summary>The start of the first month that is kept.</summary>
    /// <param name="now">Of the running month.</param>
    /// <param name="months">How many months are kept besides that.</param>
    public static DateTimeOffset SinceOf(DateTimeOffset now, int months) => Grain.Month.Floor(now).AddMonths(-months);

    /// <summary>Moves it on, before anything is removed.</summary>
    public async Task MoveAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        await analytics.ExecuteAsync(MoveSql, cancellationToken, ("@since", since));
        await ReadAsync(cancellationToken);
    }

    /// <summary>Answers all of the questions, unless one is about a time of which visits are not kept.</summary>
    /// <exception cref="NotKeptException">One is about such a time.</exception>
    /// <exception cref="QueryTooLargeException">An answer needs more memory than is left.</exception>
    public async Task<IReadOnlyList<AnsweredQuery>> AnswerAsync(
        Guid page, IReadOnlyList<QueryRequest> requests, DateTimeZone zone, Naming naming, CancellationToken cancellationToken)
    {
        var answers = await engine.AnswerAsync(page, requests, zone, naming, cancellationToken);
        foreach (var (request, answer) in requests.Zip(answers))
        {
            Check(request.Range, answer);
        }

        return answers;
    }

    // All time begins with the first visit that is kept.
    private void Check(RangeRequest asked, AnsweredQuery answer)
    {
        if (Since is not { } since)
        {
            return;
        }

        if (asked is not RangeRequest.Named { Name: NamedRange.All } && answer.Query.Range.From < since.ToUnixTimeMilliseconds())
        {
            throw new NotKeptException("range", answer.Query.Range.From, since);
        }

        if (answer.Compared is { } compared && compared.Range.From < since.ToUnixTimeMilliseconds())
        {
            throw new NotKeptException("compare", compared.Range.From, since);
        }
    }
}

/// <summary>A question is about a time of which visits are not kept.</summary>
/// <param name="field">The field of the query.</param>
/// <param name="from">Where its range begins, in milliseconds since 1970 UTC.</param>
/// <param name="since">Since when visits are kept.</param>
public sealed class NotKeptException(string field, long from, DateTimeOffset since) : Exception(
    $"{field} begins at {DateTimeOffset.FromUnixTimeMilliseconds(from).UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}, but visits are kept since " +
    $"{since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} only (Retention:Months).")
{
    /// <summary>Since when visits are kept.</summary>
    public DateTimeOffset Since => since;
}
