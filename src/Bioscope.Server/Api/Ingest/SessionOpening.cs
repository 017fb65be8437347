using System.Data.Common;
using System.Net;
using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Json;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Configuration;
using Bioscope.Server.Geo;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Ingest;

/// <summary>Opens sessions for the published route and for the tracker's: decides what to store, and counts the rest.</summary>
internal sealed class SessionOpening(
    Settings settings,
    Throttle throttle,
    VisitBudget budget,
    ClientAddress addresses,
    Countries countries,
    AnonymousVisitors anonymous,
    MainDatabase main,
    AnalyticsDatabase analytics,
    PageSites sites,
    PublishedPages published,
    IngestWriter writer,
    IngestMetrics metrics,
    TimeProvider clock)
{
    // Our tracker's bodies have about 500 bytes.
    private const int MaxRefusedBytes = 8 * 1024;

    private const int MaxPackage = 255;

    private const int MaxPath = 255;

    private readonly byte[] _hmacSecret = Encoding.UTF8.GetBytes(settings.HmacSecret);
    private readonly byte[] _visitorSecret = Encoding.UTF8.GetBytes(settings.VisitorSecret);
    private readonly ThrottlePolicy _perVisitor = new("session visitor", settings.SessionsPerMinute, TimeSpan.FromMinutes(1));
    private readonly ThrottlePolicy _perPage = new("visit", settings.VisitsPerMinutePerAddress, TimeSpan.FromMinutes(1));
    private readonly string? _publicHost = Referrer.Domain(settings.PublicUrl);

    /// <summary>How many sessions an address may begin, on all routes together.</summary>
    public ThrottlePolicy PerAddress { get; } = new("session", settings.SessionsPerMinutePerAddress, TimeSpan.FromMinutes(1));

    public SessionRequest Read(JsonBody body, SessionFields names) =>
        SessionRequest.Read(body, names, _visitorSecret, settings.CountsAnonymously);

    /// <summary>The stored form of the visitor's id in a field.</summary>
    public string ReadVisitor(JsonBody body, string field) =>
        VisitorHash.Of(_visitorSecret, body.RequiredText(field, 1, SessionRequest.MaxVisitorLength));

    /// <summary>Counts a visit that is over a limit. Its page is known only from the body, which is read for that if it is short.</summary>
    public async Task CountRefusedAsync(HttpContext http, SessionFields names)
    {
        var (claim, _) = http.Request.ContentLength <= MaxRefusedBytes
            ? await JsonRequest.ReadAsync(http, body => PageClaim.Read(body, names), orPlainText: true)
            : (null, null);
        await DropAsync(http, DropReason.Throttle, claim ?? PageClaim.None);
    }

    /// <summary>Opens the session, or returns why the request is refused. A valid visit that is not counted is not refused.</summary>
    /// <returns>What was written; null when nothing was stored.</returns>
    public async Task<(SessionStarted? Started, ApiError? Refusal)> OpenAsync(HttpContext http, SessionRequest request, FirstView? view)
    {
        if (ApiKey.Of(http) is not null)
        {
            // A key stands in for the tracking token: its page is the visit's, and one of all pages says which.
            var (own, why) = await OfBackEndAsync(http, request.Page);
            if (own is null)
            {
                return (null, why);
            }

            request = request with { Page = own };
        }

        if (request.VisitorHash is { } known && await throttle.TakeByAddressAndAsync(http, _perVisitor, known) is { } refusal)
        {
            await DropAsync(http, DropReason.Throttle, request.Page);
            return (null, refusal);
        }

        var (isOnSite, whyNot) = (false, ReasonToDrop(http, request));
        if (whyNot is null)
        {
            (isOnSite, whyNot) = await ProveAsync(http, request.Page);
        }

        if (whyNot is { } reason)
        {
            await DropAsync(http, reason, request.Page);
            return (null, null);
        }

        var address = addresses.Of(http);
        var page = request.Page.Id ?? Guid.Empty;
        if (page != Guid.Empty && await published.IsHiddenAsync(page, http.RequestAborted))
        {
            return (null, null);
        }

        if (!budget.TryTake(page, address, await throttle.FactorOverAsync(address, page, _perPage)))
        {
            await DropAsync(http, DropReason.Throttle, request.Page);
            return (null, null);
        }

        if ((request.VisitorHash ?? await AnonymousHashAsync(http, address, page)) is not { } visitor)
        {
            return (null, null);
        }

        var started =
            new SessionStarted(
                Row(http, request, page, visitor, address) with
                {
                    Placement = await PlacementAsync(http, request, page),
                    Page = isOnSite ? SiteOrigin.PathOf(request.Page.Url, MaxPath) : null,
                },
                view)
            {
                ContinuesOpenVisit = request.VisitorHash is null,
                Page = request.Page.Id,
            };
        return (await writer.WriteAsync(started) is null ? null : started, null);
    }

    /// <summary>Counts something that was dropped; by page only if the browser proves that it shows that page, or fails to.</summary>
    public async Task DropAsync(HttpContext http, DropReason reason, PageClaim page)
    {
        if (ApiKey.Of(http) is { } key)
        {
            metrics.Drop(reason, (page.Id ?? key.BioPageId) is { } own && key.IsFor(own) ? own : null);
            return;
        }

        var isKnown = reason switch
        {
            DropReason.Token => true,
            DropReason.Consent or DropReason.Unanswered => page.WasProven(_hmacSecret, clock),
            _ => page.IsProven(_hmacSecret, clock),
        };
        // A flood must not reach the database.
        isKnown = isKnown || (reason != DropReason.Throttle && await IsOnSiteAsync(http, page) is true);
        metrics.Drop(reason, isKnown ? page.Id : null);
    }

    /// <summary>The page of a visit that a back-end reports, or why it may not.</summary>
    private static async Task<(PageClaim? Claim, ApiError? Refusal)> OfBackEndAsync(HttpContext http, PageClaim claim)
    {
        var (page, refusal) = claim.Id is { } named
            ? await CallerPage.OfCallerAsync(http, named.ToString("D"))
            : await CallerPage.OfCallerAsync(http);
        return page is null ? (null, refusal) : (claim with { Id = page }, null);
    }

    /// <summary>Whether the browser shows a site of the page that it claims, or why the claim is not believed.</summary>
    private async Task<(bool IsOnSite, DropReason? Reason)> ProveAsync(HttpContext http, PageClaim claim) =>
        ApiKey.Of(http) is not null ? (await IsOnSiteAsync(http, claim) is true, null)
        : claim.Id is null || claim.IsProven(_hmacSecret, clock) ? (false, null)
        : await IsOnSiteAsync(http, claim) is not { } isOnSite ? (false, DropReason.Storage)
        : (isOnSite, isOnSite ? null : DropReason.Token);

    /// <summary>Whether the browser shows a site of the page; null where the main database is away.</summary>
    private async Task<bool?> IsOnSiteAsync(HttpContext http, PageClaim claim)
    {
        // Browsers tell the origin of what they post; of other programs the address counts.
        var origin = http.Request.Headers.Origin.ToString();
        if (settings.SharedOwnership || origin == "null" || claim.Id is not { } page
            || SiteOrigin.Of(origin.Length > 0 ? origin : claim.Url) is not { } from)
        {
            return false;
        }

        try
        {
            return await sites.HasAsync(page, from, http.RequestAborted);
        }
        catch (DbException e) when (main.Dialect.IsUnavailable(e))
        {
            return null;
        }
    }

    private async Task<string?> AnonymousHashAsync(HttpContext http, IPAddress address, Guid page)
    {
        try
        {
            return await anonymous.HashAsync(address, http.Request.Headers.UserAgent.ToString(), page, http.RequestAborted);
        }
        catch (DbException e) when (main.Dialect.IsUnavailable(e))
        {
            metrics.Drop(DropReason.Storage, page == Guid.Empty ? null : page);
            return null;
        }
    }

    /// <summary>
    /// The id of the placement link that the visitor came by; null where the page has no such slug now. Without the main database the
    /// visit is stored without it.
    /// </summary>
    private async Task<string?> PlacementAsync(HttpContext http, SessionRequest request, Guid page)
    {
        if (request.Placement is not { } slug || page == Guid.Empty)
        {
            return null;
        }

        try
        {
            return (await BioPlacements.IdOfAsync(main, page, slug, http.RequestAborted))?.ToString("D");
        }
        catch (DbException e) when (main.Dialect.IsUnavailable(e))
        {
            return null;
        }
    }

    private SessionRow Row(HttpContext http, SessionRequest request, Guid page, string visitor, IPAddress address)
    {
        var facts = UserAgent.Facts(http.Request.Headers.UserAgent.ToString());
        var place = countries.Of(address);
        var isOwn = IsOwnPage(http, request);
        return new SessionRow
        {
            BioPageId = page == Guid.Empty ? NoPage.Of(visitor, analytics.Dialect.IsDistributed) : page,
            Id = Guid.Empty, // set by the writer, as is the time
            StartedAt = default,
            VisitorId = visitor,
            Referrer = isOwn ? null : request.Referrer,
            ReferrerDomain = isOwn ? null : request.ReferrerDomain,
            Country = place.Country,
            CountryCode = place.CountryCode,
            Region = place.Region,
            City = place.City,
            Device = (facts.Device ?? DeviceNamed(request.Device))?.ToString().ToLowerInvariant(),
            Browser = facts.Browser ?? request.Browser,
            Os = facts.Os ?? request.Os,
            // The client's version belongs to the client's system, so it is not combined with one of the user agent.
            OsVersion = facts.Os is null || facts.Os == request.Os ? facts.OsVersion ?? request.OsVersion : facts.OsVersion,
            Timezone = request.Timezone,
            Language = request.Language ?? LanguageTag.OfHeader(http.Request.Headers.AcceptLanguage),
            Attribution = request.Attribution,
            InAppBrowser = facts.InAppBrowser,
            RequestedWith = RequestedWith(http.Request.Headers["X-Requested-With"].ToString()),
        };
    }

    /// <summary>The package of an Android app, as its web views send it; what libraries of pages send is none.</summary>
    private static string? RequestedWith(string header) =>
        header.Length is > 0 and <= MaxPackage && header.Contains('.', StringComparison.Ordinal)
            && header.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_') ? header : null;

    /// <summary>A referrer that is the page itself, or another page on the same host, is not a source.</summary>
    private bool IsOwnPage(HttpContext http, SessionRequest request) => request.ReferrerDomain is { } domain
        && (request.OwnHost is { } own
            ? domain == own
            : domain == _publicHost || domain == Referrer.Domain($"{http.Request.Scheme}://{http.Request.Host.Value}"));

    // The client's value is used if the user agent gives none, but only if the reports know it.
    private static DeviceClass? DeviceNamed(string? name) => name?.ToLowerInvariant() switch
    {
        "mobile" => DeviceClass.Mobile,
        "tablet" => DeviceClass.Tablet,
        "desktop" => DeviceClass.Desktop,
        _ => null,
    };

    private static DropReason? ReasonToDrop(HttpContext http, SessionRequest request)
    {
        var headers = http.Request.Headers;
        // Consent is more specific than a browser's general signal. Visitors who were not asked have only the signal.
        if (request.VisitorHash is null ? headers["Sec-GPC"] == "1" || headers["DNT"] == "1" : request.Consent != SessionRequest.Granted)
        {
            return DropReason.Consent;
        }

        return UserAgent.IsBot(headers.UserAgent.ToString()) ? DropReason.Bot : null;
    }
}
