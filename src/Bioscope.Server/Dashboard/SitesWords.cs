using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The texts of <see cref="SitesPage"/>.</summary>
internal sealed class SitesWords(Words words) : WordArea(words, "Sites")
{
    public string Title(string name) => Fill("name", name);

    public string Heading => Text();

    public string What => Text();

    public string WhichTitle => Text();

    public string ItsAddress => Text();

    public string None => Text();

    public string LineTitle => Text();

    public Html LineWhere(Html head) => Markup([("head", head)]);

    public string CopyLine => Text();

    public Html Consent(Html attribute, Html banner, Html call) => Markup([("attribute", attribute), ("banner", banner), ("call", call)]);

    public string Banner => Text();

    public string ReadTitle => Text();

    public Html ReadWhat(Html pages) => Markup([("pages", pages)]);

    public string PagesOfSites => Text();

    public string AfterRemoval => Text();
}
