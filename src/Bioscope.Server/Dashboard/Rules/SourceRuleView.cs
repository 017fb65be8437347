using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>The form that renames or hides a source, with its data.</summary>
internal sealed record SourceRuleView(Desk Desk, PageRules Rules, SourceFacts Source, RuleForm Form, string? Problem)
{
    private string Name => DimensionWords.OfSource(Source.Source);

    public Html Render(Html formField) => Html.Of($"""
        {PageTop.Render(Desk, formField, Address.Dashboard)}
        <main id="main" class="all-rows rules">
        <p class="back"><a href="/dashboard">Back to the dashboard</a></p>
        <h1>Rename or hide <bdi>{Name}</bdi></h1>
        {(Problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">Not saved: {Problem}.</p>"""))}{(Source.Facts.Count == 0 ? Nothing() : Filled(formField))}
        </main>

        """);

    private Html Nothing() => Source.Visits == 0
        ? Html.Of($"""<p class="none">No visit so far has this source.</p>""")
        : Html.Of($"""<p class="none">{Visits(Source.Unnamed)} of this source, and no fact is stored with them that a rule can name.</p>""");

    private Html Filled(Html formField) => Html.Of($"""
        <form method="post" action="{RulesPage.Path}/preview">{RulesView.Fields(formField, Rules)}<input type="hidden" name="source" value="{Source.Source}">
        <p class="note">These facts are stored with visits and make them {Name}. Untick what shall stay as it is. You see what changes before anything is done.</p>
        {SourceFacts.Rungs.Select(rung => Facts(rung.Fact))}{Others()}
        <section class="block zone"><h2>Another name</h2><p class="note">The name of another source joins the two.</p>
        <div><label>New name <input name="name" value="{Form.Name}" list="names" required maxlength="{NamingRule.MaxName}" autocomplete="off"></label><datalist id="names">{Names().Select(name => Html.Of($"""<option value="{name}">"""))}</datalist>
        <label>Channel <select name="channel"><option value="">As the name has it</option>{Channel.All.Select(Option)}</select></label><button name="act" value="rename">See what changes</button></div></section>
        <section class="block zone"><h2>Hide</h2><p class="note">The visits leave every figure here. The published reports of the API keep them.</p>
        <div><button name="act" value="hide" formnovalidate>See what would be hidden</button></div></section></form>
        """);

    private Html Facts(Dimension dimension)
    {
        var facts = Source.Facts.Where(fact => fact.Dimension == dimension).ToList();
        return facts.Count == 0 ? Html.Nothing : Html.Of($"""
            <fieldset class="facts"><legend>{Title(dimension)}</legend>{facts.Select(Fact)}</fieldset>
            """);
    }

    private Html Fact(SourceFact fact) => Html.Of($"""
        <label><input type="checkbox" name="fact" value="{fact.Text}"{(Form.Facts.Contains(fact.Text) ? Html.Trusted(" checked") : Html.Nothing)}> <span class="what"><bdi>{ShownText.Of(fact.Value)}</bdi></span> <span class="n">{Visits(fact.Visits)}</span></label>
        """);

    /// <summary>The visits that this form cannot change.</summary>
    private Html Others() => Html.Join([
        Source.Folded.Facts == 0 ? Html.Nothing : Html.Of(
            $"""<p class="note">{Desk.Number(Source.Folded.Facts)} more facts with {Visits(Source.Folded.Visits)} are not listed and stay as they are.</p>"""),
        Source.Unnamed == 0 ? Html.Nothing : Html.Of(
            $"""<p class="note">{Visits(Source.Unnamed)} {(Source.Unnamed == 1 ? "has" : "have")} no fact that a rule can name.</p>"""),
    ]);

    private Html Option(string channel) => Html.Of(
        $"""<option{(channel == Form.Channel ? Html.Trusted(" selected") : Html.Nothing)}>{channel}</option>""");

    // The page's own sources first.
    private IEnumerable<string> Names() =>
        Source.Sources.Concat(SourceName.All.Select(known => known.Name).Order(StringComparer.OrdinalIgnoreCase))
            .Where(name => name != Source.Source && name.Length <= NamingRule.MaxName).Distinct();

    private string Visits(long count) => $"{Desk.Number(count)} {(count == 1 ? "visit" : "visits")}";

    private static string Title(Dimension fact) => RulesView.FactWords(fact) is var words ? char.ToUpperInvariant(words[0]) + words[1..] : "";
}
