using System.Text.Json.Serialization;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Json;
using Bioscope.Engine.Rows;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Ingest;

/// <summary>
/// <c>POST /hi</c>: the single route for everything that the tracker sends, so that a blocker blocks whole visits and never parts of
/// them. Only bioscope.js uses it, so it may change with the script; <c>/api/v1/analytics</c> is the published API.
/// </summary>
/// <remarks>
/// The body is a JSON object; <c>kind</c> says what happened: <c>visit</c> (opens a session with its first page view), <c>view</c>,
/// <c>click</c>, <c>alive</c>, <c>leave</c>; <c>refused</c> and <c>unanswered</c> are only counted, and <c>forget</c> erases
/// the visitor. The response is <c>{id, view}</c>:
/// the id of what was stored, and of the page view to end when leaving; null if nothing was stored.
/// </remarks>
internal sealed class HiEndpoint(Settings settings, Throttle throttle, SessionOpening sessions, IngestWriter writer)
{
    public const string Path = "/hi";

    private const int MaxKindLength = 20;

    private readonly ThrottlePolicy _perSession = new("hi session", 60, TimeSpan.FromMinutes(1));

    public static void Map(IEndpointRouteBuilder app, HiEndpoint endpoint) => app
        .MapPost(Path, endpoint.PostAsync)
        .RequireCors(Ingestion.AllowAnyOrigin)
        .ExcludeFromDescription()
        .WithMetadata(endpoint.Limit());

    private ThrottlePolicy Limit() => new ThrottlePolicy("hi", settings.EventsPerMinute, TimeSpan.FromMinutes(1))
    {
        OnRefused = http => sessions.CountRefusedAsync(http, SessionFields.Short),
    };

    private async Task PostAsync(HttpContext http)
    {
        var (said, refusal) = await JsonRequest.ReadAsync(http, Read, orPlainText: true);
        if (said is not null)
        {
            (var answer, refusal) = await AnswerAsync(http, said);
            if (refusal is null)
            {
                await ApiResponse.OkAsync(http, answer, HiJson.Default.SuccessHiAnswer);
                return;
            }
        }

        await Errors.WriteAsync(http, refusal!);
    }

    private async Task<(HiAnswer Answer, ApiError? Refusal)> AnswerAsync(HttpContext http, Said said)
    {
        switch (said)
        {
            case NotCounted { Reason: var reason, Page: var page }:
                await sessions.DropAsync(http, reason, page);
                return (HiAnswer.Nothing, null);
            case Forgotten { Visitor: var visitor }:
                if (await throttle.TakeAsync(http, ForgetEndpoint.Limit(settings)) is { } tooOften)
                {
                    return (HiAnswer.Nothing, tooOften);
                }

                await ForgetEndpoint.RequestAsync(http, visitor);
                return (HiAnswer.Nothing, null);
            case Visit visit:
                if (await throttle.TakeAsync(http, sessions.PerAddress) is { } over)
                {
                    await sessions.DropAsync(http, DropReason.Throttle, visit.Request.Page);
                    return (HiAnswer.Nothing, over);
                }

                var (started, refusal) = await sessions.OpenAsync(http, visit.Request, visit.View);
                return (new HiAnswer(started?.SessionId, started?.ViewId), refusal);
            case Happened { Event: var happened, About: var about }:
                if (await throttle.TakeByAddressAndAsync(http, _perSession, about.ToString("N")) is { } tooMany)
                {
                    await sessions.DropAsync(http, DropReason.Throttle, PageClaim.None);
                    return (HiAnswer.Nothing, tooMany);
                }

                var id = happened is PageViewed viewed ? await PageViewEndpoint.WriteAsync(
                    http, viewed) : await writer.WriteAsync(happened);
                return (new HiAnswer(id, happened is PageViewed ? id : null), null);
            default:
                throw new ArgumentOutOfRangeException(nameof(said), said, null);
        }
    }

    private Said Read(JsonBody body)
    {
        switch (body.RequiredText("kind", 1, MaxKindLength))
        {
            case "visit":
                return new Visit(sessions.Read(body, SessionFields.Short), new FirstView(Path(), Title()));
            case "view":
                return About("session", session => new PageViewed(session, Path(), Title(), Link: null));
            case "click":
                var link = body.RequiredUuid("link");
                return About(
                    "session", session => new PageViewed(session, Path(), null, new ClickedLink(link, Page: null, OrPlainView: false)));
            case "alive":
                return About("session", session => new HeartbeatReceived(session));
            case "leave":
                var (duration, depth) = (
                    body.RequiredNumber("duration", LeaveEndpoint.MaxSeconds), body.OptionalNumber("scrollDepth", max: 100));
                return About("view", view => new PageLeft(view, duration, depth));
            case "refused":
                return new NotCounted(DropReason.Consent, PageClaim.Read(body, SessionFields.Short));
            case "unanswered":
                return new NotCounted(DropReason.Unanswered, PageClaim.Read(body, SessionFields.Short));
            case "forget":
                return new Forgotten(sessions.ReadVisitor(body, "visitor"));
            case "":
                return new NotCounted(default, PageClaim.None); // is already being refused
            default:
                body.Refuse("kind", "must be visit, view, click, alive, leave, refused, unanswered or forget");
                return new NotCounted(default, PageClaim.None);
        }

        string? Path() => body.OptionalText("path", PageViewEndpoint.MaxPathLength);

        string? Title() => body.OptionalText("title", PageViewEndpoint.MaxTitleLength);

        Happened About(string field, Func<Guid, IngestEvent> happened)
        {
            var id = body.RequiredUuid(field);
            return new Happened(id, happened(id));
        }
    }

    private abstract record Said;

    private sealed record Visit(SessionRequest Request, FirstView View) : Said;

    private sealed record Happened(Guid About, IngestEvent Event) : Said;

    private sealed record Forgotten(string Visitor) : Said;

    private sealed record NotCounted(DropReason Reason, PageClaim Page) : Said;
}

/// <summary>What was stored: a session with its first page view, or a page view; null when nothing was stored.</summary>
internal sealed record HiAnswer(Guid? Id, Guid? View)
{
    public static HiAnswer Nothing { get; } = new(null, null);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<HiAnswer>))]
internal sealed partial class HiJson : JsonSerializerContext;
