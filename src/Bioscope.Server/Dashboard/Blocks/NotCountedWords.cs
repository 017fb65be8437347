using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>What was not counted, and why.</summary>
internal sealed class NotCountedWords(Words words) : WordArea(words, "NotCounted")
{
    public string Visits(long count, string reasons) => Plural(count, [("reasons", reasons)]);
    public string Events(long count, string reasons) => Plural(count, [("reasons", reasons)]);
    public string How => Text();
    public string Consent(string count) => Fill("count", count);
    public string ConsentMeaning => Text();
    public string Unanswered(string count) => Fill("count", count);
    public string UnansweredMeaning => Text();
    public string Bot(string count) => Fill("count", count);
    public string BotMeaning => Text();
    public string Token(string count) => Fill("count", count);
    public string TokenMeaning => Text();
    public string Session(string count) => Fill("count", count);
    public string SessionMeaning => Text();
    public string Link(string count) => Fill("count", count);
    public string LinkMeaning => Text();
    public string Throttle(string count) => Fill("count", count);
    public string ThrottleMeaning => Text();
    public string Overload(string count) => Fill("count", count);
    public string OverloadMeaning => Text();
    public string Storage(string count) => Fill("count", count);
    public string StorageMeaning => Text();
}
