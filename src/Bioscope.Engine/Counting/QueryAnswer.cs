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
    /// <summary>The maximum of buckets that are filled: the hours of 114 years.</summary>
    private const int MaxFilled = 1_000_000;

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

        if (request.Fill)
        {
            rows.Fill(MaxFilled);
        }

        var all = rows.InOrder(request.Order, result.Totals.Visits);
        var shown = all.Skip(request.Offset).Take(request.Limit).Select(row => new AnswerRow(
            [.. row.Values.Select(value => value.Text)],
            Values(row.Tally, result.Totals),
            comparison is { } other ? [.. query.Metrics.Select(metric => row.Comparison?.Of(metric, other.Result.Totals.Visits))] : null));
        return new QueryAnswer(
            [.. shown],
            all.Count,
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

    /// <summary>Adds the buckets without rows.</summary>
    public void Fill(int maxBuckets)
    {
        var buckets = TimeBuckets.Of(_query.Dimensions[0], _query.Range, _query.Zone);
        if (buckets.Count > maxBuckets)
        {
            throw new QueryTooLargeException();
        }

        for (var bucket = 0; bucket < buckets.Count; bucket++)
        {
            EquatableList<DimensionValue> values = [new(buckets.Text(bucket), bucket)];
            _rows.TryAdd(Key(values), new Row(values, default, NoComparison(values)));
        }
    }

    public List<Row> InOrder(IReadOnlyList<SortKey> order, long allVisits)
    {
        var rows = _rows.Values.ToList();
        var keys = order.Select(by => (By: by, Dimension: Array.IndexOf([.. _query.Dimensions], by.Dimension))).ToList();
        rows.Sort((a, b) =>
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
        });
        return rows;
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
            ? int.Parse(a, CultureInfo.InvariantCulture).CompareTo(int.Parse(b, CultureInfo.InvariantCulture))
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
