using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>The texts of <see cref="MailsPage"/> and <see cref="UnsubscribePage"/>.</summary>
internal sealed class MailsWords(Words words) : WordArea(words, "Mails")
{
    public string Title(string name) => Fill("name", name);

    public string Heading => Text();

    public string Reports => Text();

    public string EveryMonday => Text();

    public string WeekWhat => Text();

    public string EveryMonth => Text();

    public string MonthWhat => Text();

    public Html AtEight(Html zone) => Markup([("zone", zone)]);

    public string Alerts => Text();

    public string Spikes => Text();

    public string SpikesWhat => Text();

    public string Drops => Text();

    public string DropsWhat => Text();

    public Html SpikeTimes(Html field) => Markup([("field", field)]);

    public Html SpikeLeast(Html field) => Markup([("field", field)]);

    public string Usual => Text();

    public string Language => Text();

    public Html WebhooksToo(Html webhooks) => Markup([("webhooks", webhooks)]);

    public string Webhooks => Text();

    public string NoMail => Text();

    public string NoAddress => Text();

    public Html Unconfirmed(Html confirm, Html email) => Markup([("confirm", confirm), ("email", email)]);

    public string Confirm => Text();

    public Html GoTo(Html email, Html other) => Markup([("email", email), ("other", other)]);

    public string OtherAddress => Text();

    public string StopTitle => Text();

    public string StopHeading => Text();

    public string Weekly => Text();

    public string Monthly => Text();

    public string SpikesEnd => Text();

    public string DropsEnd => Text();

    public string Stop => Text();

    public string Stopped => Text();

    public string Done => Text();

    public string ChooseOthers => Text();

    public string NotFound => Text();

    public string Incomplete => Text();

    public Html OpenAgain(Html choose) => Markup([("choose", choose)]);

    public string Choose => Text();
}
