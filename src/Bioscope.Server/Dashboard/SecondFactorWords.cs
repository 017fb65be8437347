using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The texts of <see cref="SecondFactorPage"/>.</summary>
internal sealed class SecondFactorWords(Words words) : WordArea(words, "SecondFactor")
{
    public string Title(string name) => Fill("name", name);

    public string Heading => Text();

    public string On(string left) => Fill("left", left);

    public string Off => Text();

    public string ChangeIt => Text();

    public string TurnItOn => Text();

    public string IsOnNow => Text();

    public string CodesReplaced => Text();

    public string IsOffNow => Text();

    public string BackToAccount => Text();

    public string Elsewhere => Text();

    public string What => Text();

    public string Continue => Text();

    public string ScanTitle => Text();

    public string QrCode => Text();

    public Html OrType(Html open) => Markup([("open", open)]);

    public string OpenHere => Text();

    public string CopySecret => Text();

    public string CodeTitle => Text();

    public string Code => Text();

    public string TurnOn => Text();

    public string CodesTitle => Text();

    public string CodesWhat => Text();

    public string CopyCodes => Text();

    public string IsOn => Text();

    public string MakeCodes => Text();

    public string CodeOfApp => Text();

    public string MakeThem => Text();

    public string TurnItOff => Text();

    public string CodeOrRecovery => Text();

    public string TurnOff => Text();

    public string YourPassword => Text();

    public string NoCodesLeft => Text();

    public string CodesLeft(long count) => Plural(count);
}
