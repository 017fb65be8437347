using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Rows;

/// <summary>A user who can sign in.</summary>
internal sealed record UserRow(Guid Id, string? Email, string? PasswordHash, DateTimeOffset CreatedAt)
{
    /// <summary>Since when the address is known to be the user's: from the start when the operator gives it, who vouches for it.</summary>
    public DateTimeOffset? EmailConfirmedAt { get; init; }

    public static Table<UserRow> Table { get; } = new(
        "User",
        new("id", ColumnType.Uuid, row => row.Id),
        new("email", ColumnType.Text, row => row.Email),
        new("emailConfirmedAt", ColumnType.Instant, row => row.EmailConfirmedAt),
        new("passwordHash", ColumnType.Text, row => row.PasswordHash),
        new("createdAt", ColumnType.Instant, row => row.CreatedAt));
}

/// <summary>A user's profile as a creator; a user has at most one.</summary>
internal sealed record CreatorRow(Guid Id, Guid UserId, DateTimeOffset CreatedAt)
{
    public static Table<CreatorRow> Table { get; } = new(
        "CreatorProfile",
        new("id", ColumnType.Uuid, row => row.Id),
        new("userId", ColumnType.Uuid, row => row.UserId),
        new("createdAt", ColumnType.Instant, row => row.CreatedAt));
}

/// <summary>A creator's page of links; a creator has at most one.</summary>
internal sealed record BioPageRow(Guid Id, Guid CreatorId, string? Handle, DateTimeOffset CreatedAt)
{
    /// <summary>The maximum length of a page's or link's title, in UTF-16 units.</summary>
    public const int MaxTitle = 100;

    public const int MaxDescription = 500;

    public string? Title { get; init; }

    public string? Description { get; init; }

    /// <summary>What else its creator decided about it.</summary>
    public PageChoices Choices { get; init; } = PageChoices.None;

    public static Table<BioPageRow> Table { get; } = new(
        "BioPage",
        new("id", ColumnType.Uuid, row => row.Id),
        new("creatorId", ColumnType.Uuid, row => row.CreatorId),
        new("handle", ColumnType.Text, row => row.Handle),
        new("title", ColumnType.Text, row => row.Title),
        new("description", ColumnType.Text, row => row.Description),
        new("timeZone", ColumnType.Text, row => row.Choices.TimeZone),
        new("theme", ColumnType.Text, row => row.Choices.Theme),
        new("colour", ColumnType.Text, row => row.Choices.Colour),
        new("font", ColumnType.Text, row => row.Choices.Font),
        new("icons", ColumnType.Text, row => row.Choices.Icons is { Count: > 0 } icons ? string.Join('\n', icons) : null),
        new("published", ColumnType.Boolean, row => row.Choices.Published),
        new("sourceRules", ColumnType.Text, row => row.Choices.SourceRules),
        new("showsReferrerSpam", ColumnType.Boolean, row => row.Choices.ShowsReferrerSpam),
        new("createdAt", ColumnType.Instant, row => row.CreatedAt));
}

/// <summary>What a creator decided about a page besides its texts; null is the default.</summary>
internal sealed record PageChoices
{
    public static PageChoices None { get; } = new();

    /// <summary>The IANA name of the time zone.</summary>
    public string? TimeZone { get; init; }

    public string? Theme { get; init; }

    /// <summary>As <c>#rrggbb</c>.</summary>
    public string? Colour { get; init; }

    public string? Font { get; init; }

    /// <summary>The addresses of profiles.</summary>
    public IReadOnlyList<string>? Icons { get; init; }

    /// <summary>Whether visitors see the page.</summary>
    public bool Published { get; init; } = true;

    /// <summary>The rules for sources, as JSON.</summary>
    public string? SourceRules { get; init; }

    public bool? ShowsReferrerSpam { get; init; }
}

/// <summary>A placement link: the address of a page for one place, and what source that place is.</summary>
internal sealed record PlacementRow(Guid Id, Guid BioPageId, string Slug, string Source, string Label, DateTimeOffset CreatedAt)
{
    /// <summary>Since when the address no longer leads here; null while it does.</summary>
    public DateTimeOffset? RemovedAt { get; init; }

