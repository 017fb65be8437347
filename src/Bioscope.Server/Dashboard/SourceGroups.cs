using Bioscope.Core;
using Bioscope.Server.Api.Reports;

namespace Bioscope.Server.Dashboard;

/// <summary>A source as people call it, and the rows of the report that it is made of, as they are there.</summary>
/// <param name="Name">Such as <c>Instagram</c>; the domain where no name is known; <c>Direct</c> for no referrer.</param>
/// <param name="Mark">The mark that stands for it, if there is one.</param>
/// <param name="Visits">The visits of its domains together.</param>
/// <param name="Percentage">Of all visits that the report shows, in whole percent.</param>
/// <param name="Domains">The report's rows.</param>
internal sealed record SourceGroup(string Name, string? Mark, long Visits, int Percentage, IReadOnlyList<TrafficSource> Domains)
{
    public bool IsDirect => Domains is [{ Source: "direct" }];

    /// <summary>Whether it is a name for domains, and not a domain itself.</summary>
    public bool IsNamed => !IsDirect && Name != Domains[0].Source;

    /// <summary>The report's rows under their names, most visits first, equal ones by name.</summary>
    public static IReadOnlyList<SourceGroup> Of(TrafficSources traffic)
    {
        var total = traffic.Sources.Sum(source => source.Visits);
        return
        [
            .. traffic.Sources
                .GroupBy(source => source.Source == "direct" ? ("Direct", null) : SourceName.Of(source.Source) is { } known ? (known.Name, known.Mark) : (Name: source.Source, Mark: (string?)null))
                .Select(group => (group.Key, Domains: group.ToList(), Visits: group.Sum(source => source.Visits)))
                .Select(group => new SourceGroup(group.Key.Name, group.Key.Mark, group.Visits, Core.Percentage.Of(group.Visits, total), group.Domains))
                .OrderByDescending(group => group.Visits).ThenBy(group => group.Name, StringComparer.Ordinal),
        ];
    }
}
