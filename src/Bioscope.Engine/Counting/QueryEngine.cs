using Bioscope.Core;
using Bioscope.Engine.Storage;
using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>A question that was answered, the one about the range that it is compared with, and the answer.</summary>
public sealed record AnsweredQuery(CountQuery Query, CountQuery? Compared, QueryAnswer Answer);

/// <summary>Answers questions about a page, each equal to a recount of its raw rows as of one instant.</summary>
/// <param name="analytics">Where the rows are.</param>
/// <param name="memory">What rows take is taken from it.</param>
/// <param name="clock">Tells what today is.</param>
/// <param name="ownsTables">Whether the tables are our own, with all their columns, or another service's.</param>
internal sealed class QueryEngine(AnalyticsDatabase analytics, MemoryBudget memory, TimeProvider clock, bool ownsTables)
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
        var stored = ownsTables ? null : (await analytics.Dialect.ColumnsAsync(connection, "AnalyticsSession", cancellationToken)).ToHashSet();
        var reader = new PageRowsReader(analytics.Dialect, snapshot, page, lease, stored, cancellationToken);
        var answers = new List<AnsweredQuery>(requests.Count);
        foreach (var request in requests)
        {
            answers.Add(await AnswerAsync(reader, page, request, request.Zone ?? zone, now));
        }

        return answers;
    }

    private static async Task<AnsweredQuery> AnswerAsync(PageRowsReader reader, Guid page, QueryRequest request, DateTimeZone zone, long now)
    {
        var first = request.Range is RangeRequest.Named { Name: NamedRange.All } ? await reader.FirstAsync() : null;
        var range = QueryRange.Of(request.Range, zone, now, first?.ToUnixTimeMilliseconds());
        var query = CountQuery.Canonical(page, range.Instants, zone, request.Dimensions, request.Filters, request.Metrics);
        var result = CountScan.Run(query, await reader.ReadAsync(query));
        if (request.Comparison is not { } comparison)
        {
            return new AnsweredQuery(query, null, QueryAnswer.Of(query, result, null, request));
        }

        var compared = query with { Range = range.Comparison(comparison, zone).Instants };
        var beside = CountScan.Run(compared, await reader.ReadAsync(compared));
        return new AnsweredQuery(query, compared, QueryAnswer.Of(query, result, (compared, beside), request));
    }
}
