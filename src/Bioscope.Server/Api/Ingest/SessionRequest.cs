using Bioscope.Core;
using Bioscope.Engine.Json;

namespace Bioscope.Server.Api.Ingest;

/// <summary>
/// What a browser sends at the beginning of a visit, validated; unknown fields are ignored. <c>VisitorHash</c> is the keyed hash of the
/// visitor's id, null for visitors without one because they are counted anonymously; <c>OwnHost</c> is the page's own. <c>Placement</c> is
/// the slug of a placement link, which the page may not have.
/// </summary>
internal sealed record SessionRequest(
    string? VisitorHash, string Consent, PageClaim Page, string? Referrer, string? ReferrerDomain, string? OwnHost,
    Attribution Attribution, string? Device, string? Browser, string? Os, string? OsVersion, string? Timezone, string? Language,
    string? Placement)
{
    /// <summary>
    /// The value of <c>consentAnalytics</c> for visitors who were not asked, accepted where the operator counts without asking.
    /// </summary>
    public const string Anonymous = "anonymous";

    public const string Granted = "granted";

    public const int MaxTextLength = 255;

    public const int MaxVisitorLength = 128;

    /// <summary>Reads the body of a route, which has its own names for some fields.</summary>
    public static SessionRequest Read(JsonBody body, SessionFields names, byte[] visitorSecret, bool allowsAnonymous)
    {
        var consent = body.RequiredText(names.Consent, 0, MaxTextLength);
        var hasVisitor = !(allowsAnonymous && consent == Anonymous);
        var referrer = body.OptionalRawText("referrer");
        var url = body.OptionalRawText("url");
        return new SessionRequest(
            hasVisitor ? Core.VisitorHash.Of(visitorSecret, body.RequiredText(names.Visitor, 1, MaxVisitorLength)) : null,
            consent,
            PageClaim.Read(body, names, url),
            Core.Referrer.ForStorage(referrer),
            Core.Referrer.Domain(referrer),
            Core.Referrer.Domain(url),
            Core.Attribution.Of(url),
            body.OptionalText("device", MaxTextLength),
            body.OptionalText("browser", MaxTextLength),
            body.OptionalText("os", MaxTextLength),
            body.OptionalText("osVersion", MaxTextLength),
            body.OptionalText("timezone", MaxTextLength),
            LanguageTag.Normalize(body.OptionalText("language", MaxTextLength)),
            body.OptionalRawText("placement"));
    }
}

/// <summary>The names of the fields that differ between the published route and the tracker's.</summary>
internal sealed record SessionFields(string Visitor, string Consent, string Page, string Token)
{
    public static SessionFields Published { get; } = new("visitorId", "consentAnalytics", "bioPageId", "trackingToken");

    public static SessionFields Short { get; } = new("visitor", "consent", "page", "token");
}

/// <summary>The page that a browser claims to show, the token that proves it, and the address that the browser shows.</summary>
internal sealed record PageClaim(Guid? Id, string? Token, string? Url)
{
    public static PageClaim None { get; } = new(null, null, null);

    public static PageClaim Read(JsonBody body, SessionFields names) => Read(body, names, body.OptionalRawText("url"));

    /// <param name="body">The body.</param>
    /// <param name="names">The names of its fields.</param>
    /// <param name="url">Its address, which was read.</param>
    public static PageClaim Read(JsonBody body, SessionFields names, string? url) =>
        new(body.OptionalUuid(names.Page), body.OptionalText(names.Token, SessionRequest.MaxTextLength), url);

    /// <summary>
    /// Whether the token is valid for the page now, or was in the last day: a visitor may read a page for a long time before leaving it.
    /// </summary>
    public bool WasProven(byte[] secret, TimeProvider clock) =>
        Id is { } page && clock.GetUtcNow() is var now && TrackingToken.WasValid(secret, page, Token, now.AddDays(-1), now);

    /// <summary>Whether the token is valid for the page now.</summary>
    public bool IsProven(byte[] secret, TimeProvider clock) =>
        Id is { } page && TrackingToken.IsValid(secret, page, Token, clock.GetUtcNow());
}
