using Bioscope.Core;
using Bioscope.Engine.Counting;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>A stored fact that makes a visit one of a source.</summary>
internal sealed record SourceFact(Dimension Dimension, string Value, long Visits)
{
    /// <summary>As forms send it: <c>referrerDomain:tiktok.com</c>.</summary>
    public string Text => $"{Dimension.Name}:{Value}";
}

/// <summary>What makes the visits of a source, of all time.</summary>
/// <param name="Source">The source, as the page's rules name it.</param>
/// <param name="Visits">All of its visits.</param>
/// <param name="Facts">By dimension, most visits first; together at most <see cref="MaxFacts"/>.</param>
/// <param name="Folded">How many further facts there are, and their visits.</param>
/// <param name="Sources">The page's sources with the most visits.</param>
internal sealed record SourceFacts(
    string Source, long Visits, IReadOnlyList<SourceFact> Facts, (int Facts, long Visits) Folded, IReadOnlyList<string> Sources)
{
    /// <summary>The maximum of facts in a form: as many values as one rule may have.</summary>
    public const int MaxFacts = QueryRequest.MaxFilterValues;

    // Enough to choose from; a name that is not offered can be typed.
    private const int MaxSources = 100;

    private static readonly Dimension SourceName = Dimension.Named("source")!, RungName = Dimension.Named("rung")!;

    /// <summary>The fact that each rung of the ladder looks at, in the order of the ladder.</summary>
    public static IReadOnlyList<(string Rung, Dimension Fact)> Rungs { get; } =
    [
        (Rung.Placement, Dimension.Named("placement")!),
        (Rung.Tag, Dimension.Named("utmSource")!),
        (Rung.ClickId, Dimension.Named("clickId")!),
        (Rung.Referrer, Dimension.Named("referrerDomain")!),
        (Rung.App, Dimension.Named("app")!),
    ];

    /// <summary>The visits that none of the facts has, listed or not: no rule of the form can name them.</summary>
    public long Unnamed => Visits - Folded.Visits - Facts.Sum(fact => fact.Visits);

    /// <summary>Asks what makes a source.</summary>
    public static async Task<SourceFacts> ReadAsync(QueryEngine engine, Desk desk, string source, CancellationToken cancellationToken)
    {
        var isSource = new Filter(FilterOperator.Is, SourceName, [source]);
        QueryRequest[] requests =
        [
            AllTime.Of(desk, [SourceName], [], MaxSources),
            AllTime.Of(desk, [], [isSource], 1),
            .. Rungs.Select(rung => AllTime.Of(
                desk, [rung.Fact], [isSource, new Filter(FilterOperator.Is, RungName, [rung.Rung])], Questions.All)),
        ];
        var answers = await engine.AnswerAsync(desk.Page.Id, requests, desk.Timeframe.Zone, desk.Naming, cancellationToken);
        var facts = Rungs.Zip(answers.Skip(2), (rung, answer) => answer.Answer.Rows
                .Where(row => !string.IsNullOrEmpty(row.Dimensions[0]))
                .Select(row => new SourceFact(rung.Fact, row.Dimensions[0]!, (long)row.Metrics[0])))
            .SelectMany(ofRung => ofRung).OrderByDescending(fact => fact.Visits).ToList();
        var folded = facts.Skip(MaxFacts).ToList();
        return new SourceFacts(
            source,
            (long)answers[1].Answer.Totals[0],
            [.. facts.Take(MaxFacts)],
            (folded.Count, folded.Sum(fact => fact.Visits)),
            [.. answers[0].Answer.Rows.Select(row => row.Dimensions[0]!).Where(name => name != AttributionLadder.NoSource)]);
    }
}
