using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Team;

/// <summary>The texts of <see cref="PagesPage"/>.</summary>
internal sealed class PagesWords(Words words) : WordArea(words, "Pages")
{
    public string Title => Text();

    public string Period => Text();

    public string Search => Text();

    public string None => Text();

    public string NoneFound => Text();

    public string Note => Text();

    public string Page => Text();

    public string Visits => Text();

    public string Views => Text();

    public string Clicks => Text();

    public string YourRole => Text();

    public string Count(long count) => Plural(count);

    public string Parts => Text();

    public string Previous => Text();

    public string Next => Text();

    public string Range(string first, string last, string total) => Fill([("first", first), ("last", last), ("total", total)]);

    public string Leave => Text();

    public string LeaveOf(string name) => Fill("name", name);

    public string Leaving => Text();

    public string LeaveNow => Text();

    public string Left => Text();
}
