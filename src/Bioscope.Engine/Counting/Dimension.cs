using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>The rows from which a dimension's value comes.</summary>
public enum DimensionKind
{
    /// <summary>A fact of the session, shared by its page views.</summary>
    Session,

    /// <summary>The local time of each row itself.</summary>
    Time,

    /// <summary>The link of a click.</summary>
    Link,

    /// <summary>Whether the session is its visitor's first on the page.</summary>
    VisitorKind,
}

/// <summary>
/// What rows are grouped or filtered by. <see cref="All"/> lists every dimension. CONTRIBUTING says how to add one.
/// </summary>
public sealed class Dimension
{
    private Dimension(string name, DimensionKind kind) => (Name, Kind) = (name, kind);

    /// <summary>Every dimension, in the order of the documentation.</summary>
    public static IReadOnlyList<Dimension> All { get; } =
    [
        Ladder("source", source => source.Source),
        Ladder("channel", source => source.Channel),
        Ladder("rung", source => source.Rung),
        new("placement", DimensionKind.Session)
        {
            Set = FactSet.Origin,
            IsNamed = true,
            ValueOf = (kept, naming) => naming.Placement(FactSet.Origin.Value(kept, "placement"))?.Label,
        },
        Fact("referrerDomain", FactSet.Origin, ["referrerDomain"], facts => Referrers.Domain(facts[0])),
        new("referrer", DimensionKind.Session) { Set = FactSet.Referrer, ValueOf = (kept, _) => kept[0] },
        Fact("utmSource", FactSet.Origin, "utmSource"),
        Fact("utmMedium", FactSet.Origin, "utmMedium"),
        Fact("utmCampaign", FactSet.Origin, "utmCampaign"),
        Fact("utmTerm", FactSet.Origin, "utmTerm"),
        Fact("utmContent", FactSet.Origin, "utmContent"),
        Fact("clickId", FactSet.Origin, "clickIdKind"),
        Fact("app", FactSet.Origin, "inAppBrowser"),
        .. Facts(FactSet.Site),
        Fact("country", FactSet.Place, ["countryCode", "country"], facts => OrElse(facts[0], facts[1])),
        Fact("region", FactSet.Place, "region"),
        Fact("city", FactSet.Place, "city"),
        .. Facts(FactSet.Client),
        new("link", DimensionKind.Link),
        new("visitorKind", DimensionKind.VisitorKind),
        new("hour", DimensionKind.Time),
        new("day", DimensionKind.Time),
        new("week", DimensionKind.Time),
        new("month", DimensionKind.Time),
        new("hourOfDay", DimensionKind.Time),
        new("weekday", DimensionKind.Time),
    ];

    /// <summary>The country by name, as the published report <c>geo</c> has it; not one of <see cref="All"/>.</summary>
    internal static Dimension CountryName { get; } =
        Fact("countryName", FactSet.Place, ["country"], facts => OrElse(facts[0], "Unknown"));

    /// <summary>The device class, as the published report <c>devices</c> has it; not one of <see cref="All"/>.</summary>
    internal static Dimension DeviceClass { get; } =
        Fact("deviceClass", FactSet.Client, ["device"], facts => OrElse(facts[0], "unknown"));

    /// <summary>Null where a visit is shown, a text where the creator hides it; not one of <see cref="All"/>.</summary>
    internal static Dimension Hidden { get; } = new("hidden", DimensionKind.Session)
    {
        Set = FactSet.Origin,
        IsNamed = true,
        SeesHidden = true,
        ValueOf = (kept, naming) => IsHidden(kept, naming) ? "hidden" : null,
    };

    /// <summary>
    /// What the creator's rules make of a visit, as the text of a <see cref="RuleResult"/>; null where <see cref="Naming.Next"/> makes the
    /// same of it. Not one of <see cref="All"/>.
    /// </summary>
    internal static Dimension Was { get; } = Changed("was", (was, _) => was);

    /// <summary>What <see cref="Naming.Next"/> makes of a visit, else as <see cref="Was"/>; not one of <see cref="All"/>.</summary>
    internal static Dimension Becomes { get; } = Changed("becomes", (_, becomes) => becomes);

    /// <summary>The place of the rule that acts on a visit, from 0; null where none does. Not one of <see cref="All"/>.</summary>
    internal static Dimension Rule { get; } = new("rule", DimensionKind.Session)
    {
        Set = FactSet.Origin,
        IsNamed = true,
        SeesHidden = true,
        ValueOf = (kept, naming) => RuleOf(kept, naming) is { } rule
            ? naming.Rules.Index().First(other => other.Item == rule).Index.ToString(CultureInfo.InvariantCulture)
            : null,
    };

