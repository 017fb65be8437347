using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Json;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Team;

/// <summary>
/// <c>/api/v1/creators/team</c>: the owner of a page invites others to it, gives them roles and removes them; and <c>POST …/join {token}</c>,
/// by which who is invited becomes a member, and <c>DELETE …/memberships/{page}</c>, by which a member leaves.
/// </summary>
internal static class TeamRoutes
{
    /// <summary>Why a link makes nobody a member.</summary>
    public static ApiError Unusable { get; } = ApiError.Invalid("this invitation was used or revoked, or it has expired");

    /// <summary>Why the owner does not become a member.</summary>
    public static ApiError IsOwner { get; } = ApiError.Invalid("this page is your own");

    private static ApiError NoUser { get; } = ApiError.Invalid("this token names no user who could be a member");

    public static void Map(IEndpointRouteBuilder creators, Settings settings)
    {
        var team = creators.MapGroup("team").RequireAuthorization();
        team.MapGet("", http => CallerPage.WithOwnAsync(http, page => ListAsync(http, page))).WithMetadata(BioEditing.Reads("team", settings));
        team.MapPost("invitations", http => CallerPage.WithOwnAsync(http, page => InviteAsync(http, page))).WithMetadata(InviteLimit(settings));
        team.MapDelete("invitations/{id}", http => CallerPage.WithOwnAsync(http, page => RevokeAsync(http, page)))
            .WithMetadata(BioEditing.Edits("team revoke", settings));
        team.MapPut("members/{id}", http => CallerPage.WithOwnAsync(http, page => ChangeAsync(http, page)))
            .WithMetadata(BioEditing.Edits("team change", settings));
        team.MapDelete("members/{id}", http => CallerPage.WithOwnAsync(http, page => RemoveAsync(http, page)))
            .WithMetadata(BioEditing.Edits("team remove", settings));
        // About no page of the caller, so it looks for none.
        team.MapPost("join", JoinAsync).WithMetadata(BioEditing.Edits("team join", settings));
        team.MapDelete("memberships/{page}", LeaveAsync).WithMetadata(BioEditing.Edits("team leave", settings));
    }

    /// <summary>How often an owner may invite: each time may send a mail to anybody.</summary>
    public static ThrottlePolicy InviteLimit(Settings settings) => new("team invite", settings.BioEditsPerMinute, TimeSpan.FromHours(1));

    /// <summary>Invites somebody, by mail where there is an address and a mail server.</summary>
    public static async Task<(MemberInvitation? Invitation, ApiError? Refusal)> InviteAsync(HttpContext http, Guid page, string? email, string role)
    {
        var services = http.RequestServices;
        MemberInvitation? invitation = null;
        var refusal = await BioEditing.HoldingAsync(http, page, async (_, transaction) =>
        {
            invitation = await services.GetRequiredService<Members>().InviteAsync(transaction, page, email, role, http.RequestAborted);
            return invitation is null ? ApiError.Conflict($"a page has at most {Members.Max} members and open invitations") : null;
        });
        if (refusal is null)
        {
            await Audit.WriteAsync(http, AuditKind.MemberInvited, page: page, subject: invitation!.Id.ToString("D"));
        }

        if (invitation is { Email: not null } && refusal is null && services.GetRequiredService<Mailer>().IsSet)
        {
            await SendAsync(services, page, invitation, Words.Of(http), http.RequestAborted);
        }

        return refusal is null ? (invitation, null) : (null, refusal);
    }

    /// <summary>Makes the signed-in user a member.</summary>
    public static async Task<(InvitedTo? Joined, ApiError? Refusal)> JoinAsync(HttpContext http, Guid user, string token)
    {
        var members = http.RequestServices.GetRequiredService<Members>();
        if (await members.FindAsync(token, http.RequestAborted) is not { } invited)
        {
            return (null, Unusable);
        }

        // It stays for whom it is meant for.
        if (invited.Owner == user)
        {
            return (null, IsOwner);
        }

        if (!await members.JoinAsync(invited, user, http.RequestAborted))
        {
            return (null, Unusable);
        }

        await Audit.WriteAsync(http, AuditKind.MemberAdded, user, invited.Page, invited.Id.ToString("D"));
        return (invited, null);
    }

    /// <summary>Ends an invitation.</summary>
    /// <returns>False when the page has no such invitation.</returns>
    public static async Task<bool> RevokeAsync(HttpContext http, Guid page, Guid id) => await WrittenAsync(
        http, await MembersOf(http).RevokeAsync(page, id, http.RequestAborted), AuditKind.InvitationRevoked, null, page, id.ToString("D"));

    /// <summary>Gives a member another role.</summary>
    /// <returns>False when the page has no such member.</returns>
    public static async Task<bool> ChangeAsync(HttpContext http, Guid page, Guid member, string role) => await WrittenAsync(
        http, await MembersOf(http).ChangeAsync(page, member, role, http.RequestAborted), AuditKind.MemberChanged, member, page);

    /// <summary>Removes a member, who may do so too.</summary>
    /// <returns>False when the page has no such member.</returns>
    public static async Task<bool> RemoveAsync(HttpContext http, Guid page, Guid member) => await WrittenAsync(
        http, await MembersOf(http).RemoveAsync(page, member, http.RequestAborted), AuditKind.MemberRemoved, member, page);

    /// <summary>Where an invitation's link leads.</summary>
    public static string UrlOf(HttpContext http, Guid invitation) =>
        $"{ServerUrl.Of(http)}{TeamLetter.Path}{http.RequestServices.GetRequiredService<Members>().TokenOf(invitation)}";

