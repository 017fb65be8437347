using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Server.Api.Team;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Mail;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Team;

/// <summary>
/// <c>/dashboard/team</c>: who else may see or change the page; forms invite, change roles and remove, with the rules of
/// <see cref="TeamRoutes"/>. Only the owner sees it.
/// </summary>
internal static class TeamPage
{
    public const string Path = "/dashboard/team";

    private static readonly (string Role, string Words)[] Roles =
        [(MemberRole.Viewer, "Viewer: sees the figures"), (MemberRole.Editor, "Editor: also changes the page")];

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            await WriteAsync(http, desk, null, null);
        }
    }

    public static Task InviteAsync(HttpContext http) => PostedChange.AnswerAsync(
        http,
        async (desk, form) =>
        {
            var email = TeamRoutes.EmailOf(form["email"]);
            var refusal = email is "" ? ApiError.Invalid("the e-mail address must be one, or empty")
                : MemberRole.Read(form["role"].ToString()) is null ? ApiError.Invalid("choose a role")
                : (await TeamRoutes.InviteAsync(http, desk.Page.Id, email, form["role"].ToString())).Refusal;
            return (refusal, Path + "#invited");
        },
        (desk, form, problem) => WriteAsync(http, desk, form, problem));

    public static Task RevokeAsync(HttpContext http) => PostAsync(http, async (members, page, id, _) =>
        await members.RevokeAsync(page, id, http.RequestAborted));

    public static Task ChangeAsync(HttpContext http) => PostAsync(http, async (members, page, id, form) =>
    {
        if (form["remove"] == "1")
        {
            await members.RemoveAsync(page, id, http.RequestAborted);
        }
        else if (MemberRole.Read(form["role"].ToString()) is not null)
        {
            await members.ChangeAsync(page, id, form["role"].ToString(), http.RequestAborted);
        }
    });

    // Removed or revoked already is as good.
    private static Task PostAsync(HttpContext http, Func<Members, Guid, Guid, IFormCollection, Task> change) => PostedChange.AnswerAsync(
        http,
        async (desk, form) =>
        {
            if (Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id))
            {
                await change(http.RequestServices.GetRequiredService<Members>(), desk.Page.Id, id, form);
            }

            return (null, Path);
        },
        (desk, _, problem) => WriteAsync(http, desk, null, problem));

    private static async Task WriteAsync(HttpContext http, Desk desk, IFormCollection? form, string? problem)
    {
        var services = http.RequestServices;
        var store = services.GetRequiredService<Members>();
        var (members, invitations) = (
            await store.ReadAsync(desk.Page.Id, http.RequestAborted), await store.InvitationsAsync(desk.Page.Id, http.RequestAborted));
        var formField = services.GetRequiredService<FormGuard>().FieldFor(http);
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), $"{desk.Name}: team", Html.Of($"""
            {PageTop.Render(desk, formField, Path)}
            <main id="main" class="all-rows placements">
            <p class="back"><a href="/dashboard">Back to the dashboard</a></p>
            <h1>Your team</h1>
            <p class="note">Let others see the figures of your page, or change it with you. Only you decide who they are; your account and your password stay yours.</p>
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">Not saved: {problem}.</p>"""))}
            <section class="block" aria-labelledby="add-title"><header><h2 id="add-title">Invite somebody</h2></header>
            {Invite(form, services.GetRequiredService<Mailer>().IsSet, formField)}</section>
            {(invitations.Count == 0 ? Html.Nothing : Html.Of($"""<section class="block" id="invited" aria-labelledby="invited-title"><header><h2 id="invited-title">Invited</h2></header><ul class="placed">{invitations.Select(invitation => Row(http, desk, invitation, formField))}</ul></section>"""))}
            <section class="block" aria-labelledby="members-title"><header><h2 id="members-title">Members</h2></header>
            {(members.Count == 0 ? Html.Of($"""<p class="none">Nobody yet.</p>""") : Html.Of($"""<ul class="placed">{members.Select(member => Row(desk, member, formField))}</ul>"""))}
            <p class="note">Who is removed is out at once. Links, rules, webhooks and shared views that a member added stay: look at them when an editor leaves.</p></section>
            </main>

            """));
    }

    private static Html Invite(IFormCollection? form, bool sendsMail, Html formField) => Html.Of($"""
        <div class="zone"><form method="post" action="{Path}">{formField}<label>E-mail{(sendsMail ? "" : ", for your list only")} <input name="email" type="email" autocomplete="off" maxlength="{CreatorStore.MaxEmailChars}" value="{form?["email"].ToString()}"></label>{RoleChoice(form?["role"].ToString() ?? MemberRole.Viewer, "Role")}<button>Invite</button></form>
        <p class="note">{(sendsMail ? "The link goes to the address, if you give one, and is shown here to copy." : "This server sends no mail: the link is shown here to copy.")} It works once, for 7 days, for whoever opens it first with an account here.</p></div>
        """);

    private static Html Row(HttpContext http, Desk desk, MemberInvitation invitation, Html formField) => Html.Of($"""
        <li data-invitation="{invitation.Id}"><h3><bdi>{invitation.Email ?? "By a link"}</bdi> <small>{invitation.Role}, until {desk.At(invitation.ExpiresAt)}</small></h3>
        <div class="copy"><code tabindex="0">{TeamRoutes.UrlOf(http, invitation.Id)}</code><button type="button" data-copy hidden aria-label="Copy the link">Copy</button></div>
        <form method="post" action="{Path}/invitations/{invitation.Id}">{formField}<button class="quiet">Revoke<span class="sr"> the invitation{(invitation.Email is null ? "" : " of " + invitation.Email)}</span></button></form></li>
        """);

    private static Html Row(Desk desk, Member member, Html formField)
    {
        var name = member.Email ?? member.UserId.ToString("D");
        return Html.Of($"""
            <li data-member="{member.UserId}"><h3><bdi>{name}</bdi> <small>{member.Role}, since {desk.At(member.CreatedAt)}</small></h3>
            <details class="zone"><summary>Change<span class="sr"> {name}</span></summary><form method="post" action="{Path}/members/{member.UserId}">{formField}{RoleChoice(member.Role, "Role of " + name)}<button>Save</button></form></details>
            <form method="post" action="{Path}/members/{member.UserId}">{formField}<button class="quiet" name="remove" value="1">Remove<span class="sr"> {name}</span></button></form></li>
            """);
    }

    private static Html RoleChoice(string chosen, string label) => Html.Of($"""
        <label>{label} <select name="role">{Roles.Select(role => Html.Of($"""<option value="{role.Role}"{(role.Role == chosen ? Html.Trusted(" selected") : Html.Nothing)}>{role.Words}</option>"""))}</select></label>
        """);
}
