using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>The form that renames or hides a source, with its data.</summary>
internal sealed record SourceRuleView(Desk Desk, PageRules Rules, SourceFacts Source, RuleForm Form, string? Problem)
{
    private RulesWords Texts => new(Desk.Words);

    private Html Name => Html.Of($"<bdi>{Desk.Dimensions.OfSource(Source.Source)}</bdi>");

    public Html Render(Html formField) => Html.Of($"""
        {PageTop.Render(Desk, formField, Address.Dashboard)}
        <main id="main" class="all-rows rules">
        <p class="back"><a href="/dashboard">{new DashboardWords(Desk.Words).Back}</a></p>
        <h1>{Texts.RenameOrHide(Name)}</h1>
        {(Problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{new FormWords(Desk.Words).NotSaved(Problem)}</p>"""))}{(Source.Facts.Count == 0 ? Nothing() : Filled(formField))}
        </main>

        """);

    private Html Nothing() => Source.Visits == 0
        ? Html.Of($"""<p class="none">{Texts.NoVisits}</p>""")
        : Html.Of($"""<p class="none">{Texts.NoFacts(Source.Unnamed)}</p>""");

    private Html Filled(Html formField) => Html.Of($"""
        <form method="post" action="{RulesPage.Path}/preview">{RulesView.Fields(formField, Rules)}<input type="hidden" name="source" value="{Source.Source}">
        <p class="note">{Texts.Facts(Name)}</p>
        {SourceFacts.Rungs.Select(rung => Facts(rung.Fact))}{Others()}
        <section class="block zone"><h2>{Texts.AnotherName}</h2><p class="note">{Texts.JoinsThem}</p>
        <div><label>{Texts.NewName} <input name="name" value="{Form.Name}" list="names" required maxlength="{NamingRule.MaxName}" autocomplete="off"></label><datalist id="names">{Names().Select(name => Html.Of($"""<option value="{name}">"""))}</datalist>
        <label>{Texts.Channel} <select name="channel"><option value="">{Texts.UsualChannel}</option>{Core.Channel.All.Select(Option)}</select></label><button name="act" value="rename">{Texts.SeeChanges}</button></div></section>
        <section class="block zone"><h2>{Texts.Hide}</h2><p class="note">{Texts.HideMeaning}</p>
        <div><button name="act" value="hide" formnovalidate>{Texts.SeeHidden}</button></div></section></form>
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
            $"""<p class="note">{Texts.FoldedFacts(Source.Folded.Facts, $"{Desk.Number(Source.Folded.Visits)} {new MetricWords(Desk.Words).Visit(Source.Folded.Visits)}")}</p>"""),
        Source.Unnamed == 0 ? Html.Nothing : Html.Of(
            $"""<p class="note">{Texts.Unnamed(Source.Unnamed)}</p>"""),
    ]);

    private Html Option(string channel) => Html.Of(
        $"""<option value="{channel}"{(channel == Form.Channel ? Html.Trusted(" selected") : Html.Nothing)}>{Desk.Dimensions.ChannelOf(channel)}</option>""");

    // The page's own sources first.
    private IEnumerable<string> Names() =>
        Source.Sources.Concat(SourceName.All.Select(known => known.Name).Order(StringComparer.OrdinalIgnoreCase))
            .Where(name => name != Source.Source && name.Length <= NamingRule.MaxName).Distinct();

    private Html Visits(long count) => new MetricWords(Desk.Words).VisitCount(count, Html.Of($"{Desk.Number(count)}"));

    private string Title(Dimension fact) => Desk.Words.Capital(Texts.FactOf(fact));
}