    /// <summary>An address as it is stored; null for none, empty for a text that is none.</summary>
    public static string? EmailOf(string? text) => string.IsNullOrWhiteSpace(text) ? null
        : CreatorStore.NormalizeEmail(text) is var email && EmailRequest.IsAddress(email) ? email : "";

    // An address gets one mail a day about a page, however often it is invited: nobody's mailbox is filled.
    private static Task SendAsync(
        IServiceProvider services, Guid page, MemberInvitation invitation, Words words, CancellationToken cancellationToken) =>
        services.GetRequiredService<Outbox>().AskAsync(
            TeamLetter.Name, $"{page:D}:{services.GetRequiredService<LoginAttempts>().AccountOf(invitation.Email!)}", TimeSpan.FromDays(1),
            new JsonObject { ["invitation"] = invitation.Id.ToString("D"), ["language"] = words.Tag }, TimeSpan.FromDays(1), cancellationToken);

    private static async Task ListAsync(HttpContext http, Guid page)
    {
        var members = http.RequestServices.GetRequiredService<Members>();
        var invitations = await members.InvitationsAsync(page, http.RequestAborted);
        await ApiResponse.OkAsync(
            http,
            new Team(await members.ReadAsync(page, http.RequestAborted), [.. invitations.Select(invitation => Open(http, invitation))]),
            TeamJson.Default.SuccessTeam);
    }

    private static async Task InviteAsync(HttpContext http, Guid page)
    {
        var (asked, refusal) = await JsonRequest.ReadAsync(http, body =>
        {
            // Not cut to its longest, which would be another address.
            var email = EmailOf(body.OptionalText("email", int.MaxValue));
            if (email is "")
            {
                body.Refuse("email", "must be an e-mail address");
            }

            return new InviteRequest(email, RoleIn(body));
        });
        MemberInvitation? invitation = null;
        if (refusal is null)
        {
            (invitation, refusal) = await InviteAsync(http, page, asked!.Email, asked.Role);
        }

        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status201Created;
        await ApiResponse.OkAsync(http, Open(http, invitation!), TeamJson.Default.SuccessOpenInvitation);
    }

    private static async Task RevokeAsync(HttpContext http, Guid page) =>
        await AnswerAsync(http, IdOf(http) is { } id && await RevokeAsync(http, page, id));

    private static async Task RemoveAsync(HttpContext http, Guid page) =>
        await AnswerAsync(http, IdOf(http) is { } id && await RemoveAsync(http, page, id));

    private static async Task ChangeAsync(HttpContext http, Guid page)
    {
        var (role, refusal) = await JsonRequest.ReadAsync(http, RoleIn);
        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
            return;
        }

        await AnswerAsync(http, IdOf(http) is { } id && await ChangeAsync(http, page, id, role!));
    }

    private static async Task JoinAsync(HttpContext http)
    {
        var (token, refusal) = await JsonRequest.ReadAsync(http, body => body.RequiredText("token", 1, 100));
        InvitedTo? joined = null;
        if (refusal is null)
        {
            (joined, refusal) = Sessions.UserOf(http) is { } user ? await JoinAsync(http, user, token!) : (null, NoUser);
        }

        await (refusal is not null
            ? Errors.WriteAsync(http, refusal)
            : ApiResponse.OkAsync(http, new JoinedPage(joined!.Page, joined.Handle, joined.Title, joined.Role), TeamJson.Default.SuccessJoinedPage));
    }

    private static async Task LeaveAsync(HttpContext http) => await AnswerAsync(
        http,
        Sessions.UserOf(http) is { } user && Uuid.TryParse((string?)http.Request.RouteValues["page"], out var page)
            && await RemoveAsync(http, page, user));

    private static async Task<bool> WrittenAsync(HttpContext http, bool isDone, string kind, Guid? member, Guid page, string? subject = null)
    {
        if (isDone)
        {
            await Audit.WriteAsync(http, kind, member, page, subject);
        }

        return isDone;
    }

    private static Task AnswerAsync(HttpContext http, bool isFound) =>
        isFound ? ApiResponse.AcknowledgeAsync(http) : Errors.WriteAsync(http, ApiError.MemberNotFound);

    private static string RoleIn(JsonBody body)
    {
        var role = body.RequiredText("role", 1, 20);
        if (role.Length > 0 && MemberRole.Read(role) is null)
        {
            body.Refuse("role", $"must be {string.Join(" or ", MemberRole.All)}");
        }

        return role;
    }

    private static OpenInvitation Open(HttpContext http, MemberInvitation invitation) =>
        new(invitation.Id, invitation.Email, invitation.Role, invitation.ExpiresAt, UrlOf(http, invitation.Id));

    private sealed record InviteRequest(string? Email, string Role);

    private static Guid? IdOf(HttpContext http) => Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id) ? id : null;

    private static Members MembersOf(HttpContext http) => http.RequestServices.GetRequiredService<Members>();
}

/// <summary>The members of a page beside its owner, and who is invited.</summary>
internal sealed record Team(IReadOnlyList<Member> Members, IReadOnlyList<OpenInvitation> Invitations);

/// <summary>An invitation with its link, which makes whoever opens it first a member.</summary>
internal sealed record OpenInvitation(
    Guid Id, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Email, string Role, DateTimeOffset ExpiresAt, string Url);

/// <summary>The page of which the caller is a member now.</summary>
internal sealed record JoinedPage(
    Guid Page,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Handle,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Title,
    string Role);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(Success<Team>))]
[JsonSerializable(typeof(Success<OpenInvitation>))]
[JsonSerializable(typeof(Success<JoinedPage>))]
internal sealed partial class TeamJson : JsonSerializerContext;
