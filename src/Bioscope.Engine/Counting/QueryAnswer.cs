using System.Globalization;
using Bioscope.Core;

namespace Bioscope.Engine.Counting;

/// <summary>
/// A row of the result: the values of its dimensions, its metrics, and those of the comparison, each null where there is no such bucket.
/// </summary>
public sealed record AnswerRow(IReadOnlyList<string?> Dimensions, IReadOnlyList<double> Metrics, IReadOnlyList<double?>? Comparison);

/// <summary>The result of a query.</summary>
/// <param name="Rows">The rows from the offset, up to the limit, in order.</param>
/// <param name="RowCount">How many rows there are in total.</param>
/// <param name="Totals">Totals of everything that passes the filters: counted, never summed.</param>
/// <param name="ComparisonTotals">Totals of the comparison; null without one.</param>
public sealed record QueryAnswer(
    IReadOnlyList<AnswerRow> Rows, int RowCount, IReadOnlyList<double> Totals, IReadOnlyList<double>? ComparisonTotals)
{
    /// <summary>Orders the rows and joins them with those of the comparison.</summary>
    /// <param name="query">The question.</param>
    /// <param name="result">What was counted.</param>
    /// <param name="comparison">The question about the compared range, and its counts.</param>
    /// <param name="request">The request: its order, limit and offset.</param>
    public static QueryAnswer Of(
        CountQuery query, CountResult result, (CountQuery Query, CountResult Result)? comparison, QueryRequest request)
    {
        var rows = new AnswerRows(query, comparison?.Query);
        rows.Add(result.Rows);
        if (comparison is { } compared)
        {
            rows.AddComparison(compared.Result.Rows);
        }

        var (page, count) = rows.InOrder(request, result.Totals.Visits);
        var shown = page.Select(row => new AnswerRow(
            [.. row.Values.Select(value => value.Text)],
            Values(row.Tally, result.Totals),
            comparison is { } other ? [.. query.Metrics.Select(metric => row.Comparison?.Of(metric, other.Result.Totals.Visits))] : null));
        return new QueryAnswer(
            [.. shown],
            count,
            Values(result.Totals, result.Totals),
            comparison is { Result.Totals: var totals } ? Values(totals, totals) : null);

        double[] Values(Tally tally, Tally totals) => [.. query.Metrics.Select(metric => tally.Of(metric, totals.Visits))];
    }
}

/// <summary>
/// The rows of a result in the making. The k-th bucket of a range is matched with the k-th bucket of the compared range; hours of the
/// day, weekdays and all other values are matched by value.
/// </summary>
internal sealed class AnswerRows
{
    private readonly CountQuery _query;
    private readonly bool[] _areNumbers; // by dimension: hours of the day and weekdays, which repeat
    private readonly (TimeBuckets Current, int Compared)?[] _buckets;
    private readonly Dictionary<EquatableList<DimensionValue>, Row> _rows = [];

    public AnswerRows(CountQuery query, CountQuery? compared)
    {
        _query = query;
        _areNumbers = [.. query.Dimensions.Select(dimension => dimension.Kind == DimensionKind.Time && LocalUnit.Of(dimension).Cycle > 0)];
        _buckets =
        [
            .. query.Dimensions.Select((dimension, i) => dimension.Kind == DimensionKind.Time && !_areNumbers[i]
                ? (
                    TimeBuckets.Of(dimension, query.Range, query.Zone),
                    compared is null ? 0 : TimeBuckets.Of(dimension, compared.Range, compared.Zone).Count)
                : ((TimeBuckets, int)?)null),
        ];
    }

    public sealed record Row(EquatableList<DimensionValue> Values, Tally Tally, Tally? Comparison);

    public void Add(IReadOnlyList<CountRow> counted)
    {
        foreach (var row in counted)
        {
            _rows[Key(row.Values)] = new Row(row.Values, row.Tally, NoComparison(row.Values));
        }
    }

    public void AddComparison(IReadOnlyList<CountRow> counted)
    {
        foreach (var row in counted)
        {
            if (ValuesBeside(row.Values) is not { } values)
            {
                continue; // beyond the buckets of the range
            }

            var key = Key(values);
            _rows[key] = _rows.TryGetValue(key, out var known) ? known with { Comparison = row.Tally } : new Row(
                values, default, row.Tally);
        }
    }

    /// <summary>The rows from the offset, up to the limit, and how many there are in total.</summary>
    public (IEnumerable<Row> Shown, int Count) InOrder(QueryRequest request, long allVisits)
    {
        var rows = _rows.Values.ToList();
        rows.Sort(Order(request.Order, allVisits));
        return request.Fill ? Filled(rows, request, allVisits) : (rows.Skip(request.Offset).Take(request.Limit), rows.Count);
    }

