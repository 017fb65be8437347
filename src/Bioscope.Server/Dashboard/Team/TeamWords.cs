using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Team;

/// <summary>The texts of <see cref="TeamPage"/> and <see cref="TeamJoinPage"/>.</summary>
internal sealed class TeamWords(Words words) : WordArea(words, "Team")
{
    public string Title(string name) => Fill("name", name);

    public string Heading => Text();

    public string What => Text();

    public string InviteTitle => Text();

    public string InvitedTitle => Text();

    public string MembersTitle => Text();

    public string Nobody => Text();

    public string Removed => Text();

    public string Email => Text();

    public string EmailForList => Text();

    public string Role => Text();

    public string RoleOf(string name) => Fill("name", name);

    public string Invite => Text();

    public string LinkSent => Text();

    public string LinkShown => Text();

    public string ByLink => Text();

    public string Until(string role, string time) => Fill([("role", role), ("time", time)]);

    public string Since(string role, string time) => Fill([("role", role), ("time", time)]);

    public string Owner => Text();

    public string Viewer => Text();

    public string Editor => Text();

    public string ViewerChoice => Text();

    public string EditorChoice => Text();

    public string CopyLink => Text();

    public string Revoke => Text();

    public string RevokeLink => Text();

    public string RevokeOf(string email) => Fill("email", email);

    public string Change => Text();

    public string ChangeOf(string name) => Fill("name", name);

    public string RemoveOf(string name) => Fill("name", name);

    public string Invitation => Text();

    public string YouAreInvited => Text();

    public Html InvitesEditor(Html name) => Markup([("name", name)]);

    public Html InvitesViewer(Html name) => Markup([("name", name)]);

    public string SignInFirst => Text();

    public string SignIn => Text();

    public string NotWorking => Text();

    public string WhyNotWorking => Text();

    public string ToDashboard => Text();

    public string NotAccepted(string problem) => Fill("problem", problem);

    public string OwnerSees => Text();

    public string Accept => Text();

    public string NotNow => Text();
}
