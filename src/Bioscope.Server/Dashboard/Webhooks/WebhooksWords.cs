using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Webhooks;

/// <summary>The texts of <see cref="WebhooksPage"/>.</summary>
internal sealed class WebhooksWords(Words words) : WordArea(words, "Webhooks")
{
    public string Title(string name) => Fill("name", name);

    public string Heading => Text();

    public string BackToMails => Text();

    public string What => Text();

    public string AddTitle => Text();

    public string Address => Text();

    public string Events => Text();

    public string Weekly => Text();

    public string Monthly => Text();

    public string Spike => Text();

    public string Drop => Text();

    public string Test => Text();

    public Html Note(Html mails, Html standard) => Markup([("mails", mails), ("standard", standard)]);

    public string Mails => Text();

    public string Secret => Text();

    public string CopySecret => Text();

    public string NothingSent => Text();

    public string LastAttempts => Text();

    public Html FirstAttempt(string time, string what, Html outcome) =>
        Markup([("time", Html.Of($"{time}")), ("what", Html.Of($"{what}")), ("outcome", outcome)]);

    public Html LaterAttempt(string time, string what, string number, Html outcome) =>
        Markup([("time", Html.Of($"{time}")), ("what", Html.Of($"{what}")), ("number", Html.Of($"{number}")), ("outcome", outcome)]);

    public string Arrived => Text();

    public string Failed => Text();

    public string SendTest => Text();
}
