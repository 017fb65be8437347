using Bioscope.Engine.Counting;
using NodaTime;
using NodaTime.Text;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>What other rules make of the visits so far, counted in one snapshot.</summary>
/// <param name="Visits">How many get another name, another channel, or are hidden or shown from then on.</param>
/// <param name="Since">The local day of the first of them; null when there are none.</param>
/// <param name="Parts">The same by what they are and what they become, most visits first.</param>
internal sealed record RuleChange(long Visits, LocalDate? Since, IReadOnlyList<RenamedVisits> Parts)
{
    private static readonly Dimension Day = Dimension.Named("day")!;

    /// <summary>Counts the change from some rules of the page to others.</summary>
    public static async Task<RuleChange> CountAsync(
        QueryEngine engine, Desk desk, EquatableList<NamingRule> from, EquatableList<NamingRule> to, CancellationToken cancellationToken)
    {
        QueryRequest[] requests = [By([Dimension.Was, Dimension.Becomes], Questions.All), By([Day], 1)];
        var naming = desk.Naming with { Rules = from, Next = desk.Naming with { Rules = to } };
        var answers = await engine.AnswerAsync(desk.Page.Id, requests, desk.Timeframe.Zone, naming, cancellationToken);
        return new RuleChange(
            (long)answers[0].Answer.Totals[0],
            answers[1].Answer.Rows is [var first] ? LocalDatePattern.Iso.Parse(first.Dimensions[0]!).Value : null,
            [.. answers[0].Answer.Rows.Select(row => RenamedVisits.Of(row.Dimensions[0]!, row.Dimensions[1]!, (long)row.Metrics[0]))]);

        QueryRequest By(EquatableList<Dimension> dimensions, int limit) => AllTime.Of(
            desk, dimensions, [new Filter(FilterOperator.IsNotNull, Dimension.Was, [])], limit);
    }
}

/// <summary>Visits that other rules change in the same way.</summary>
internal sealed record RenamedVisits(RuleResult Was, RuleResult Becomes, long Visits)
{
    public static RenamedVisits Of(string was, string becomes, long visits) => new(RuleResult.Of(was), RuleResult.Of(becomes), visits);
}

/// <summary>Questions about all visits so far.</summary>
internal static class AllTime
{
    private static readonly EquatableList<Metric> Visits = [Metric.Visits];

    public static QueryRequest Of(Desk desk, EquatableList<Dimension> dimensions, EquatableList<Filter> filters, int limit) => new(
        new RangeRequest.Named(NamedRange.All), desk.Timeframe.Zone, Visits, dimensions, filters, null,
        SortKey.DefaultOf(Visits, dimensions), limit, 0, false);
}
