namespace Bioscope.Engine.Counting;

/// <summary>
/// What a creator says of where her visits come from. It is read when a question is asked, so what she changes acts on the past too. Two equal
/// ones have equal values: it is part of the question.
/// </summary>
/// <param name="Placements">Every placement link of the page, the removed ones too: their visits keep what they were.</param>
public sealed record Naming(EquatableList<PlacementName> Placements)
{
    private FilterMatch[]? _matches; // of the rules

    // A changed copy may have other rules.
    private Naming(Naming original) =>
        (Placements, Rules, HidesSpam, Next) = (original.Placements, original.Rules, original.HidesSpam, original.Next);

    /// <summary>Nothing is said.</summary>
    public static Naming None { get; } = new([]);

    /// <summary>Of several that match a visit the first one acts.</summary>
    public EquatableList<NamingRule> Rules { get; init; } = [];

    /// <summary>Whether visits of <see cref="Core.ReferrerSpam"/> are hidden where no rule matches them.</summary>
    public bool HidesSpam { get; init; }

    /// <summary>What she would say instead: a question by <see cref="Dimension.Was"/> compares it with this. Null where nothing is compared.</summary>
    public Naming? Next { get; init; }

    /// <summary>Whether any visits are hidden, if there are such.</summary>
    public bool Hides => HidesSpam || Rules.Any(rule => rule.Hide);

    /// <summary>Whether a rule looks at the referrer's path, which is kept apart from other facts.</summary>
    internal bool LooksAtReferrers =>
        Rules.Any(rule => rule.Match.Dimension.Set == Columns.FactSet.Referrer) || Next is { LooksAtReferrers: true };

    /// <summary>The placement link with this id; null when the page has none.</summary>
    public PlacementName? Placement(string? id) => Placements.FirstOrDefault(placement => placement.Id == id);

    /// <summary>
    /// The same with ids as labels, which tells placement links with equal labels apart. Rules that look at labels match the same visits.
    /// </summary>
    public Naming ByPlacementId() => this with
    {
        Placements = [.. Placements.Select(placement => placement with { Label = placement.Id })],
        Rules = [.. Rules.Select(rule => rule.Match.Dimension.Name == "placement" ? rule with { Match = ById(rule.Match) } : rule)],
    };

    /// <summary>The first rule that matches; null when none does.</summary>
    /// <param name="valueOf">The visit's value of a dimension.</param>
    public NamingRule? RuleFor(Func<Dimension, string?> valueOf)
    {
        var matches = _matches ??= [.. Rules.Select(rule => new FilterMatch(rule.Match))];
        for (var i = 0; i < matches.Length; i++)
        {
            if (matches[i].Holds(valueOf(Rules[i].Match.Dimension)))
            {
                return Rules[i];
            }
        }

        return null;
    }

    private Filter ById(Filter byLabel)
    {
        var match = new FilterMatch(byLabel);
        var holdsForNone = match.Holds(null);
        var others = Placements.Where(placement => match.Holds(placement.Label) != holdsForNone);
        return new Filter(holdsForNone ? FilterOperator.IsNot : FilterOperator.Is, byLabel.Dimension, [.. others.Select(placement => placement.Id)]);
    }

    /// <summary>Whether all of it is equal.</summary>
    public bool Equals(Naming? other) => ReferenceEquals(this, other)
        || (other is not null && HidesSpam == other.HidesSpam && Placements.Equals(other.Placements) && Rules.Equals(other.Rules)
            && Equals(Next, other.Next));

    /// <summary>Of how much there is, and of the first rule: it is asked for often, and there may be many.</summary>
    public override int GetHashCode() => HashCode.Combine(Placements.Count, Rules.Count, Rules is [var first, ..] ? first.Name : null);
}

/// <summary>A placement link.</summary>
/// <param name="Id">As sessions have it.</param>
/// <param name="Source">What source its visits are.</param>
/// <param name="Label">What the creator calls it.</param>
public sealed record PlacementName(string Id, string Source, string Label);

/// <summary>A rule of the creator: it renames visits that match, or hides them.</summary>
/// <param name="Match">What must hold, by one of <see cref="Dimensions"/>.</param>
/// <param name="Name">Their source; null where it stays. One of the table's names is that source.</param>
/// <param name="Channel">Their channel; null for that of the source of this name, else their own.</param>
/// <param name="Hide">Whether they are in no answer.</param>
public sealed record NamingRule(Filter Match, string? Name, string? Channel, bool Hide)
{
    /// <summary>The maximum of rules.</summary>
    public const int MaxRules = 200;

    /// <summary>The maximum length of a name in characters (UTF-16 units).</summary>
    public const int MaxName = 100;

    /// <summary>The facts that a rule may look at.</summary>
    public static IReadOnlyList<string> Dimensions { get; } =
    [
        "referrerDomain", "referrer", "utmSource", "utmMedium", "utmCampaign", "utmTerm", "utmContent", "clickId", "app", "placement",
    ];
}
