using Bioscope.Engine.Counting;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>What a form would change, before anything is stored.</summary>
internal sealed record RulePreviewView(Desk Desk, PageRules Rules, RuleForm Form, RuleChange Change, string? Problem)
{
    // A fact may have brought visits of many sources.
    private const int MaxShown = 20;

    private RulesWords Texts => new(Desk.Words);

    public Html Render(Html formField) => Html.Of($"""
        {PageTop.Render(Desk, formField, Address.Dashboard)}
        <main id="main" class="all-rows rules">
        <h1>{Title()}</h1>
        {(Problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{new FormWords(Desk.Words).NotSaved(Problem)}</p>"""))}<p class="note">{Texts.NothingDoneYet}{Why()}</p>
        {Parts()}
        <form class="choice" method="post" action="{RulesPage.Path}">{RulesView.Fields(formField, Rules)}{Desk.Hidden(Fields())}{(Change.Visits == 0 ? Html.Nothing : Html.Of($"""<button class="do">{Texts.Do}</button>"""))}<button name="back" value="1" formaction="{RulesPage.Path}/preview">{Texts.Back}</button></form>
        </main>

        """);

    private string Title() => Change.Since is { } day
        ? Texts.Changes(Change.Visits, Desk.Day(day))
        : Texts.ChangesNothing;

    private string Why() =>
        (Change.Parts.Any(part => part.Was.Source != Form.Source) ? " " + Texts.AlsoOthers : "") + (Form.Hides ? " " + Texts.ApiKeeps : "");

    private Html Parts()
    {
        // Channels are shown where they are what changes.
        var parts = Change.Parts
            .GroupBy(part => (Was: Words(part.Was, part), Becomes: Words(part.Becomes, part)))
            .Select(parts => (parts.Key.Was, parts.Key.Becomes, Visits: parts.Sum(part => part.Visits)))
            .OrderByDescending(part => part.Visits).ToList();
        var rows = Folded<(string Was, string Becomes, long Visits)>.Of(parts, MaxShown, part => part.Visits);
        return Html.Of($"""
            <ul class="rows changes">{rows.Shown.Select(row => Html.Of($"""<li><span><bdi>{row.Was}</bdi> <b>{Desk.Number(row.Visits)}</b></span> <span class="to" aria-hidden="true">→</span><span class="sr">{Texts.Becomes}</span> <span><bdi>{row.Becomes}</bdi></span></li>"""))}</ul>
            {(rows.OtherItems == 0 ? Html.Nothing : Html.Of($"""<p class="note">{Texts.OtherWays(Desk.Number(rows.OtherCount), Desk.Number(rows.OtherItems))}</p>"""))}
            """);
    }

    private string Words(RuleResult result, RenamedVisits of) =>
        result.Source is null ? Texts.Hidden
        : of.Was.Source != of.Becomes.Source ? Desk.Dimensions.OfSource(result.Source)
        : Texts.SourceInChannel(Desk.Dimensions.OfSource(result.Source), Desk.Dimensions.ChannelOf(result.Channel!));

    private IEnumerable<(string Name, string? Value)> Fields() =>
    [
        ("source", Form.Source), ("act", Form.Hides ? "hide" : "rename"), ("name", Form.Name), ("channel", Form.Channel),
        .. Form.Facts.Select(fact => ("fact", (string?)fact)),
    ];
}
