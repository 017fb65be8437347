using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The texts of <see cref="AccountPage"/> and <see cref="EmailForm"/>.</summary>
internal sealed class AccountWords(Words words) : WordArea(words, "Account")
{
    public string Title(string name) => Fill("name", name);

    public string Heading => Text();

    public string PasswordChanged => Text();

    public string LinkSent => Text();

    public string EmailConfirmed => Text();

    public string WhereTitle => Text();

    public string SignOutOthers => Text();

    public string NotYours => Text();

    public string Password => Text();

    public string ChooseNew => Text();

    public string CurrentPassword => Text();

    public string NewPassword => Text();

    public string Change => Text();

    public string PasswordRule(string min) => Fill("min", min);

    public string UnknownBrowser => Text();

    public string ThisBrowser => Text();

    public string SignedIn(string at) => Fill("at", at);

    public string SignedInUsed(string at, string used) => Fill([("at", at), ("used", used)]);

    public string SignedInAgo => Text();

    public string SignedInAgoUsed(string used) => Fill("used", used);

    public string SignOut => Text();

    public string Client(string browser, string os) => Fill([("browser", browser), ("os", os)]);

    public string Email => Text();

    public Html SignInAs(Html email) => Markup([("email", email)]);

    public Html SignInAsUnconfirmed(Html email) => Markup([("email", email)]);

    public string NoMail => Text();

    public string OtherAddress => Text();

    public string SendLink => Text();

    public string ChangesLater => Text();

    public string SendConfirm => Text();

    public string WithoutIt => Text();

    public string EmailAddress => Text();

    public string YourPassword => Text();

    public string Team => Text();

    public string TeamWhat => Text();

    public string Keys => Text();

    public string KeysWhat => Text();
}
