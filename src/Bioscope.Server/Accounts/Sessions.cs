using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Storage;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>
/// <c>GET /api/v1/auth/sessions</c>: where the caller is signed in, last used first; <c>DELETE …/{id}</c> signs out there. A session of
/// another user gets 404, like one that does not exist. An access token that was issued to it stays valid for up to 15 minutes.
/// </summary>
/// <param name="List">The sessions.</param>
internal sealed record Sessions([property: JsonPropertyName("sessions")] IReadOnlyList<Session> List)
{
    private const string ListSql = """
        -- sessions of user
        SELECT "id", "client", "startedAt", "usedAt" FROM "RefreshFamily"
        WHERE "userId" = @user AND "tokenHash" IS NOT NULL AND "expiresAt" > @now ORDER BY COALESCE("usedAt", "startedAt") DESC, "id"
        """;

    private const string EndSql = """
        -- end session of user
        DELETE FROM "RefreshFamily" WHERE "id" = @id AND "userId" = @user
        """;

    private const string EndOthersSql = """
        -- end other sessions of user
        DELETE FROM "RefreshFamily" WHERE "userId" = @user AND "id" <> @kept
        """;

    public static void Map(IEndpointRouteBuilder auth, Settings settings)
    {
        auth.MapGet("sessions", AnswerAsync).RequireAuthorization()
            .WithMetadata(new ThrottlePolicy("sessions", settings.BioReadsPerMinute, TimeSpan.FromMinutes(1)));
        auth.MapDelete("sessions/{id}", DeleteAsync).RequireAuthorization()
            .WithMetadata(new ThrottlePolicy("session delete", settings.BioEditsPerMinute, TimeSpan.FromMinutes(1)));
    }

    /// <summary>Where the user is signed in, last used first.</summary>
    public static Task<List<Session>> ReadAsync(HttpContext http, Guid user)
    {
        var main = MainOf(http);
        return main.QueryAsync(
            ListSql,
            row => new Session(
                main.Dialect.ReadGuid(row, 0), row.IsDBNull(1) ? null : row.GetString(1), Instant(row, 2), Instant(row, 3)),
            http.RequestAborted,
            ("@user", user),
            ("@now", http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()));

        DateTimeOffset? Instant(System.Data.Common.DbDataReader row, int column) =>
            row.IsDBNull(column) ? null : main.Dialect.ReadInstant(row, column);
    }

    /// <summary>Signs the user out of one session.</summary>
    /// <returns>False when the user does not have it.</returns>
    public static async Task<bool> EndAsync(HttpContext http, Guid user, Guid id)
    {
        if (await MainOf(http).ExecuteAsync(EndSql, http.RequestAborted, ("@id", id), ("@user", user)) != 1)
        {
            return false;
        }

        await Audit.WriteAsync(http, AuditKind.SignOut, user, subject: id.ToString("D"));
        return true;
    }

    /// <summary>Signs the user out of all sessions but one.</summary>
    public static async Task EndOthersAsync(HttpContext http, Guid user, Guid kept)
    {
        if (await MainOf(http).ExecuteAsync(EndOthersSql, http.RequestAborted, ("@user", user), ("@kept", kept)) > 0)
        {
            await Audit.WriteAsync(http, AuditKind.SignOut, user);
        }
    }

    /// <summary>The signed-in user; null for a token of another service, which knows users of its own.</summary>
    public static Guid? UserOf(HttpContext http) => Uuid.TryParse(http.User.FindFirst("sub")?.Value, out var user) ? user : null;

    private static async Task AnswerAsync(HttpContext http)
    {
        var sessions = UserOf(http) is { } user ? await ReadAsync(http, user) : [];
        await ApiResponse.OkAsync(http, new Sessions(sessions), SessionsJson.Default.SuccessSessions);
    }

    private static async Task DeleteAsync(HttpContext http) => await (
        UserOf(http) is { } user && Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id) && await EndAsync(http, user, id)
            ? ApiResponse.AcknowledgeAsync(http)
            : Errors.WriteAsync(http, ApiError.SessionNotFound));

    private static MainDatabase MainOf(HttpContext http) => http.RequestServices.GetRequiredService<MainDatabase>();
}

/// <summary>A place where a user is signed in.</summary>
/// <param name="Id">The session.</param>
/// <param name="Client">Browser and system, such as <c>Safari on iOS</c>; null where they are not known.</param>
/// <param name="StartedAt">When the user signed in; null where that was before it was noted.</param>
/// <param name="UsedAt">When it was last used, to the hour.</param>
internal sealed record Session(
    Guid Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Client,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? StartedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? UsedAt)
{
    /// <summary>The browser and system of a request, in words.</summary>
    public static string? ClientOf(HttpContext http)
    {
        var facts = UserAgent.Facts(http.Request.Headers.UserAgent.ToString());
        return (facts.Browser, facts.Os) switch
        {
            ({ } browser, { } os) => $"{browser} on {os}",
            var (browser, os) => browser ?? os,
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(Success<Sessions>))]
internal sealed partial class SessionsJson : JsonSerializerContext;
