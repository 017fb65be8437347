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

/// <summary>What rows are grouped or filtered by. All that exist are in <see cref="All"/>.</summary>
/// <param name="Name">As in JSON.</param>
/// <param name="Kind">Which rows its value belongs to.</param>
public sealed record Dimension(string Name, DimensionKind Kind)
{
    /// <summary>Every dimension, in the order of the documentation.</summary>
    public static IReadOnlyList<Dimension> All { get; } =
    [
        new("source", DimensionKind.Session),
        new("referrerDomain", DimensionKind.Session),
        new("referrer", DimensionKind.Session),
        new("utmSource", DimensionKind.Session),
        new("utmMedium", DimensionKind.Session),
        new("utmCampaign", DimensionKind.Session),
        new("utmTerm", DimensionKind.Session),
        new("utmContent", DimensionKind.Session),
        new("clickId", DimensionKind.Session),
        new("app", DimensionKind.Session),
        new("country", DimensionKind.Session),
        new("region", DimensionKind.Session),
        new("city", DimensionKind.Session),
        new("language", DimensionKind.Session),
        new("device", DimensionKind.Session),
        new("browser", DimensionKind.Session),
        new("os", DimensionKind.Session),
        new("link", DimensionKind.Link),
        new("visitorKind", DimensionKind.VisitorKind),
        new("hour", DimensionKind.Time),
        new("day", DimensionKind.Time),
        new("week", DimensionKind.Time),
        new("month", DimensionKind.Time),
        new("hourOfDay", DimensionKind.Time),
        new("weekday", DimensionKind.Time),
    ];

    /// <summary>The dimension of that name; null when there is none.</summary>
    public static Dimension? Named(string name) => All.FirstOrDefault(dimension => dimension.Name == name);

    /// <inheritdoc />
    public override string ToString() => Name;
}
