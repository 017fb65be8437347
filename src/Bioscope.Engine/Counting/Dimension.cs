namespace Bioscope.Engine.Counting;

/// <summary>Which rows a dimension's value belongs to.</summary>
public enum DimensionKind
{
    /// <summary>A fact of the session, which its page views share.</summary>
    Session,

    /// <summary>The local time of each row itself.</summary>
    Time,

    /// <summary>The link of a click.</summary>
    Link,

    /// <summary>Whether the session is the first one of its visitor on the page ever.</summary>
    VisitorKind,
}

/// <summary>
/// What rows are grouped or filtered by. All that exist are in <see cref="All"/>; one of the session's facts is a line here, and a column in
/// a migration.
/// </summary>
public sealed class Dimension
{
    // Sets of columns that are read together: there are few, so there are few statements.
    private static readonly string[] Domain = ["referrerDomain"];
    private static readonly string[] Address = ["referrer", "referrerDomain"];
    private static readonly string[] Tags = ["utmSource", "utmMedium", "utmCampaign", "utmTerm", "utmContent", "clickIdKind", "inAppBrowser"];
    private static readonly string[] Place = ["countryCode", "country", "region", "city"];
    private static readonly string[] Client = ["device", "browser", "os", "language"];

    private Dimension(string name, DimensionKind kind) => (Name, Kind) = (name, kind);

    /// <summary>Every dimension, in the order of the documentation.</summary>
    public static IReadOnlyList<Dimension> All { get; } =
    [
        Fact("source", Domain, ["referrerDomain"], facts => Referrers.Source(facts[0])),
        Fact("referrerDomain", Domain, ["referrerDomain"], facts => Referrers.Domain(facts[0])),
        Fact("referrer", Address, ["referrer", "referrerDomain"], facts => Referrers.HostAndPath(facts[0], facts[1])),
        Fact("utmSource", Tags, "utmSource"),
        Fact("utmMedium", Tags, "utmMedium"),
        Fact("utmCampaign", Tags, "utmCampaign"),
        Fact("utmTerm", Tags, "utmTerm"),
        Fact("utmContent", Tags, "utmContent"),
        Fact("clickId", Tags, "clickIdKind"),
        Fact("app", Tags, "inAppBrowser"),
        Fact("country", Place, ["countryCode", "country"], facts => string.IsNullOrEmpty(facts[0]) ? facts[1] : facts[0]),
        Fact("region", Place, "region"),
        Fact("city", Place, "city"),
        Fact("language", Client, "language"),
        Fact("device", Client, "device"),
        Fact("browser", Client, "browser"),
        Fact("os", Client, "os"),
        new("link", DimensionKind.Link),
        new("visitorKind", DimensionKind.VisitorKind),
        new("hour", DimensionKind.Time),
        new("day", DimensionKind.Time),
        new("week", DimensionKind.Time),
        new("month", DimensionKind.Time),
        new("hourOfDay", DimensionKind.Time),
        new("weekday", DimensionKind.Time),
    ];

    /// <summary>As in JSON.</summary>
    public string Name { get; }

    /// <summary>Which rows its value belongs to.</summary>
    public DimensionKind Kind { get; }

    /// <summary>The columns of a session that are selected for it, with those beside them; none unless it is a fact of the session.</summary>
    public IReadOnlyList<string> Selected { get; private init; } = [];

    /// <summary>Those of them that it is read from.</summary>
    public IReadOnlyList<string> Columns { get; private init; } = [];

    /// <summary>Its value, from the values of <see cref="Columns"/>; null or empty where it is unknown.</summary>
    public Func<string?[], string?> Read { get; private init; } = static _ => null;

    /// <summary>The dimension of that name; null when there is none.</summary>
    public static Dimension? Named(string name) => All.FirstOrDefault(dimension => dimension.Name == name);

    /// <inheritdoc />
    public override string ToString() => Name;

    private static Dimension Fact(string name, string[] selected, string column) => Fact(name, selected, [column], facts => facts[0]);

    private static Dimension Fact(string name, string[] selected, string[] columns, Func<string?[], string?> read) =>
        new(name, DimensionKind.Session) { Selected = selected, Columns = columns, Read = read };
}
