using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Exporting;

/// <summary>A field of an exported row: its name in NDJSON and CSV, and the column from which it comes.</summary>
internal sealed record ExportField(string Name, string Column, ColumnType Type)
{
    public ExportField(string name, ColumnType type)
        : this(name, name, type)
    {
    }
}

/// <summary>A kind of rows that an export of a page contains, and that an import reads.</summary>
/// <param name="Type">The <c>type</c> of its lines.</param>
/// <param name="Table">The table.</param>
/// <param name="Time">By which column rows are ordered before their id; null where a page has few rows.</param>
/// <param name="Fields">What is exported of a row.</param>
internal sealed record ExportKind(string Type, string Table, string? Time, params IReadOnlyList<ExportField> Fields)
{
    public static ExportKind Links { get; } = new(
        "link", "BioLink", null,
        new("id", ColumnType.Uuid), new("bioPageId", ColumnType.Uuid), new("title", ColumnType.Text), new("url", ColumnType.Text),
        new("position", ColumnType.Integer), new("active", ColumnType.Boolean), new("heading", ColumnType.Boolean),
        new("pinned", ColumnType.Boolean), new("startsAt", ColumnType.Instant), new("endsAt", ColumnType.Instant));

    public static ExportKind Placements { get; } = new(
        "placement", "Placement", null,
        new("id", ColumnType.Uuid), new("bioPageId", ColumnType.Uuid), new("slug", ColumnType.Text), new("source", ColumnType.Text),
        new("label", ColumnType.Text), new("createdAt", ColumnType.Instant), new("removedAt", ColumnType.Instant));

    public static ExportKind Sites { get; } = new(
        "site", "Site", null,
        new("id", ColumnType.Uuid), new("bioPageId", ColumnType.Uuid), new("origin", ColumnType.Text), new("createdAt", ColumnType.Instant));

    /// <summary>A visitor's id leaves the server as the hash that is stored; the id itself is not known.</summary>
    public static ExportKind Sessions { get; } = new(
        "session", "AnalyticsSession", "startedAt",
        new("id", ColumnType.Uuid), new("bioPageId", ColumnType.Uuid), new("userId", ColumnType.Uuid),
        new("visitorHash", "visitorId", ColumnType.Text), new("startedAt", ColumnType.Instant), new("lastActivityAt", ColumnType.Instant),
        new("duration", ColumnType.Integer), new("pageViews", ColumnType.Integer), new("lastPageViewId", ColumnType.Uuid),
        new("referrer", ColumnType.Text), new("referrerDomain", ColumnType.Text), new("country", ColumnType.Text),
        new("countryCode", ColumnType.Text), new("region", ColumnType.Text), new("city", ColumnType.Text), new("language", ColumnType.Text),
        new("timezone", ColumnType.Text), new("device", ColumnType.Text), new("browser", ColumnType.Text), new("os", ColumnType.Text),
        new("osVersion", ColumnType.Text), new("app", "inAppBrowser", ColumnType.Text), new("requestedWith", ColumnType.Text),
        new("utmSource", ColumnType.Text), new("utmMedium", ColumnType.Text), new("utmCampaign", ColumnType.Text),
        new("utmTerm", ColumnType.Text), new("utmContent", ColumnType.Text), new("clickId", "clickIdKind", ColumnType.Text),
        new("ref", ColumnType.Text), new("placement", ColumnType.Text), new("page", ColumnType.Text));

    public static ExportKind PageViews { get; } = new(
        "pageview", "AnalyticsPageView", "enteredAt",
        new("id", ColumnType.Uuid), new("bioPageId", ColumnType.Uuid), new("sessionId", ColumnType.Uuid), new("enteredAt", ColumnType.Instant),
        new("path", ColumnType.Text), new("title", ColumnType.Text), new("linkClicked", ColumnType.Uuid), new("duration", ColumnType.Integer),
        new("scrollDepth", ColumnType.Integer));

    public static ExportKind Drops { get; } = new(
        "drop", "PageDrop", null,
        new("bioPageId", ColumnType.Uuid), new("day", ColumnType.Instant), new("reason", ColumnType.Text), new("count", ColumnType.BigInteger));

    public static ExportKind ImportedDays { get; } = new(
        "importedDay", "ImportedDay", null,
        new("bioPageId", ColumnType.Uuid), new("day", ColumnType.Instant), new("tool", ColumnType.Text), new("visits", ColumnType.BigInteger),
        new("visitors", ColumnType.BigInteger), new("pageViews", ColumnType.BigInteger));

    /// <summary>Kinds in the main database.</summary>
    public static IReadOnlyList<ExportKind> Main { get; } = [Links, Placements, Sites];

    /// <summary>All kinds; the others are in the analytics database.</summary>
    public static IReadOnlyList<ExportKind> All { get; } = [.. Main, Sessions, PageViews, Drops, ImportedDays];
}
