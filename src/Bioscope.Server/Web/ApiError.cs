using System.Globalization;
using System.Text.Json.Nodes;
using Bioscope.Engine.Counting;

namespace Bioscope.Server.Web;

/// <summary>The error in a failed response: the rows of the contract's table of errors.</summary>
internal sealed record ApiError(int Status, string Code, string I18nKey, string Message)
{
    /// <summary>Values for the client's own wording of <see cref="I18nKey"/>.</summary>
    public JsonObject I18nVars { get; init; } = [];

    /// <summary>One sentence for each problem, such as one for each field.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    public static ApiError Unauthorized { get; } =
        new(401, "AUTH_UNAUTHORIZED", "error.auth.unauthorized", "A valid bearer token is required.");

    /// <summary>The caller is a member of the page, and its role does not allow this.</summary>
    public static ApiError Forbidden { get; } =
        new(403, "FORBIDDEN", "error.forbidden", "Your role on this page does not allow this.");

    /// <summary>The scope of the caller's API key does not include this.</summary>
    public static ApiError KeyForbidden { get; } =
        new(403, "FORBIDDEN", "error.key.forbidden", "The scope of this API key does not allow this.");

    public static ApiError KeyNotFound { get; } =
        new(404, "KEY_NOT_FOUND", "error.creator.key_not_found", "The bio page has no such API key.");

    public static ApiError MemberNotFound { get; } =
        new(404, "MEMBER_NOT_FOUND", "error.creator.member_not_found", "The bio page has no such member or invitation.");

    public static ApiError CreatorNotFound { get; } =
        new(404, "CREATOR_NOT_FOUND", "error.creator.not_found", "There is no creator profile for this user.");

    public static ApiError BioPageNotFound { get; } =
        new(404, "BIO_NOT_FOUND", "error.creator.bio_not_found", "The creator has no bio page.");

    public static ApiError LinkNotFound { get; } =
        new(404, "LINK_NOT_FOUND", "error.creator.link_not_found", "The bio page has no such link.");

    public static ApiError PlacementNotFound { get; } =
        new(404, "PLACEMENT_NOT_FOUND", "error.creator.placement_not_found", "The bio page has no such placement link.");

    public static ApiError SessionNotFound { get; } =
        new(404, "SESSION_NOT_FOUND", "auth.session_not_found", "You have no such session.");

    public static ApiError SiteNotFound { get; } =
        new(404, "SITE_NOT_FOUND", "error.creator.site_not_found", "The bio page has no such site.");

    public static ApiError WebhookNotFound { get; } =
        new(404, "WEBHOOK_NOT_FOUND", "error.creator.webhook_not_found", "The bio page has no such webhook.");
    public static ApiError SharedViewNotFound { get; } =
        new(404, "SHARED_VIEW_NOT_FOUND", "error.creator.shared_view_not_found", "The bio page has no such shared view.");

    public static ApiError Internal { get; } =
        new(500, "INTERNAL_ERROR", "error.internal", "Something went wrong on our side.");

    public static ApiError Unavailable { get; } =
        new(503, "SERVICE_UNAVAILABLE", "error.unavailable", "The service is not available right now, please try again.");

    /// <summary>The query needs more memory than is free at this moment.</summary>
    public static ApiError QueryTooLarge { get; } =
        Unavailable with { Details = ["The query needs more memory than is free at this moment. Ask for a shorter range, or try again."] };

    public static ApiError Invalid(params IReadOnlyList<string> details) =>
        new(400, "VALIDATION_ERROR", "error.validation", "The request is not valid.") { Details = details };

    /// <summary>The refusal of a query, or of a part of one.</summary>
    public static ApiError Invalid(IEnumerable<QueryDetail> details) => Invalid([.. details.Select(detail => detail.ToString())]);

    public static ApiError Conflict(string detail) =>
        new(409, "CONFLICT", "error.conflict", "The request does not fit what is stored.") { Details = [detail] };

    public static ApiError RateLimited(int retryAfterSeconds) =>
        new(429, "RATE_LIMIT_EXCEEDED", "error.rate_limit.exceeded", "Too many requests, please slow down.")
        {
            I18nVars = new JsonObject { ["retryAfter"] = retryAfterSeconds },
        };

    /// <summary>The request is for a host name that this server does not answer for.</summary>
    public static ApiError UnknownHost(string host) =>
        new(421, "UNKNOWN_HOST", "error.unknown_host", "This server does not answer for the host name of this request.")
        {
            Details = [$"If '{host}' is its name, its operator can add it to the setting Hosts:Allowed."],
        };

    /// <summary>The error for a bare status code, as left by routing, the web server and authentication.</summary>
    public static ApiError ForStatus(int status) => status switch
    {
        401 => Unauthorized,
        404 => new(404, "NOT_FOUND", "error.not_found", "There is nothing at this address."),
        405 => new(405, "METHOD_NOT_ALLOWED", "error.method_not_allowed", "This address does not take that method."),
        413 => new(413, "PAYLOAD_TOO_LARGE", "error.payload_too_large", "The request body is too large."),
        414 => new(414, "VALIDATION_ERROR", "error.validation", "The address is too long."),
        415 => new(415, "UNSUPPORTED_MEDIA_TYPE", "error.unsupported_media_type", "The body must be application/json in UTF-8."),
        431 => new(431, "VALIDATION_ERROR", "error.validation", "The request headers are too large."),
        503 => Unavailable,
        505 => Invalid("This version of HTTP is not supported.") with { Status = 505 },
        >= 500 => Internal,
        _ => Invalid() with
        {
            Status = status,
            Details = [string.Create(CultureInfo.InvariantCulture, $"The request was refused ({status}).")],
        },
    };
}
