using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>
/// A question about one page: how many of what, by what, in which range, with which filters. Two that ask the same are equal, so it is the key
/// of whatever is cached or prepared for it.
/// </summary>
public sealed record CountQuery(
    Guid PageId,
    InstantRange Range,
    DateTimeZone Zone,
    EquatableList<Dimension> Dimensions,
    EquatableList<Filter> Filters,
    EquatableList<Metric> Metrics);

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
public sealed record Filter(FilterOperator Operator, Dimension Dimension, EquatableList<string> Values);
