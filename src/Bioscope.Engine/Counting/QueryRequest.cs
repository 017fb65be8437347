using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>A query as requested: valid in itself, with defaults filled in, but without page and moment.</summary>
/// <param name="Range">Default: the last 30 days.</param>
/// <param name="Zone">Null when none was given; the creator's own is then used.</param>
/// <param name="Metrics">At least one, without duplicates.</param>
/// <param name="Dimensions">Up to two, without duplicates.</param>
/// <param name="Filters">Up to <see cref="MaxFilters"/>; all must hold.</param>
/// <param name="Comparison">Null when none was requested; always null with <see cref="NamedRange.All"/>.</param>
/// <param name="Order">At least one key, each a metric or dimension of the query, without duplicates.</param>
/// <param name="Limit">1 to <see cref="MaxLimit"/> rows.</param>
/// <param name="Offset">From 0.</param>
/// <param name="Fill">Whether empty buckets are rows too; only with a single dimension, which must be a time dimension.</param>
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
    /// <summary>The maximum of dimensions in a query.</summary>
    public const int MaxDimensions = 2;

    /// <summary>The maximum of filters in a query.</summary>
    public const int MaxFilters = 20;

    /// <summary>The maximum of values in one filter.</summary>
    public const int MaxFilterValues = 100;

    /// <summary>The maximum length of a filter's value in characters (UTF-16 units).</summary>
    public const int MaxValueLength = 2_048;

    /// <summary>The maximum of rows in one response.</summary>
    public const int MaxLimit = 10_000;

    /// <summary>The default limit of rows.</summary>
    public const int DefaultLimit = 100;
}

/// <summary>A sort key: a metric or a dimension; the other one is null.</summary>
public sealed record SortKey(Metric? Metric, Dimension? Dimension, bool Descending)
{
    /// <summary>The order without <c>orderBy</c>: time dimensions ascending; without any, the first metric descending.</summary>
    public static EquatableList<SortKey> DefaultOf(IReadOnlyList<Metric> metrics, IReadOnlyList<Dimension> dimensions)
    {
        var times = dimensions.Where(dimension => dimension.Kind == DimensionKind.Time).ToArray();
        return times.Length > 0 ? [.. times.Select(time => new SortKey(null, time, false))] : [new SortKey(metrics[0], null, true)];
    }
}

/// <summary>What is wrong with one field of a query.</summary>
/// <param name="Field">Such as <c>range</c> or <c>filters[2]</c>; <c>body</c> for the whole body.</param>
/// <param name="Message">What is wrong and what is allowed, as the continuation of the field's name.</param>
public sealed record QueryDetail(string Field, string Message)
{
    /// <inheritdoc />
    public override string ToString() => $"{Field} {Message}";
}

/// <summary>The result of reading a query: a request without details, or no request and at least one detail.</summary>
public sealed record QueryReading(QueryRequest? Request, EquatableList<QueryDetail> Details);
