using Bioscope.Engine.Counting;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>The rules for sources, the form that makes them, and what it would change.</summary>
internal sealed class RulesWords(Words words) : WordArea(words, "Rules")
{
    public string PageTitle(string name) => Fill("name", name);
    public string Title => Text();
    public Html Meaning(Html api) => Markup([("api", api)]);
    public string NoRules => Text();
    public string Done(long count) => Plural(count);
    public string Undone(long count) => Plural(count);
    public string Undo => Text();
    public string Redo => Text();
    public string SpamHidden(string count) => Fill("count", count);
    public string SpamShown(string count) => Fill("count", count);
    public string ShowSpam => Text();
    public string HideSpam => Text();
    public Html VisitsOf30Days(long number, Html count, Html start, Html end) => PluralMarkup(number, [("count", count), ("start", start), ("end", end)]);
    public Html Remove(Html start, Html number, Html end) => Markup([("start", start), ("number", number), ("end", end)]);
    public Html Hides(Html condition) => Markup([("condition", condition)]);
    public Html Renames(Html condition, Html name) => Markup([("condition", condition), ("name", name)]);
    public Html RenamesInChannel(Html condition, Html name, Html channel) => Markup([("condition", condition), ("name", name), ("channel", channel)]);
    public string ReferrerDomain => Text();
    public string SourceTitle(string name, string source) => Fill([("name", name), ("source", source)]);
    public Html RenameOrHide(Html source) => Markup([("source", source)]);
    public string NoVisits => Text();
    public string NoFacts(long count) => Plural(count);
    public Html Facts(Html source) => Markup([("source", source)]);
    public string AnotherName => Text();
    public string JoinsThem => Text();
    public string NewName => Text();
    public string Channel => Text();
    public string UsualChannel => Text();
    public string SeeChanges => Text();
    public string Hide => Text();
    public string HideMeaning => Text();
    public string SeeHidden => Text();
    public string FoldedFacts(long count, string visits) => Plural(count, [("visits", visits)]);
    public string Unnamed(long count) => Plural(count);
    public string Changes(long count, string day) => Plural(count, [("day", day)]);
    public string ChangesNothing => Text();
    public string NothingDoneYet => Text();
    public string AlsoOthers => Text();
    public string ApiKeeps => Text();
    public string Do => Text();
    public string Back => Text();
    public string Becomes => Text();
    public string OtherWays(string visits, string ways) => Fill([("visits", visits), ("ways", ways)]);
    public string Hidden => Text();
    public string SourceInChannel(string source, string channel) => Fill([("source", source), ("channel", channel)]);
    public string TickOne => Text();
    public string TooMany(string count, string max) => Fill([("count", count), ("max", max)]);
    public string NameLength(string max) => Fill("max", max);
    public string Outdated => Text();
    public string NotOurs => Text();

    /// <summary>The name of a fact within a sentence.</summary>
    internal string FactOf(Dimension fact) =>
        fact.Name == "referrerDomain" ? ReferrerDomain : new DimensionWords(Words).OneInSentence(fact);
}
