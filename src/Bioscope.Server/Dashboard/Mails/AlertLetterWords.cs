using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>The texts of <see cref="AlertLetter"/>.</summary>
internal sealed class AlertLetterWords(Words words) : WordArea(words, "AlertLetter")
{
    public string Subject(string name, string title) => Fill([("name", name), ("title", title)]);

    public string Sentence(string title) => Fill("title", title);

    public string Spike(string visits, string from) => Fill([("visits", visits), ("from", from)]);

    public string Drop(string visits, string from, string to) => Fill([("visits", visits), ("from", from), ("to", to)]);

    public string DropNone(string from, string to) => Fill([("from", from), ("to", to)]);

    public string Usual(string number) => Fill("number", number);

    public string ComeFrom(string sources) => Fill("sources", sources);

    public string Broken => Text();

    public string Today(string url) => Fill("url", url);

    public string SeeToday => Text();

    public string Why => Text();
}
