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

    public static Task RevokeAsync(HttpContext http) => PostAsync(http, (page, id, _) =>
        TeamRoutes.RevokeAsync(http, page, id));

    public static Task ChangeAsync(HttpContext http) => PostAsync(http, async (page, id, form) =>
    {
        if (form["remove"] == "1")
        {
            await TeamRoutes.RemoveAsync(http, page, id);
        }
        else if (MemberRole.Read(form["role"].ToString()) is not null)
        {
            await TeamRoutes.ChangeAsync(http, page, id, form["role"].ToString());
        }
    });

    // Removed or revoked already is as good.
    private static Task PostAsync(HttpContext http, Func<Guid, Guid, IFormCollection, Task> change) => PostedChange.AnswerAsync(
        http,
        async (desk, form) =>
        {
            if (Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id))
            {
                await change(desk.Page.Id, id, form);
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
        var (words, texts) = (new TeamWords(desk.Words), new FormWords(desk.Words));
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), words.Title(desk.Name), Html.Of($"""
            {PageTop.Render(desk, formField, Path)}
            <main id="main" class="all-rows placements">
            <p class="back"><a href="/dashboard">{texts.BackToDashboard}</a></p>
            <h1>{words.Heading}</h1>
            <p class="note">{words.What}</p>
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{texts.NotSaved(problem)}</p>"""))}
            <section class="block" aria-labelledby="add-title"><header><h2 id="add-title">{words.InviteTitle}</h2></header>
            {Invite(words, form, services.GetRequiredService<Mailer>().IsSet, formField)}</section>
            {(invitations.Count == 0 ? Html.Nothing : Html.Of($"""<section class="block" id="invited" aria-labelledby="invited-title"><header><h2 id="invited-title">{words.InvitedTitle}</h2></header><ul class="placed">{invitations.Select(invitation => Row(http, desk, words, invitation, formField))}</ul></section>"""))}
            <section class="block" aria-labelledby="members-title"><header><h2 id="members-title">{words.MembersTitle}</h2></header>
            {(members.Count == 0 ? Html.Of($"""<p class="none">{words.Nobody}</p>""") : Html.Of($"""<ul class="placed">{members.Select(member => Row(desk, words, member, formField))}</ul>"""))}
            <p class="note">{words.Removed}</p></section>
            </main>

            """));
    }

    /// <summary>A role, as a word for whose it is.</summary>
    public static string RoleOf(TeamWords words, string role) => role switch
    {
        MemberRole.Viewer => words.Viewer,
        MemberRole.Editor => words.Editor,
        _ => words.Owner,
    };

    private static Html Invite(TeamWords words, IFormCollection? form, bool sendsMail, Html formField) => Html.Of($"""
        <div class="zone"><form method="post" action="{Path}">{formField}<label>{(sendsMail ? words.Email : words.EmailForList)} <input name="email" type="email" autocomplete="off" maxlength="{CreatorStore.MaxEmailChars}" value="{form?["email"].ToString()}"></label>{RoleChoice(words, form?["role"].ToString() ?? MemberRole.Viewer, words.Role)}<button>{words.Invite}</button></form>
        <p class="note">{(sendsMail ? words.LinkSent : words.LinkShown)}</p></div>
        """);

    private static Html Row(HttpContext http, Desk desk, TeamWords words, MemberInvitation invitation, Html formField) => Html.Of($"""
        <li data-invitation="{invitation.Id}"><h3><bdi>{invitation.Email ?? words.ByLink}</bdi> <small>{words.Until(RoleOf(words, invitation.Role), desk.At(invitation.ExpiresAt))}</small></h3>
        <div class="copy"><code tabindex="0">{TeamRoutes.UrlOf(http, invitation.Id)}</code><button type="button" data-copy hidden aria-label="{words.CopyLink}">{new FormWords(desk.Words).Copy}</button></div>
        <form method="post" action="{Path}/invitations/{invitation.Id}">{formField}<button class="quiet" aria-label="{(invitation.Email is { } email ? words.RevokeOf(email) : words.RevokeLink)}">{words.Revoke}</button></form></li>
        """);

    private static Html Row(Desk desk, TeamWords words, Member member, Html formField)
    {
        var (name, form) = (member.Email ?? member.UserId.ToString("D"), new FormWords(desk.Words));
        return Html.Of($"""
            <li data-member="{member.UserId}"><h3><bdi>{name}</bdi> <small>{words.Since(RoleOf(words, member.Role), desk.At(member.CreatedAt))}</small></h3>
            <details class="zone"><summary aria-label="{words.ChangeOf(name)}">{words.Change}</summary><form method="post" action="{Path}/members/{member.UserId}">{formField}{RoleChoice(words, member.Role, words.RoleOf(name))}<button>{form.Save}</button></form></details>
            <form method="post" action="{Path}/members/{member.UserId}">{formField}<button class="quiet" name="remove" value="1" aria-label="{words.RemoveOf(name)}">{form.Remove}</button></form></li>
            """);
    }

    private static Html RoleChoice(TeamWords words, string chosen, string label)
    {
        (string Role, string Text)[] roles = [(MemberRole.Viewer, words.ViewerChoice), (MemberRole.Editor, words.EditorChoice)];
        return Html.Of($"""
            <label>{label} <select name="role">{roles.Select(role => Html.Of($"""<option value="{role.Role}"{(role.Role == chosen ? Html.Trusted(" selected") : Html.Nothing)}>{role.Text}</option>"""))}</select></label>
            """);
    }
}
