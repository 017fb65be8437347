using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>The link to the page that renames or hides a source.</summary>
internal sealed class RuleLinkWords(Words words) : WordArea(words, "RuleLink")
{
    public string RenameOrHide => Text();
    public string RenameOrHideIt(string source) => Fill("source", source);
}
