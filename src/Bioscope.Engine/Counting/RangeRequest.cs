using System.Collections.Frozen;
using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>A range as requested. <see cref="QueryRange"/> has the instants, which depend on the zone and on the moment.</summary>
public abstract record RangeRequest
{
    private RangeRequest()
    {
    }

    /// <summary>The default range.</summary>
    public static RangeRequest Default { get; } = new Named(NamedRange.Last30Days);

    /// <summary>A named range.</summary>
    public sealed record Named(NamedRange Name) : RangeRequest;

    /// <summary>Local days, both inclusive.</summary>
    public sealed record Dates(LocalDate First, LocalDate Last) : RangeRequest;

    /// <summary>Instants: from inclusive, until exclusive.</summary>
    public sealed record Instants(InstantRange Range) : RangeRequest;
}

/// <summary>The named ranges; those that include today end at the next local midnight.</summary>
public enum NamedRange
{
    /// <summary>The current local day.</summary>
    Today,

    /// <summary>The local day before today.</summary>
    Yesterday,

    /// <summary>Seven local days, ending with today.</summary>
    Last7Days,

    /// <summary>30 local days, ending with today.</summary>
    Last30Days,

    /// <summary>90 local days, ending with today.</summary>
    Last90Days,

    /// <summary>365 local days, ending with today.</summary>
    Last365Days,

    /// <summary>24 × 60 minutes, ending now, to the millisecond.</summary>
    Last24Hours,

    /// <summary>From this week's Monday to today.</summary>
    Week,

    /// <summary>From this month's first to today.</summary>
    Month,

    /// <summary>From 1 January of this year to today.</summary>
    Year,

    /// <summary>The calendar month before this one.</summary>
    LastMonth,

    /// <summary>The calendar year before this one.</summary>
    LastYear,

    /// <summary>From the local day of the page's first row to today; today when there are no rows.</summary>
    All,
}

/// <summary>Named ranges by their JSON names.</summary>
public static class RangeName
{
    private static readonly FrozenDictionary<string, NamedRange> Ranges = new Dictionary<string, NamedRange>
    {
        ["today"] = NamedRange.Today,
        ["yesterday"] = NamedRange.Yesterday,
        ["7d"] = NamedRange.Last7Days,
        ["30d"] = NamedRange.Last30Days,
        ["90d"] = NamedRange.Last90Days,
        ["365d"] = NamedRange.Last365Days,
        ["24h"] = NamedRange.Last24Hours,
        ["week"] = NamedRange.Week,
        ["month"] = NamedRange.Month,
        ["year"] = NamedRange.Year,
        ["lastMonth"] = NamedRange.LastMonth,
        ["lastYear"] = NamedRange.LastYear,
        ["all"] = NamedRange.All,
    }.ToFrozenDictionary();

    /// <summary>Every name, in the order of <see cref="NamedRange"/>.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Ranges.OrderBy(range => range.Value).Select(range => range.Key)];

    /// <summary>The range with that name, case-sensitive; null when there is none.</summary>
    public static NamedRange? Read(string name) => Ranges.TryGetValue(name, out var range) ? range : null;
}

/// <summary>What a range is compared with.</summary>
public enum ComparisonKind
{
    /// <summary>The range of the same length directly before.</summary>
    Previous,

    /// <summary>The same dates a year before.</summary>
    LastYear,

    /// <summary>An explicit range.</summary>
    Range,
}

/// <summary>A comparison as requested.</summary>
/// <param name="Kind">What the range is compared with.</param>
/// <param name="Range">The range with <see cref="ComparisonKind.Range"/>, dates or instants; otherwise null.</param>
public sealed record ComparisonRequest(ComparisonKind Kind, RangeRequest? Range = null);