    /// <summary>The name in JSON.</summary>
    public string Name { get; }

    /// <summary>Which rows its value comes from.</summary>
    public DimensionKind Kind { get; }

    /// <summary>The facts it is read from; null unless it is a fact of the session.</summary>
    internal FactSet? Set { get; private init; }

    /// <summary>Its value, from the stored facts and what the creator says of them; null or empty where it is unknown.</summary>
    internal Func<string?[], Naming, string?> ValueOf { get; private init; } = static (_, _) => null;

    /// <summary>Whether its value is read from these facts.</summary>
    internal bool LooksAt(FactSet set, Naming naming) => Set == set || (IsNamed && set == FactSet.Referrer && naming.LooksAtReferrers);

    /// <summary>Whether it matters what the creator says.</summary>
    internal bool IsNamed { get; private init; }

    /// <summary>Whether a question with it counts hidden visits too.</summary>
    internal bool SeesHidden { get; private init; }

    /// <summary>The dimension with that name; null when there is none.</summary>
    public static Dimension? Named(string name) => All.FirstOrDefault(dimension => dimension.Name == name);

    /// <inheritdoc />
    public override string ToString() => Name;

    private static string? OrElse(string? text, string? other) => string.IsNullOrEmpty(text) ? other : text;

    // Every column is one, as it is stored.
    private static IEnumerable<Dimension> Facts(FactSet set) => set.Columns.Select(column => Fact(column, set, column));

    private static Dimension Fact(string name, FactSet set, string column) => Fact(name, set, [column], facts => facts[0]);

    private static Dimension Fact(string name, FactSet set, string[] columns, Func<string?[], string?> read) => new(name, DimensionKind.Session)
    {
        Set = set,
        ValueOf = (kept, _) => read([.. columns.Select(column => set.Value(kept, column))]),
    };

    private static Dimension Ladder(string name, Func<SessionSource, string> part) => new(name, DimensionKind.Session)
    {
        Set = FactSet.Origin,
        IsNamed = true,
        ValueOf = (kept, naming) => part(SourceOf(kept, naming)),
    };

    private static Dimension Changed(string name, Func<RuleResult, RuleResult, RuleResult> part) => new(name, DimensionKind.Session)
    {
        Set = FactSet.Origin,
        IsNamed = true,
        SeesHidden = true,
        ValueOf = (kept, naming) =>
        {
            var (was, becomes) = (ResultOf(kept, naming), ResultOf(kept, naming.Next ?? naming));
            return was == becomes ? null : part(was, becomes).Text;
        },
    };

    private static RuleResult ResultOf(string?[] kept, Naming naming)
    {
        var source = SourceOf(kept, naming);
        return Hidden.ValueOf(kept, naming) is null ? new RuleResult(source.Source, source.Channel) : RuleResult.Hidden;
    }

    /// <summary>The source by the ladder, as the creator's rules name it.</summary>
    private static SessionSource SourceOf(string?[] kept, Naming naming)
    {
        var source = LadderOf(kept, naming);
        return RuleOf(kept, naming) is { Name: { } name } rule
            ? source with { Source = name, Channel = rule.Channel ?? SourceName.Named(name)?.Channel ?? source.Channel }
            : source;
    }

    private static bool IsHidden(string?[] kept, Naming naming) => RuleOf(kept, naming) is { } rule
        ? rule.Hide
        : naming.HidesSpam && ReferrerSpam.Has(FactSet.Origin.Value(kept, "referrerDomain"));

    // The referrer comes after the other facts, where a rule looks at it.
    private static NamingRule? RuleOf(string?[] kept, Naming naming) => naming.RuleFor(
        dimension => dimension.Set == FactSet.Referrer ? kept[FactSet.Origin.Columns.Count] : dimension.ValueOf(kept, naming));

    private static SessionSource LadderOf(string?[] kept, Naming naming)
    {
        return AttributionLadder.Of(new SessionFacts
        {
            PlacementSource = naming.Placement(Stored("placement"))?.Source,
            Attribution = new Attribution(
                Stored("utmSource"), Stored("utmMedium"), Stored("utmCampaign"), Stored("utmTerm"), Stored("utmContent"), Stored("clickIdKind"))
            {
                Ref = Stored("ref"),
            },
            ReferrerDomain = Stored("referrerDomain"),
            App = Stored("inAppBrowser"),
            RequestedWith = Stored("requestedWith"),
        });

        string? Stored(string column) => FactSet.Origin.Value(kept, column) is { Length: > 0 } value ? value : null;
    }
}
