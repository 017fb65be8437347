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

    private RulesWords Texts => new(Desk.Words);

    public Html Render(Html formField) => Html.Of($"""
        {PageTop.Render(Desk, formField, Address.Dashboard)}
        <main id="main" class="all-rows rules">
        <p class="back"><a href="/dashboard">{new DashboardWords(Desk.Words).Back}</a></p>
        <h1>{Texts.Title}</h1>
        <p class="note">{Texts.Meaning(Html.Trusted("""<a href="/docs">API</a>"""))}</p>
        {(Problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{new FormWords(Desk.Words).NotSaved(Problem)}</p>"""))}{Done(formField)}
        {(Rules.Rules.Count == 0 ? Html.Of($"""<p class="none">{Texts.NoRules}</p>""") : Html.Of($"""<ol class="placed">{Rules.Rules.Select((rule, i) => Row(rule, i, formField))}</ol>"""))}{Spam(formField)}
        </main>

        """);

    /// <summary>The fields that every form about rules has.</summary>
    public static Html Fields(Html formField, PageRules rules) =>
        Html.Of($"""{formField}<input type="hidden" name="rules" value="{rules.Version}">""");

    private Html Done(Html formField) => Change is null ? Html.Nothing : Html.Of($"""
        <form class="done" method="post" action="{RulesPage.Path}/undo">{Fields(formField, Rules)}<p role="status">{(IsUndone ? Texts.Undone(Change.Visits) : Texts.Done(Change.Visits))}</p><button>{(IsUndone ? Texts.Redo : Texts.Undo)}</button></form>
        """);

    private Html Spam(Html formField)
    {
        var (hides, domains) = (Desk.Naming.HidesSpam, Desk.Number(ReferrerSpam.All.Count));
        return Html.Of($"""
            <form class="spam" method="post" action="{RulesPage.Path}/spam">{Fields(formField, Rules)}<p>{(hides ? Texts.SpamHidden(domains) : Texts.SpamShown(domains))}</p><button name="hide" value="{(hides ? 0 : 1)}">{(hides ? Texts.ShowSpam : Texts.HideSpam)}</button></form>
            """);
    }

    private Html Row(NamingRule rule, int place, Html formField)
    {
        var visits = Visits.GetValueOrDefault(place);
        return Html.Of($"""
            <li data-rule="{place}"><p>{Words(rule)}</p>
            <form method="post" action="{RulesPage.Path}/remove">{Fields(formField, Rules)}<p class="counts">{Texts.VisitsOf30Days(visits, Html.Of($"{Desk.Number(visits)}"), Html.Trusted("<small>"), Html.Trusted("</small>"))}</p><button name="rule" value="{place}">{Texts.Remove(Html.Trusted("<span class=\"sr\">"), Html.Of($"{Desk.Number(place + 1)}"), Html.Trusted("</span>"))}</button></form></li>
            """);
    }

    private Html Words(NamingRule rule)
    {
        var (filters, match) = (new FilterWords(Desk.Words), rule.Match);
        var values = match.Values.Take(MaxValues).Select(value => Html.Of($"<b><bdi>{ShownText.Of(value)}</bdi></b>"));
        var condition = filters.Of(
            Texts.FactOf(match.Dimension), match.Operator, filters.AnyOf([.. values], match.Values.Count - MaxValues));
        var name = Html.Of($"<b><bdi>{ShownText.Of(rule.Name ?? "")}</bdi></b>");
        return rule.Hide ? Texts.Hides(condition)
            : rule.Channel is null ? Texts.Renames(condition, name)
            : Texts.RenamesInChannel(condition, name, Html.Of($"{Desk.Dimensions.ChannelOf(rule.Channel)}"));
    }
}
