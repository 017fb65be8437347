using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The texts of <see cref="SignInPage"/> and <see cref="SecondStepPage"/>.</summary>
internal sealed class SignInWords(Words words) : WordArea(words, "SignIn")
{
    public string SignIn => Text();

    public string Heading => Text();

    public string PasswordChanged => Text();

    public string FormTooOld => Text();

    public string Busy => Text();

    public string Wrong => Text();

    public string Email => Text();

    public string Password => Text();

    public string WithPasskey => Text();

    public string PasskeyUnknown => Text();

    public string Forgot => Text();

    public string ForgotNoMail => Text();

    public Html NewHere(Html link) => Markup([("link", link)]);

    public string OpenAccount => Text();

    public string CodeTitle => Text();

    public string OneMoreStep => Text();

    public string CodeFormTooOld => Text();

    public string CodeWrong => Text();

    public string CodeLabel => Text();

    public string WithoutPhone => Text();

    public string SomebodyElse => Text();
}
