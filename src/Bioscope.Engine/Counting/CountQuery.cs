using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>
/// A question about one page: which metrics, by which dimensions, in which range, with which filters. Two equal questions have equal
/// values, so it is the key for everything cached or prepared.
/// </summary>
public sealed record CountQuery(
    Guid PageId,
    InstantRange Range,
    DateTimeZone Zone,
    EquatableList<Dimension> Dimensions,
    EquatableList<Filter> Filters,
    EquatableList<Metric> Metrics)
{
    /// <summary>What the creator says of where her visits come from; nothing where neither dimensions nor filters ask for it. What it hides is filtered out, unless they ask for that.</summary>
    public Naming Naming { get; init; } = Naming.None;

    /// <summary>The dimensions to group by, without duplicates.</summary>
    public IEnumerable<Dimension> Used => Dimensions.Concat(Filters.Select(filter => filter.Dimension)).Distinct();

    /// <summary>
    /// The canonical form, equal for queries with the same meaning: filters and their values are sorted without duplicates, and values of
    /// <see cref="FilterOperator.Contains"/> and <see cref="FilterOperator.ContainsNot"/> are case-folded. Metrics and dimensions keep
    /// their order, which is the order of the result's columns. Zones are equal only if their ids are.
    /// </summary>
    public static CountQuery Canonical(
        Guid pageId,
        InstantRange range,
        DateTimeZone zone,
        IReadOnlyList<Dimension> dimensions,
        IEnumerable<Filter> filters,
        IReadOnlyList<Metric> metrics,
        Naming? naming = null)
    {
        Filter[] given = [.. filters];
        var seesHidden = dimensions.Concat(given.Select(filter => filter.Dimension)).Any(dimension => dimension.SeesHidden);
        var shown = naming is { Hides: true } && !seesHidden ? given.Append(OnlyShown) : given;
        return new CountQuery(
            pageId,
            range,
            zone,
            [.. dimensions],
            [.. shown.Select(filter => filter.Canonical()).Distinct().Order(FilterOrder)],
            [.. metrics]).With(naming ?? Naming.None);
    }

    /// <summary>Whether what the creator hides is filtered out.</summary>
    internal bool Hides => Filters.Contains(OnlyShown);

    /// <summary>Whether only what the creator hides is counted.</summary>
    internal bool WantsHidden => Filters.Any(filter => filter is { Operator: FilterOperator.IsNotNull } && filter.Dimension == Dimension.Hidden);

    /// <summary>The question about a page that has nothing that the creator hides.</summary>
    internal CountQuery WithoutHiding() =>
        (this with { Filters = [.. Filters.Where(filter => filter != OnlyShown)] }).With(Naming);

    private static Filter OnlyShown { get; } = new(FilterOperator.IsNull, Dimension.Hidden, []);

    private CountQuery With(Naming naming) => this with { Naming = Used.Any(dimension => dimension.IsNamed) ? naming : Naming.None };

    private static readonly Comparer<Filter> FilterOrder = Comparer<Filter>.Create((x, y) =>
    {
        var order = string.CompareOrdinal(x.Dimension.Name, y.Dimension.Name);
        order = order != 0 ? order : x.Operator.CompareTo(y.Operator);
        order = order != 0 ? order : x.Values.Count.CompareTo(y.Values.Count);
        return order != 0 ? order : x.Values.Zip(y.Values, string.CompareOrdinal).FirstOrDefault(values => values != 0);
    });
}

/// <summary>From an instant (inclusive) to another (exclusive), in milliseconds since 1970 UTC.</summary>
public readonly record struct InstantRange(long From, long Until)
{
    /// <summary>Whether all that lies from one instant (inclusive) to another (exclusive) is in the range.</summary>
    internal bool Covers(long from, long until) => from >= From && until <= Until;
}

/// <summary>How a filter compares.</summary>
public enum FilterOperator
{
    /// <summary>Is one of the values.</summary>
    Is,

    /// <summary>Is none of the values; also holds for null.</summary>
    IsNot,

    /// <summary>Contains one of the values, ignoring case.</summary>
    Contains,

    /// <summary>Contains none of the values, ignoring case; also holds for null.</summary>
    ContainsNot,

    /// <summary>Matches one of the patterns as a whole; * stands for any run of characters.</summary>
    Matches,

    /// <summary>Is unknown or empty.</summary>
    IsNull,

    /// <summary>Is known.</summary>
    IsNotNull,
}

/// <summary>A condition that rows must meet to count.</summary>
public sealed record Filter(FilterOperator Operator, Dimension Dimension, EquatableList<string> Values)
{
    /// <summary>The filter in canonical form, see <see cref="CountQuery.Canonical"/>.</summary>
    public Filter Canonical()
    {
        var withoutCase = Operator is FilterOperator.Contains or FilterOperator.ContainsNot;
        var values = withoutCase ? Values.Select(SimpleCaseFolding.Fold) : Values;
        return this with { Values = [.. values.Distinct().Order(StringComparer.Ordinal)] };
    }
}
