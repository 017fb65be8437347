using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>The page of rules, with its data.</summary>
/// <param name="Desk">Whose page it is.</param>
/// <param name="Rules">The rules.</param>
/// <param name="Visits">The visits of the last 30 days by the place of the rule that acts on them.</param>
/// <param name="Change">What the last change did, directly after it; else null.</param>
/// <param name="IsUndone">Whether that change was an undo.</param>
/// <param name="Problem">Why the form that was sent changed nothing.</param>
internal sealed record RulesView(
    Desk Desk, PageRules Rules, IReadOnlyDictionary<int, long> Visits, RuleChange? Change, bool IsUndone, string? Problem)
{
    // Of one rule; it may have a hundred.
    private const int MaxValues = 5;

    public Html Render(Html formField) => Html.Of($"""
        {PageTop.Render(Desk, formField, Address.Dashboard)}
        <main id="main" class="all-rows rules">
        <p class="back"><a href="/dashboard">Back to the dashboard</a></p>
        <h1>Rules for your sources</h1>
        <p class="note">A rule renames or hides visits by what is stored with them: past ones too, and until you remove it. Of several that match a visit, the first one acts. The published reports of the <a href="/docs">API</a> do not know rules.</p>
        {(Problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">Not saved: {Problem}.</p>"""))}{Done(formField)}
        {(Rules.Rules.Count == 0 ? Html.Of($"""<p class="none">No rules yet. On the dashboard, tap the pencil beside a source to rename it, to join it with another one, or to hide it.</p>""") : Html.Of($"""<ol class="placed">{Rules.Rules.Select((rule, i) => Row(rule, i, formField))}</ol>"""))}{Spam(formField)}
        </main>

        """);

    /// <summary>The fields that every form about rules has.</summary>
    public static Html Fields(Html formField, PageRules rules) =>
        Html.Of($"""{formField}<input type="hidden" name="rules" value="{rules.Version}">""");

    private Html Done(Html formField) => Change is null ? Html.Nothing : Html.Of($"""
        <form class="done" method="post" action="{RulesPage.Path}/undo">{Fields(formField, Rules)}<p role="status">{(IsUndone ? "Undone" : "Done")}. {Desk.Number(Change.Visits)} {(Change.Visits == 1 ? "visit" : "visits")} changed.</p><button>{(IsUndone ? "Redo" : "Undo")}</button></form>
        """);

    private Html Spam(Html formField)
    {
        var hides = Desk.Naming.HidesSpam;
        return Html.Of($"""
            <form class="spam" method="post" action="{RulesPage.Path}/spam">{Fields(formField, Rules)}<p>Visits of known referrer spam ({Desk.Number(ReferrerSpam.All.Count)} domains) are {(hides ? "hidden" : "shown")} where no rule matches them.</p><button name="hide" value="{(hides ? 0 : 1)}">{(hides ? "Show" : "Hide")} spam</button></form>
            """);
    }

    private Html Row(NamingRule rule, int place, Html formField)
    {
        var visits = Visits.GetValueOrDefault(place);
        return Html.Of($"""
            <li data-rule="{place}"><p>{Words(rule)}</p>
            <form method="post" action="{RulesPage.Path}/remove">{Fields(formField, Rules)}<p class="counts">{Desk.Number(visits)} {(visits == 1 ? "visit" : "visits")} <small>in the last 30 days</small></p><button name="rule" value="{place}">Remove<span class="sr"> rule {place + 1}</span></button></form></li>
            """);
    }

    private static Html Words(NamingRule rule)
    {
        var values = rule.Match.Values.Take(MaxValues).Select(value => Html.Of($"<b><bdi>{ShownText.Of(value)}</bdi></b>"));
        var more = rule.Match.Values.Count - MaxValues;
        return Html.Of($"""
            Visits whose {FactWords(rule.Match.Dimension)} {FilterText.Words(rule.Match.Operator)} {Html.Join(values, Html.Of($" or "))}{(more > 0 ? $" or {more} more" : "")} {Result(rule)}.
            """);
    }

    private static Html Result(NamingRule rule) => rule.Hide ? Html.Of($"are hidden") : Html.Of(
        $"are called <b><bdi>{ShownText.Of(rule.Name!)}</bdi></b>{(rule.Channel is null ? "" : $" in the channel {rule.Channel}")}");

    /// <summary>The name of a fact within a sentence.</summary>
    internal static string FactWords(Dimension fact) => fact.Name switch
    {
        "referrerDomain" => "referrer domain",
        _ when DimensionWords.Of(fact).One is var words && words.StartsWith("UTM", StringComparison.Ordinal) => words,
        _ => DimensionWords.Of(fact).One.ToLowerInvariant(),
    };
}
