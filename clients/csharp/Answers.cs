namespace Bioscope.Client;

/// <summary>Where visits come from.</summary>
/// <param name="Sources">Up to 15, most visits first.</param>
public sealed record TrafficSources(IReadOnlyList<TrafficSource> Sources);

/// <summary>One referrer domain.</summary>
/// <param name="Source">The domain without the first <c>www.</c>; <c>direct</c> if there is none.</param>
/// <param name="Visits">Sessions.</param>
/// <param name="Percentage">Whole percent of the visits of the rows shown; the rows may add up to a little more or less than 100.</param>
public sealed record TrafficSource(string Source, long Visits, int Percentage);

/// <summary>The rows of a query, exact at one instant.</summary>
/// <param name="Range">The range that was counted.</param>
/// <param name="ComparisonRange">The range compared with; null without a comparison.</param>
/// <param name="Rows">The ordered rows after the offset, up to the limit.</param>
/// <param name="RowCount">The number of all rows.</param>
/// <param name="Totals">The metrics over all rows that pass the filters, not added up from <paramref name="Rows"/>.</param>
/// <param name="ComparisonTotals">The totals of the comparison; null without one.</param>
public sealed record QueryResponse(
    RangeShown Range, RangeShown? ComparisonRange, IReadOnlyList<AnswerRow> Rows, long RowCount, IReadOnlyList<double> Totals,
    IReadOnlyList<double>? ComparisonTotals);

/// <summary>A range with its ends.</summary>
/// <param name="From">Included.</param>
/// <param name="Until">Not included.</param>
/// <param name="TimeZone">The IANA name of its zone.</param>
public sealed record RangeShown(DateTimeOffset From, DateTimeOffset Until, string TimeZone);

/// <summary>A row.</summary>
/// <param name="Dimensions">The value of each dimension; null if it is unknown.</param>
/// <param name="Metrics">In the order of the query.</param>
/// <param name="Comparison">The metrics in the comparison range; null without one. A metric is null if that range has no such bucket.</param>
public sealed record AnswerRow(
    IReadOnlyList<string?> Dimensions, IReadOnlyList<double> Metrics, IReadOnlyList<double?>? Comparison);

/// <summary>The sources of visits, ready to show.</summary>
/// <param name="Range">The range that was counted.</param>
/// <param name="Totals">Of all visits in the range.</param>
/// <param name="Coverage">How many visits have a known source.</param>
/// <param name="Sources">Most visits first.</param>
/// <param name="SourceCount">The number of all sources.</param>
/// <param name="Rest">What limit and offset leave out.</param>
public sealed record SourcesResponse(
    RangeShown Range, SourceTotals Totals, Coverage Coverage, IReadOnlyList<NamedSource> Sources, long SourceCount, SourceRest Rest);

/// <summary>Totals of all visits in a range.</summary>
/// <param name="Visits">Sessions.</param>
/// <param name="Visitors">Distinct visitors.</param>
/// <param name="Clicks">Clicks.</param>
public sealed record SourceTotals(long Visits, long Visitors, long Clicks);

/// <summary>How many visits have a known source.</summary>
/// <param name="Attributed">In percent of all, two decimals.</param>
/// <param name="Rungs">Visits by what decided their source.</param>
public sealed record Coverage(double Attributed, Rungs Rungs);

/// <summary>Visits by the rung of the ladder that decided their source.</summary>
/// <param name="Placement">A placement link of the page.</param>
/// <param name="Tag">A UTM tag.</param>
/// <param name="ClickId">A click id of an advertisement.</param>
/// <param name="Referrer">The referrer.</param>
/// <param name="App">The app whose browser it was.</param>
/// <param name="None">Nothing is known.</param>
public sealed record Rungs(long Placement, long Tag, long ClickId, long Referrer, long App, long None);

/// <summary>A source under the name that people know.</summary>
/// <param name="Key">Its name in addresses.</param>
/// <param name="Name">The name to show.</param>
/// <param name="Icon">The address of an SVG picture; null where there is none. It may be relative to the server.</param>
/// <param name="Channel">The channel with most of its visits.</param>
/// <param name="Visits">Sessions.</param>
/// <param name="Visitors">Distinct visitors.</param>
/// <param name="Clicks">Clicks.</param>
/// <param name="ClickRate">100 × clicks ÷ views, two decimals.</param>
/// <param name="Share">Its visits in percent of all visits of the range, two decimals.</param>
/// <param name="Rungs">Its visits by what decided their source.</param>
/// <param name="Domains">Its visits by referrer domain, most first.</param>
public sealed record NamedSource(
    string Key, string Name, string? Icon, string Channel, long Visits, long Visitors, long Clicks, double ClickRate, double Share,
    Rungs Rungs, IReadOnlyList<SourceDomain> Domains);

/// <summary>Visits of one referrer domain.</summary>
/// <param name="Domain"><c>direct</c> stands for none.</param>
/// <param name="Visits">Sessions.</param>
public sealed record SourceDomain(string Domain, long Visits);

/// <summary>What limit and offset leave out.</summary>
/// <param name="Visits">Sessions.</param>
public sealed record SourceRest(long Visits);
