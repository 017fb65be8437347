using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The texts of <see cref="PasskeyPage"/>, and what the script of passkeys says.</summary>
internal sealed class PasskeyWords(Words words) : WordArea(words, "Passkey")
{
    public string Busy => Text();

    public string LoadAgain => Text();

    public string Known => Text();

    public string Cancelled => Text();

    public string Heading => Text();

    public string What => Text();

    public string None => Text();

    public string NeedsScript => Text();

    public string MakeHere => Text();

    public string Make => Text();

    public string MadeWith(string client) => Fill("client", client);

    public string MadeWithUnknown => Text();

    public string NotUsed(string day) => Fill("day", day);

    public string Used(string day, string used) => Fill([("day", day), ("used", used)]);
}
