using System.Text;
using Bioscope.Core;
using Bioscope.Server.Configuration;
using Bioscope.Server.Geo;
using Bioscope.Server.Http;

namespace Bioscope.Server.Ingest;

/// <summary>
/// <c>POST /api/v1/analytics/session</c>: a visitor opened a page. Answers <c>{id}</c> once the session is on disk, or
/// <c>{id: null}</c> when nothing was kept: a bot, no consent, a page without a valid tracking token, or a storage that is away.
/// </summary>
internal sealed class SessionEndpoint(
    Settings settings, Throttle throttle, ClientAddress addresses, Countries countries, IngestWriter writer, IngestMetrics metrics, TimeProvider clock)
{
    private const int MostTextLength = 255;

    private readonly byte[] _hmacSecret = Encoding.UTF8.GetBytes(settings.HmacSecret);
    private readonly byte[] _visitorSecret = Encoding.UTF8.GetBytes(settings.VisitorSecret);
    private readonly ThrottlePolicy _perVisitor = new("session visitor", settings.SessionsPerMinute, TimeSpan.FromMinutes(1));

    public static void Map(IEndpointRouteBuilder analytics, Settings settings) => analytics
        .MapPost("session", http => http.RequestServices.GetRequiredService<SessionEndpoint>().PostAsync(http))
        .WithMetadata(new ThrottlePolicy("session", settings.SessionsPerMinutePerAddress, TimeSpan.FromMinutes(1)));

    private async Task PostAsync(HttpContext http)
    {
        // The body is let go here: a request that waits for the database holds only what is stored of it.
        var (request, refusal) = await JsonBody.ReadAsync(http, body => SessionRequest.Read(body, _visitorSecret));
        refusal ??= throttle.TakeByAddressAnd(http, _perVisitor, request!.VisitorHash);
        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
        }
        else
        {
            await Respond.OkAsync(http, new StoredId(await KeepAsync(http, request!)));
        }
    }

    /// <returns>The id of the stored session, or null when it was dropped.</returns>
    private async Task<Guid?> KeepAsync(HttpContext http, SessionRequest request)
    {
        var userAgent = http.Request.Headers.UserAgent.ToString();
        if (ReasonToDrop(request, userAgent) is { } reason)
        {
            metrics.Drop(reason, request.BioPageId);
            return null;
        }

        var facts = UserAgent.Facts(userAgent);
        var (countryCode, country) = countries.Of(addresses.Of(http));
        return await writer.WriteAsync(new SessionStarted(new SessionRow
        {
            BioPageId = request.BioPageId ?? Guid.Empty,
            Id = Guid.Empty, // set by the writer, as is the time
            StartedAt = default,
            VisitorId = request.VisitorHash,
            Referrer = request.Referrer,
            ReferrerDomain = request.ReferrerDomain,
            Country = country,
            CountryCode = countryCode,
            Device = (facts.Device ?? DeviceNamed(request.Device))?.ToString().ToLowerInvariant(),
            Browser = facts.Browser ?? request.Browser,
            Os = facts.Os ?? request.Os,
            // A version of the client's own belongs to the system that the client named.
            OsVersion = facts.Os is null || facts.Os == request.Os ? facts.OsVersion ?? request.OsVersion : facts.OsVersion,
            Timezone = request.Timezone,
            Attribution = request.Attribution,
            InAppBrowser = facts.InAppBrowser,
        }));
    }

    // The client's word counts where the user agent does not tell, but only a word that the reports know.
    private static DeviceClass? DeviceNamed(string? name) => name?.ToLowerInvariant() switch
    {
        "mobile" => DeviceClass.Mobile,
        "tablet" => DeviceClass.Tablet,
        "desktop" => DeviceClass.Desktop,
        _ => null,
    };

    private DropReason? ReasonToDrop(SessionRequest request, string? userAgent)
    {
        if (request.Consent != "granted")
        {
            return DropReason.Consent;
        }

        if (UserAgent.IsBot(userAgent))
        {
            return DropReason.Bot;
        }

        if (request.BioPageId is { } page && !TrackingToken.IsValid(_hmacSecret, page, request.TrackingToken, clock.GetUtcNow()))
        {
            return DropReason.Token;
        }

        return null;
    }

    /// <summary>The fields of the body, checked; unknown ones are ignored.</summary>
    private sealed record SessionRequest(
        string VisitorHash, string Consent, Guid? BioPageId, string? TrackingToken, string? Referrer, string? ReferrerDomain,
        Attribution Attribution, string? Device, string? Browser, string? Os, string? OsVersion, string? Timezone)
    {
        public static SessionRequest Read(JsonBody body, byte[] visitorSecret)
        {
            var referrer = body.OptionalRawText("referrer");
            body.OptionalText("language", MostTextLength); // not kept, but checked like the others
            return new SessionRequest(
                Core.VisitorHash.Of(visitorSecret, body.RequiredText("visitorId", 1, 128)),
                body.RequiredText("consentAnalytics", 0, MostTextLength),
                body.OptionalUuid("bioPageId"),
                body.OptionalText("trackingToken", MostTextLength),
                Core.Referrer.ForStorage(referrer),
                Core.Referrer.Domain(referrer),
                Core.Attribution.Of(body.OptionalRawText("url")),
                body.OptionalText("device", MostTextLength),
                body.OptionalText("browser", MostTextLength),
                body.OptionalText("os", MostTextLength),
                body.OptionalText("osVersion", MostTextLength),
                body.OptionalText("timezone", MostTextLength));
        }
    }
}
