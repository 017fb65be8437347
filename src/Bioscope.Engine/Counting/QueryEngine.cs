using Bioscope.Core;
using Bioscope.Engine.Storage;
using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>A question that was answered, the one about the range that it is compared with, and the answer.</summary>
public sealed record AnsweredQuery(CountQuery Query, CountQuery? Compared, QueryAnswer Answer);

/// <summary>Answers questions about a page, each equal to a recount of its raw rows as of one instant.</summary>
/// <param name="analytics">Where the rows are.</param>
/// <param name="rollups">Answers what rollups have.</param>
/// <param name="history">What is sealed; null where the tables are another service's, which may lack columns and seals nothing.</param>
/// <param name="memory">What rows take is taken from it.</param>
/// <param name="clock">Tells what today is.</param>
internal sealed class QueryEngine(
    AnalyticsDatabase analytics, RollupReader rollups, PageHistory? history, MemoryBudget memory, TimeProvider clock)
{
    /// <summary>Counts what one question asks for, from rollups where they answer it.</summary>
    /// <param name="query">The question.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="QueryTooLargeException">The answer needs more memory than is left.</exception>
    public async Task<CountResult> CountAsync(CountQuery query, CancellationToken cancellationToken)
    {
        if (RollupPlan.Of(query) is not { } plan)
        {
            return await ReadAsync(query.PageId, rows => rows.CountAsync(query), cancellationToken);
        }

        var window = new Window(query.PageId, DateTimeOffset.FromUnixTimeMilliseconds(query.Range.From));
        return plan.Result(await rollups.ReadAsync(plan, window, cancellationToken));
    }

    /// <summary>
    /// The totals of a page in a range that is still running, equal to what <see cref="AnswerAsync(Guid, IReadOnlyList{QueryRequest},
    /// DateTimeZone, Naming, CancellationToken)"/> says: by one statement, unless visits are hidden among them.
    /// </summary>
    public async Task<PageTotals> TotalsAsync(Guid page, InstantRange range, DateTimeZone zone, Naming naming, CancellationToken cancellationToken)
    {
        try
        {
            if (history is not null && !naming.Rules.Any(rule => rule.Hide)
                && await PageTotals.ReadAsync(analytics, history, page, range, naming.HidesSpam, cancellationToken) is { } totals)
            {
                return totals;
            }
        }
        catch (Exception e) when (DamagedPages.IsDamage(e, analytics.Dialect))
        {
            // The engine's way finds the damage again, notes it and counts the raw rows.
        }

        var query = CountQuery.Canonical(page, range, zone, [], [], [Metric.Visits, Metric.Views, Metric.Clicks], naming);
        var counted = (await ReadAsync(page, rows => rows.CountAsync(query), cancellationToken)).Totals;
        return new PageTotals(counted.Visits, counted.Views, counted.Clicks);
    }

    /// <summary>Answers all of the questions from one snapshot.</summary>
    /// <param name="page">The page that they are about.</param>
    /// <param name="requests">The questions.</param>
    /// <param name="zone">Decides what a day is where a question names no zone.</param>
    /// <param name="naming">What the creator says of where her visits come from.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="QueryTooLargeException">An answer needs more memory than is left.</exception>
    public async Task<IReadOnlyList<AnsweredQuery>> AnswerAsync(
        Guid page, IReadOnlyList<QueryRequest> requests, DateTimeZone zone, Naming naming, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().TruncateToMillisecond().ToUnixTimeMilliseconds();
        return await ReadAsync(
            page,
            async rows =>
            {
                var answers = new List<AnsweredQuery>(requests.Count);
                foreach (var request in requests)
                {
                    answers.Add(await AnswerAsync(page, request, request.Zone ?? zone, naming, now, rows));
                }

                return answers;
            },
            cancellationToken);
    }

    private static async Task<AnsweredQuery> AnswerAsync(
        Guid page, QueryRequest request, DateTimeZone zone, Naming naming, long now, SnapshotRows rows)
    {
        var first = request.Range is RangeRequest.Named { Name: NamedRange.All } ? await rows.Raw.FirstAsync() : null;
        var range = QueryRange.Of(request.Range, zone, now, first?.ToUnixTimeMilliseconds());
        var query = CountQuery.Canonical(page, range.Instants, zone, request.Dimensions, request.Filters, request.Metrics, naming);
        var result = await rows.CountAsync(query);
        if (request.Comparison is not { } comparison)
        {
            return new AnsweredQuery(query, null, QueryAnswer.Of(query, result, null, request));
        }

        var compared = query with { Range = range.Comparison(comparison, zone).Instants };
        return new AnsweredQuery(query, compared, QueryAnswer.Of(query, result, (compared, await rows.CountAsync(compared)), request));
    }

    private async Task<T> ReadAsync<T>(Guid page, Func<SnapshotRows, Task<T>> answer, CancellationToken cancellationToken)
    {
        using var lease = await memory.BeginAsync(cancellationToken);
        await using var connection = await analytics.OpenAsync(cancellationToken);
        await using var snapshot = await analytics.Dialect.BeginSnapshotAsync(connection, cancellationToken);
        var stored = history is not null
            ? null
            : (await analytics.Dialect.ColumnsAsync(connection, snapshot, "AnalyticsSession", cancellationToken)).ToHashSet();
        var raw = new PageRowsReader(analytics.Dialect, snapshot, page, lease, stored, cancellationToken);
        var sealedRows = history is null ? null : await history.OpenAsync(analytics.Dialect, snapshot, page, lease, cancellationToken);
        var answered = await answer(new SnapshotRows(raw, sealedRows));
        sealedRows?.Keep();
        return answered;
    }

    /// <summary>A page's rows in one snapshot.</summary>
    private sealed record SnapshotRows(PageRowsReader Raw, PageSnapshot? Sealed)
    {
        public async Task<CountResult> CountAsync(CountQuery query) =>
            (Sealed is null ? null : await Sealed.CountAsync(query)) ?? await CountScan.RunAsync(query, await Raw.ReadAsync(query));
    }
}
