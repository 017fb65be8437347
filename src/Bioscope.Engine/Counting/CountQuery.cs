using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>
/// A question about one page: how many of what, by what, in which range, with which filters. Two that ask the same are equal, so it is
/// the key of whatever is cached or prepared for it.
/// </summary>
public sealed record CountQuery(
    Guid PageId,
    InstantRange Range,
    DateTimeZone Zone,
    EquatableList<Dimension> Dimensions,
    EquatableList<Filter> Filters,
    EquatableList<Metric> Metrics)
{
    /// <summary>What rows are grouped or filtered by, each once.</summary>
    public IEnumerable<Dimension> Used => Dimensions.Concat(Filters.Select(filter => filter.Dimension)).Distinct();

    /// <summary>
    /// The query in one form for all that mean the same: filters and their values sorted and each there once, values of
    /// <see cref="FilterOperator.Contains"/> and <see cref="FilterOperator.ContainsNot"/> without case. Metrics and dimensions keep their
    /// order, which is the order of the answer's columns. Two zones are the same only if they have the same id.
    /// </summary>
    public static CountQuery Canonical(
        Guid pageId,
        InstantRange range,
        DateTimeZone zone,
        IReadOnlyList<Dimension> dimensions,
        IEnumerable<Filter> filters,
        IReadOnlyList<Metric> metrics) => new(
            pageId,
            range,
            zone,
            [.. dimensions],
            [.. filters.Select(filter => filter.Canonical()).Distinct().Order(FilterOrder)],
            [.. metrics]);

    private static readonly Comparer<Filter> FilterOrder = Comparer<Filter>.Create((x, y) =>
    {
        var order = string.CompareOrdinal(x.Dimension.Name, y.Dimension.Name);
        order = order != 0 ? order : x.Operator.CompareTo(y.Operator);
        order = order != 0 ? order : x.Values.Count.CompareTo(y.Values.Count);
        return order != 0 ? order : x.Values.Zip(y.Values, string.CompareOrdinal).FirstOrDefault(values => values != 0);
    });
}

/// <summary>From an instant (included) to another (not included), in milliseconds since 1970 UTC.</summary>
public readonly record struct InstantRange(long From, long Until);

/// <summary>How a filter compares.</summary>
public enum FilterOperator
{
    /// <summary>Is one of the values.</summary>
    Is,

    /// <summary>Is none of the values; also holds for null.</summary>
    IsNot,

    /// <summary>Holds one of the values as a part, without case.</summary>
    Contains,

    /// <summary>Holds none of the values as a part, without case; also holds for null.</summary>
    ContainsNot,

    /// <summary>Is one of the patterns as a whole; * is any run of characters.</summary>
    Matches,

    /// <summary>Is unknown or empty.</summary>
    IsNull,

    /// <summary>Is known.</summary>
    IsNotNull,
}

/// <summary>What rows must be to count.</summary>
public sealed record Filter(FilterOperator Operator, Dimension Dimension, EquatableList<string> Values)
{
    /// <summary>The filter in one form for all that mean the same, see <see cref="CountQuery.Canonical"/>.</summary>
    public Filter Canonical()
    {
        var withoutCase = Operator is FilterOperator.Contains or FilterOperator.ContainsNot;
        var values = withoutCase ? Values.Select(SimpleCaseFolding.Fold) : Values;
        return this with { Values = [.. values.Distinct().Order(StringComparer.Ordinal)] };
    }
}
