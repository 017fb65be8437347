using Bioscope.Core;
using Bioscope.Engine.Storage;
using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>A question that was answered, the one about the range that it is compared with, and the answer.</summary>
public sealed record AnsweredQuery(CountQuery Query, CountQuery? Compared, QueryAnswer Answer);

/// <summary>Answers questions about a page, each equal to a recount of its raw rows as of one instant.</summary>
/// <param name="analytics">Where the rows are.</param>
/// <param name="history">What is sealed; null where the tables are another service's, which may lack columns and seals nothing.</param>
/// <param name="memory">What rows take is taken from it.</param>
/// <param name="clock">Tells what today is.</param>
internal sealed class QueryEngine(AnalyticsDatabase analytics, PageHistory? history, MemoryBudget memory, TimeProvider clock)
{
    /// <summary>Answers all of the questions from one snapshot.</summary>
    /// <param name="page">The page that they are about.</param>
    /// <param name="requests">The questions.</param>
    /// <param name="zone">Decides what a day is where a question names no zone.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="QueryTooLargeException">An answer needs more memory than is left.</exception>
    public async Task<IReadOnlyList<AnsweredQuery>> AnswerAsync(
        Guid page, IReadOnlyList<QueryRequest> requests, DateTimeZone zone, CancellationToken cancellationToken)
    {
        using var lease = await memory.BeginAsync(cancellationToken);
        var now = clock.GetUtcNow().TruncateToMillisecond().ToUnixTimeMilliseconds();
        await using var connection = await analytics.OpenAsync(cancellationToken);
        await using var snapshot = await analytics.Dialect.BeginSnapshotAsync(connection, cancellationToken);
        var stored = history is not null ? null : (await analytics.Dialect.ColumnsAsync(connection, "AnalyticsSession", cancellationToken)).ToHashSet();
        var raw = new PageRowsReader(analytics.Dialect, snapshot, page, lease, stored, cancellationToken);
        var sealedRows = history is null ? null : await history.OpenAsync(analytics.Dialect, snapshot, page, lease, cancellationToken);
        var answers = new List<AnsweredQuery>(requests.Count);
        foreach (var request in requests)
        {
            answers.Add(await AnswerAsync(page, request, request.Zone ?? zone, now, raw, sealedRows));
        }

        sealedRows?.Keep();
        return answers;
    }

    private static async Task<AnsweredQuery> AnswerAsync(
        Guid page, QueryRequest request, DateTimeZone zone, long now, PageRowsReader raw, PageSnapshot? sealedRows)
    {
        var first = request.Range is RangeRequest.Named { Name: NamedRange.All } ? await raw.FirstAsync() : null;
        var range = QueryRange.Of(request.Range, zone, now, first?.ToUnixTimeMilliseconds());
        var query = CountQuery.Canonical(page, range.Instants, zone, request.Dimensions, request.Filters, request.Metrics);
        var result = await CountAsync(query);
        if (request.Comparison is not { } comparison)
        {
            return new AnsweredQuery(query, null, QueryAnswer.Of(query, result, null, request));
        }

        var compared = query with { Range = range.Comparison(comparison, zone).Instants };
        return new AnsweredQuery(query, compared, QueryAnswer.Of(query, result, (compared, await CountAsync(compared)), request));

        async Task<CountResult> CountAsync(CountQuery of) =>
            CountScan.Run(of, (sealedRows is null ? null : await sealedRows.ReadAsync(of)) ?? await raw.ReadAsync(of));
    }
}
