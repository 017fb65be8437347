using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The texts of <see cref="LinksPage"/>.</summary>
internal sealed class LinkListWords(Words words) : WordArea(words, "LinkList")
{
    public string Title(string name) => Fill("name", name);

    public string Heading => Text();

    public string Paste => Text();

    public string AddHeading => Text();

    public string HeadingText => Text();

    public string Links => Text();

    public string None => Text();

    public Html Note(Html zone, Html dashboard) => Markup([("zone", zone), ("dashboard", dashboard)]);

    public string Dashboard => Text();

    public Html Deleted(Html title) => Markup([("title", title)]);

    public string Undo => Text();

    public string UndoOf(string title) => Fill("title", title);

    public string Drag => Text();

    public string MoveUp(string title) => Fill("title", title);

    public string MoveDown(string title) => Fill("title", title);

    public string Hide => Text();

    public string HideOf(string title) => Fill("title", title);

    public string Show => Text();

    public string ShowOf(string title) => Fill("title", title);

    public string Pin => Text();

    public string PinOf(string title) => Fill("title", title);

    public string Unpin => Text();

    public string UnpinOf(string title) => Fill("title", title);

    public string Delete => Text();

    public string DeleteOf(string title) => Fill("title", title);

    public string Edit => Text();

    public string EditOf(string title) => Fill("title", title);

    public Html Clicks(long number, Html count) => PluralMarkup(number, [("count", count)]);

    public Html Visitors(long number, Html count) => PluralMarkup(number, [("count", count)]);

    public string NotShown => Text();

    public string Hidden => Text();

    public string Pinned => Text();

    public string From(string time) => Fill("time", time);

    public string Until(string time) => Fill("time", time);

    public string Ended(string time) => Fill("time", time);

    public string LinkTitle => Text();

    public string Address => Text();

    public string ShowFrom => Text();

    public string ShowUntil => Text();

    public string DeletedLately(string number) => Fill("number", number);

    public string Restore => Text();

    public string RestoreOf(string title) => Fill("title", title);
}
