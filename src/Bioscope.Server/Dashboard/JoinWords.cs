using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The texts of <see cref="JoinPage"/>.</summary>
internal sealed class JoinWords(Words words) : WordArea(words, "Join")
{
    public string Invitation => Text();

    public string NotWorking => Text();

    public string WhyNotWorking => Text();

    public string ToSignIn => Text();

    public string Title => Text();

    public string Heading => Text();

    public string NotOpened(string problem) => Fill("problem", problem);

    public string PageName => Text();

    public Html PageAddress(Html prefix) => Markup([("prefix", prefix)]);

    public string AddressRule => Text();

    public string Email => Text();

    public string Password => Text();

    public string PasswordRule(string min) => Fill("min", min);

    public string Submit => Text();
}
