using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The lists of all values.</summary>
internal sealed class RowsWords(Words words) : WordArea(words, "Rows")
{
    public string By(string values, string dimension) => Fill([("values", values), ("dimension", dimension)]);
    public string SplitBy => Text();
    public string Nothing => Text();
    public string Show => Text();
    public string Empty(string period) => Fill("period", period);
    public string NoSuchPage(string number, string last) => Fill([("number", number), ("last", last)]);
    public string Turning => Text();
    public string Count(long count) => Plural(count);
    public string Range(string first, string last, string total) => Fill([("first", first), ("last", last), ("total", total)]);
    public string Previous => Text();
    public string Next => Text();
}