    /// <summary>With the buckets that have no row. Only those that are shown are made.</summary>
    private (List<Row> Shown, int Count) Filled(List<Row> rows, QueryRequest request, long allVisits)
    {
        var buckets = TimeBuckets.Of(_query.Dimensions[0], _query.Range, _query.Zone);
        var taken = rows.Where(row => IsOne(row.Values[0])).Select(row => NumberOf(row.Values[0])).Order();
        var isBackward = request.Order.FirstOrDefault(by => by.Dimension is not null)?.Descending == true;
        var empty = new EmptyBuckets([.. taken], buckets.Count, isBackward);
        // All empty ones come before a row or after it, unless it is time that decides.
        var byMetrics = Order([.. request.Order.TakeWhile(by => by.Metric is not null)], allVisits);
        var places = rows.Select((row, i) => i + byMetrics(row with { Tally = default }, row) switch
        {
            < 0 => empty.Count,
            > 0 => 0,
            _ => empty.CountBefore(NumberOf(row.Values[0])),
        }).ToList();
        var (count, shown, next) = (rows.Count + empty.Count, new List<Row>(), places.Count(place => place < request.Offset));
        for (var place = request.Offset; place < count && shown.Count < request.Limit; place++)
        {
            shown.Add(next < places.Count && places[next] == place ? rows[next++] : EmptyRow(empty.At(place - next)));
        }

        return (shown, count);

        Row EmptyRow(int bucket)
        {
            EquatableList<DimensionValue> values = [new(buckets.Text(bucket), bucket)];
            return new Row(values, default, NoComparison(values));
        }

        // A value that repeats may come from the compared range: it has another number there, and may be missing here.
        bool IsOne(DimensionValue value) => !_areNumbers[0] || Enumerable.Range(0, buckets.Count).Any(bucket => buckets.Text(bucket) == value.Text);

        int NumberOf(DimensionValue value) => !_areNumbers[0] ? value.Bucket
            : Enumerable.Range(0, buckets.Count).Count(bucket => Number(buckets.Text(bucket)) < Number(value.Text!));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private Comparison<Row> Order(IReadOnlyList<SortKey> order, long allVisits)
    {
        var keys = order.Select(by => (By: by, Dimension: Array.IndexOf([.. _query.Dimensions], by.Dimension))).ToList();
        return (a, b) =>
        {
            foreach (var (by, dimension) in keys)
            {
                if (Compare(a, b, by, dimension, allVisits) is not 0 and var difference)
                {
                    return difference;
                }
            }

            for (var i = 0; i < _query.Dimensions.Count; i++)
            {
                if (CompareValues(i, a, b, descending: false) is not 0 and var difference)
                {
                    return difference;
                }
            }

            return 0;
        };
    }

    private int Compare(Row a, Row b, SortKey by, int dimension, long allVisits)
    {
        if (by.Metric is { } metric)
        {
            var difference = a.Tally.Of(metric, allVisits).CompareTo(b.Tally.Of(metric, allVisits));
            return by.Descending ? -difference : difference;
        }

        return CompareValues(dimension, a, b, by.Descending);
    }

    // Null is last in both directions.
    private int CompareValues(int dimension, Row left, Row right, bool descending)
    {
        var (a, b) = (left.Values[dimension].Text, right.Values[dimension].Text);
        if (a is null || b is null)
        {
            return (a is null ? 1 : 0) - (b is null ? 1 : 0);
        }

        var difference = _areNumbers[dimension]
            ? Number(a).CompareTo(Number(b))
            : CodePointOrder.Instance.Compare(a, b);
        return descending ? -difference : difference;
    }

    // Nothing was counted there, unless the compared range has no such bucket.
    private Tally? NoComparison(EquatableList<DimensionValue> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (_buckets[i] is { } buckets && values[i].Bucket >= buckets.Compared)
            {
                return null;
            }
        }

        return default(Tally);
    }

    // Without numbers: those of cyclic values may differ in the two ranges.
    private static EquatableList<DimensionValue> Key(EquatableList<DimensionValue> values) =>
        [.. values.Select(value => new DimensionValue(value.Text))];

    private EquatableList<DimensionValue>? ValuesBeside(EquatableList<DimensionValue> values)
    {
        var beside = values.ToArray();
        for (var i = 0; i < beside.Length; i++)
        {
            if (_buckets[i] is { } buckets)
            {
                if (beside[i].Bucket >= buckets.Current.Count)
                {
                    return null;
                }

                beside[i] = new DimensionValue(buckets.Current.Text(beside[i].Bucket), beside[i].Bucket);
            }
        }

        return new EquatableList<DimensionValue>(beside);
    }
}

/// <summary>A result would need more memory than a question may take.</summary>
public sealed class QueryTooLargeException() : Exception("The query needs more memory than is left.");
