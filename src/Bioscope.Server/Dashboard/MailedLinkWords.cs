using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The texts of <see cref="MailedLinkPages"/>.</summary>
internal sealed class MailedLinkWords(Words words) : WordArea(words, "MailedLink")
{
    public string Ended => Text();

    public Html WhyEnded(Html forgot, Html account) => Markup([("forgot", forgot), ("account", account)]);

    public string AskForPassword => Text();

    public string OpenYourAccount => Text();

    public Html PasswordSent(Html email) => Markup([("email", email)]);

    public Html NoPasswordMail(Html again) => Markup([("again", again)]);

    public Html AccountSent(Html email) => Markup([("email", email)]);

    public Html NoAccountMail(Html again) => Markup([("again", again)]);

    public string TryAgain => Text();

    public string LookTitle => Text();

    public string LookHeading => Text();

    public string NewPassword => Text();

    public string ForgotHeading => Text();

    public string Email => Text();

    public string Send => Text();

    public string BackToSignIn => Text();

    public string NoMail => Text();

    public string SignUpTitle => Text();

    public string SignUpHeading => Text();

    public string InvitationOnly => Text();

    public string ToSignIn => Text();

    public string ResetHeading => Text();

    public string Change => Text();

    public string AfterReset => Text();

    public string ConfirmTitle => Text();

    public string ConfirmHeading => Text();

    public string Confirm => Text();
}