    public static Table<PlacementRow> Table { get; } = new(
        "Placement",
        new("id", ColumnType.Uuid, row => row.Id),
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("slug", ColumnType.Text, row => row.Slug),
        new("source", ColumnType.Text, row => row.Source),
        new("label", ColumnType.Text, row => row.Label),
        new("createdAt", ColumnType.Instant, row => row.CreatedAt),
        new("removedAt", ColumnType.Instant, row => row.RemovedAt));
}

/// <summary>A site whose visits count for a page: they need no token.</summary>
internal sealed record SiteRow(Guid Id, Guid BioPageId, string Origin, DateTimeOffset CreatedAt)
{
    public static Table<SiteRow> Table { get; } = new(
        "Site",
        new("id", ColumnType.Uuid, row => row.Id),
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("origin", ColumnType.Text, row => row.Origin),
        new("createdAt", ColumnType.Instant, row => row.CreatedAt));
}

/// <summary>A read-only link to a view of a page's figures.</summary>
/// <param name="Id">Random, because it is part of the link.</param>
/// <param name="BioPageId">Whose figures.</param>
/// <param name="Title">What viewers read first.</param>
/// <param name="Question">Range, time zone, filters and comparison as in a query, as JSON.</param>
/// <param name="Blocks">What is shown, separated by spaces.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record SharedViewRow(Guid Id, Guid BioPageId, string Title, string Question, string Blocks, DateTimeOffset CreatedAt)
{
    /// <summary>The one link whose clicks are shown; null for all.</summary>
    public Guid? LinkId { get; init; }

    /// <summary>Whether viewers see the creator's name.</summary>
    public bool ShowsName { get; init; }

    public string? PasswordHash { get; init; }

    /// <summary>The origins that may embed it, one per line; null for none.</summary>
    public string? EmbedOrigins { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public static Table<SharedViewRow> Table { get; } = new(
        "SharedView",
        new("id", ColumnType.Uuid, row => row.Id),
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("title", ColumnType.Text, row => row.Title),
        new("question", ColumnType.Text, row => row.Question),
        new("linkId", ColumnType.Uuid, row => row.LinkId),
        new("blocks", ColumnType.Text, row => row.Blocks),
        new("showsName", ColumnType.Boolean, row => row.ShowsName),
        new("passwordHash", ColumnType.Text, row => row.PasswordHash),
        new("embedOrigins", ColumnType.Text, row => row.EmbedOrigins),
        new("expiresAt", ColumnType.Instant, row => row.ExpiresAt),
        new("createdAt", ColumnType.Instant, row => row.CreatedAt));
}

/// <summary>One link on a page, or a heading between links.</summary>
internal sealed record BioLinkRow(Guid Id, Guid BioPageId, string Title, string Url)
{
    /// <summary>Links are ordered by position, then by id.</summary>
    public int Position { get; init; }

    /// <summary>Whether the page shows the link.</summary>
    public bool Active { get; init; } = true;

    /// <summary>Whether it is a heading; then it has an empty address.</summary>
    public bool Heading { get; init; }

    /// <summary>Whether it is the one link of the page that stands out.</summary>
    public bool Pinned { get; init; }

    /// <summary>When the page begins to show it, and when it ends to; null for no such bound.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    public static Table<BioLinkRow> Table { get; } = new(
        "BioLink",
        new("id", ColumnType.Uuid, row => row.Id),
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("title", ColumnType.Text, row => row.Title),
        new("url", ColumnType.Text, row => row.Url),
        new("position", ColumnType.Integer, row => row.Position),
        new("active", ColumnType.Boolean, row => row.Active),
        new("heading", ColumnType.Boolean, row => row.Heading),
        new("pinned", ColumnType.Boolean, row => row.Pinned),
        new("startsAt", ColumnType.Instant, row => row.StartsAt),
        new("endsAt", ColumnType.Instant, row => row.EndsAt));
}
