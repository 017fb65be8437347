using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Operating;

/// <summary>The texts of <see cref="StatePage"/>, <see cref="CreatorsPage"/> and <see cref="CreatorPage"/>.</summary>
internal sealed class OperatorWords(Words words) : WordArea(words, "Operator")
{
    public string Title => Text();

    public string State => Text();

    public string Creators => Text();

    public string Audit => Text();

    public string Warnings => Text();

    public string NoWarnings => Text();

    public string Health => Text();

    public string Version => Text();

    public string Ready => Text();

    public string Yes => Text();

    public string Storage => Text();

    public string MainDatabase => Text();

    public string AnalyticsDatabase => Text();

    public string Counting => Text();

    public string Waiting => Text();

    public string DropsToday => Text();

    public string NoDrops => Text();

    public string SealedUntil => Text();

    public string NotYet => Text();

    public string Mail => Text();

    public string MailServer => Text();

    public string NoMail => Text();

    public string OutboxWaiting => Text();

    public string OutboxFailed => Text();

    public string Backups => Text();

    public string LastBackup => Text();

    public string OtherBackups => Text();

    public string NoBackups => Text();

    public string OfInstance => Text();

    public string Search => Text();

    public string Nobody => Text();

    public string Invite => Text();

    public string InviteEmail => Text();

    public string NoInvitations => Text();

    public string Invited(string time) => Fill("time", time);

    public string Creator => Text();

    public string Email => Text();

    public string Since => Text();

    public string Status => Text();

    public string Active => Text();

    public string Suspended => Text();

    public string PageHidden => Text();

    public string IsOperator => Text();

    public string IsDeleted => Text();

    public string IsSuspendedNow => Text();

    public string IsResumedNow => Text();

    public string UserId => Text();

    public string PageId => Text();

    public string Suspend => Text();

    public string SuspendNote => Text();

    public string Resume => Text();

    public string ResumeNote => Text();

    public string Delete => Text();

    public string DeleteNote => Text();

    public string YourPassword => Text();
}
