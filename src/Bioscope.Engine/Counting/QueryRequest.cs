using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>A query as it was asked: valid in itself, with defaults filled in, but without page and moment.</summary>
/// <param name="Range">Default: the last 30 days.</param>
/// <param name="Zone">Null when none was named: then the creator's own decides.</param>
/// <param name="Metrics">At least one, no two the same.</param>
/// <param name="Dimensions">Up to two, no two the same.</param>
/// <param name="Filters">Up to <see cref="MaxFilters"/>; all must hold.</param>
/// <param name="Comparison">Null when none was asked for; never there with <see cref="NamedRange.All"/>.</param>
/// <param name="Order">At least one key, each a metric or dimension of the query, no two the same.</param>
/// <param name="Limit">1 to <see cref="MaxLimit"/> rows.</param>
/// <param name="Offset">From 0.</param>
/// <param name="Fill">Whether buckets with nothing in them are rows too; only with one dimension, a time dimension.</param>
public sealed record QueryRequest(
    RangeRequest Range,
    DateTimeZone? Zone,
    EquatableList<Metric> Metrics,
    EquatableList<Dimension> Dimensions,
    EquatableList<Filter> Filters,
    ComparisonRequest? Comparison,
    EquatableList<SortKey> Order,
    int Limit,
    int Offset,
    bool Fill)
{
    /// <summary>How many dimensions a query may have.</summary>
    public const int MaxDimensions = 2;

    /// <summary>How many filters a query may have.</summary>
    public const int MaxFilters = 20;

    /// <summary>How many values one filter may have.</summary>
    public const int MaxFilterValues = 100;

    /// <summary>How many characters (UTF-16 units) one value of a filter may have.</summary>
    public const int MaxValueLength = 1_000;

    /// <summary>How many rows may be asked for at once.</summary>
    public const int MaxLimit = 10_000;

    /// <summary>How many rows there are at most when nothing else is asked for.</summary>
    public const int DefaultLimit = 100;
}

/// <summary>What rows are sorted by: a metric or a dimension, the other one is null.</summary>
public sealed record SortKey(Metric? Metric, Dimension? Dimension, bool Descending)
{
    /// <summary>The order without <c>orderBy</c>: the time dimensions ascending; without any the first metric descending.</summary>
    public static EquatableList<SortKey> DefaultOf(IReadOnlyList<Metric> metrics, IReadOnlyList<Dimension> dimensions)
    {
        var times = dimensions.Where(dimension => dimension.Kind == DimensionKind.Time).ToArray();
        return times.Length > 0 ? [.. times.Select(time => new SortKey(null, time, false))] : [new SortKey(metrics[0], null, true)];
    }
}

/// <summary>What is wrong with one field of a query.</summary>
/// <param name="Field">Such as <c>range</c> or <c>filters[2]</c>; <c>body</c> for the whole.</param>
/// <param name="Message">What is wrong and what is allowed, to be read after the field's name.</param>
public sealed record QueryDetail(string Field, string Message)
{
    /// <inheritdoc />
    public override string ToString() => $"{Field} {Message}";
}

/// <summary>A query that was read: a request and no details, or no request and at least one detail.</summary>
public sealed record QueryReading(QueryRequest? Request, EquatableList<QueryDetail> Details);
