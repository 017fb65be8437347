using Bioscope.Core;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Rows;

/// <summary>One row of <c>"AnalyticsSession"</c>: a visit of one visitor to a page.</summary>
internal sealed record SessionRow
{
    /// <summary>The maximum of page views that an import may bring for one session. One per second for a day makes 86,400.</summary>
    public const int MaxImportedPageViews = 1_000_000;

    /// <summary>How long after its start a session accepts page views, heartbeats and other events.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    /// <summary>See <see cref="NoPage"/> for a session that belongs to none.</summary>
    public required Guid BioPageId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>The keyed hash, see <see cref="Core.VisitorHash"/>.</summary>
    public required string VisitorId { get; init; }

    public string? Referrer { get; init; }

    public string? ReferrerDomain { get; init; }

    public string? Country { get; init; }

    public string? CountryCode { get; init; }

    public string? Region { get; init; }

    public string? City { get; init; }

    /// <summary>The language that the browser prefers, such as <c>de</c> or <c>pt-BR</c>.</summary>
    public string? Language { get; init; }

    public string? Device { get; init; }

    public string? Browser { get; init; }

    public string? Os { get; init; }

    public string? OsVersion { get; init; }

    public string? Timezone { get; init; }

    /// <summary>From the address of the page that was visited.</summary>
    public Attribution Attribution { get; init; } = Attribution.None;

    /// <summary>The app in whose built-in browser the page was shown, if any.</summary>
    public string? InAppBrowser { get; init; }

    /// <summary>The header <c>X-Requested-With</c>: in a web view of Android, the app's package.</summary>
    public string? RequestedWith { get; init; }

    /// <summary>The id of the placement link that the visitor came by, if the page has it.</summary>
    public string? Placement { get; init; }

    /// <summary>Which page of a site it began on, as the path of its address; null on a bio page.</summary>
    public string? Page { get; init; }

    /// <summary>The user who signed in during the session, if any.</summary>
    public Guid? UserId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it was last heard of; null for its start and duration.</summary>
    public DateTimeOffset? LastActivityAt { get; init; }

    /// <summary>In seconds.</summary>
    public int Duration { get; init; }

    public int PageViews { get; init; }

    /// <summary>The latest page view; null if there is none yet.</summary>
    public Guid? LastPageViewId { get; init; }

    public static Table<SessionRow> Table { get; } = new(
        "AnalyticsSession",
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("id", ColumnType.Uuid, row => row.Id),
        new("userId", ColumnType.Uuid, row => row.UserId),
        new("visitorId", ColumnType.Text, row => row.VisitorId),
        new("referrer", ColumnType.Text, row => row.Referrer),
        new("referrerDomain", ColumnType.Text, row => row.ReferrerDomain),
        new("country", ColumnType.Text, row => row.Country),
        new("countryCode", ColumnType.Text, row => row.CountryCode),
        new("region", ColumnType.Text, row => row.Region),
        new("city", ColumnType.Text, row => row.City),
        new("language", ColumnType.Text, row => row.Language),
        new("device", ColumnType.Text, row => row.Device),
        new("browser", ColumnType.Text, row => row.Browser),
        new("os", ColumnType.Text, row => row.Os),
        new("osVersion", ColumnType.Text, row => row.OsVersion),
        new("timezone", ColumnType.Text, row => row.Timezone),
        new("utmSource", ColumnType.Text, row => row.Attribution.UtmSource),
        new("utmMedium", ColumnType.Text, row => row.Attribution.UtmMedium),
        new("utmCampaign", ColumnType.Text, row => row.Attribution.UtmCampaign),
        new("utmTerm", ColumnType.Text, row => row.Attribution.UtmTerm),
        new("utmContent", ColumnType.Text, row => row.Attribution.UtmContent),
        new("ref", ColumnType.Text, row => row.Attribution.Ref),
        new("clickIdKind", ColumnType.Text, row => row.Attribution.ClickId),
        new("inAppBrowser", ColumnType.Text, row => row.InAppBrowser),
        new("requestedWith", ColumnType.Text, row => row.RequestedWith),
        new("placement", ColumnType.Text, row => row.Placement),
        new("page", ColumnType.Text, row => row.Page),
        new("startedAt", ColumnType.Instant, row => row.StartedAt),
        new("lastActivityAt", ColumnType.Instant, row => row.LastActivityAt ?? row.StartedAt.AddSeconds(row.Duration)),
        new("duration", ColumnType.Integer, row => row.Duration),
        new("pageViews", ColumnType.Integer, row => row.PageViews),
        new("bounced", ColumnType.Boolean, row => row.PageViews < 2),
        new("lastPageViewId", ColumnType.Uuid, row => row.LastPageViewId),
        new(RowsById.ForeignId, ColumnType.Boolean, row => !PagedId.IsOf(row.Id, row.BioPageId, row.StartedAt)));
}
