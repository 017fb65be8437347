using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Sharing;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Sharing;

/// <summary>The page of shared views, with its data.</summary>
/// <param name="Desk">Whose page it is.</param>
/// <param name="Question">What the form shares.</param>
/// <param name="Shared">What is shared already, newest first.</param>
/// <param name="Sources">The sources to choose from.</param>
/// <param name="Problem">Why the form that was sent changed nothing.</param>
/// <param name="Form">That form.</param>
/// <param name="FormField">The hidden field of forms.</param>
internal sealed record SharedPageView(
    Desk Desk, SharedQuestion Question, IReadOnlyList<SharedView> Shared, IReadOnlyList<string> Sources, string? Problem,
    IFormCollection? Form, Html FormField)
{
    private static readonly (string Key, string Name)[] Blocks =
    [
        (SharedBlock.Figures, "Headline figures"), (SharedBlock.Trend, "Views and clicks over time"), (SharedBlock.Sources, "Sources"),
        (SharedBlock.Links, "Links"), (SharedBlock.Countries, "Countries"), (SharedBlock.Devices, "Devices"),
        (SharedBlock.Quality, "Bounce rate and time on page"), (SharedBlock.NotCounted, "What was not counted"),
        (SharedBlock.Live, "Visits of the last 30 minutes"),
    ];

    private static readonly string[] Usual = [SharedBlock.Figures, SharedBlock.Trend, SharedBlock.Sources, SharedBlock.Countries];

    private bool IsSponsor => Sent("for") == "sponsor";

    public Html Render() => Html.Of($"""
        {PageTop.Render(Desk, FormField, PlacementsPage.Path)}
        <main id="main" class="all-rows placements">
        <p class="back"><a href="/dashboard">Back to the dashboard</a></p>
        <h1>Share your figures</h1>
        <p class="note">Whoever has the link sees what you pick, and nothing else: not your name, no other filters, no live visits unless you say so. You can revoke it at any time.</p>
        {(Problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">Not shared: {Problem}.</p>"""))}
        <section class="block" aria-labelledby="view-title"><header><h2 id="view-title">A view</h2></header>
        <form class="fields" method="post" action="{SharedPage.Path}">{FormField}<input type="hidden" name="question" value="{Question.ToText()}">
        <p class="note">{Words(Question)}. To share another period or filter, choose it <a href="{Desk.Address.Link}">on the dashboard</a> and press “Share this view” there.</p>
        {Title(!IsSponsor, "Our figures")}
        {(Question.Range is RangeRequest.Named ? Html.Of($"""<label>Period <select name="range"><option value="">{PeriodOf(Question)}, moving along</option><option value="{PostedView.Fixed}"{Selected(!IsSponsor && Sent("range") == PostedView.Fixed)}>The dates as of today, which stay</option></select></label>""") : Html.Nothing)}
        <fieldset class="facts"><legend>What it shows</legend>{Blocks.Where(block => Question.Filters.Count == 0 || !SharedBlock.Unfiltered.Contains(block.Key)).Select(block => Check("blocks", block.Key, block.Name, IsChecked(block.Key)))}</fieldset>
        {More(!IsSponsor)}
        <p class="act"><button class="go">Make the link</button></p></form></section>
        <section class="block" aria-labelledby="sponsor-title"><header><h2 id="sponsor-title">For a sponsor</h2></header>
        <form class="fields" method="post" action="{SharedPage.Path}">{FormField}<input type="hidden" name="for" value="sponsor">
        <p class="note">One page with visits, visitors, and the clicks on the sponsor’s link.</p>
        {Title(IsSponsor, "Campaign with …")}
        <label>Link <select name="link">{Desk.Page.Links.Where(link => !link.Heading).Select(Option)}<option value="">All links</option></select></label>
        <label>Source <select name="source"><option value="">All sources</option>{Sources.Select(source => Html.Of($"""<option value="{source}"{Selected(Chosen("source", source))}>{DimensionWords.OfSource(source)}</option>"""))}</select></label>
        <label>Period <select name="range">{Periods.All.Select(period => Html.Of($"""<option value="{RangeName.All[(int)period.Range]}"{Selected(IsSponsor ? Chosen("range", RangeName.All[(int)period.Range]) : period.Range == NamedRange.Last30Days)}>{period.Label}</option>"""))}</select></label>
        {More(IsSponsor)}
        <p class="act"><button class="go">Make the page</button></p></form></section>
        <section class="block" aria-labelledby="list-title"><header><h2 id="list-title">Shared so far</h2></header>
        {(Shared.Count == 0 ? Html.Of($"""<p class="none">Nothing yet.</p>""") : Html.Of($"""<ul class="placed">{Shared.Select(Row)}</ul>"""))}</section>
        </main>

        """);

    private Html Row(SharedView view)
    {
        var isOver = view.ExpiresAt?.ToUnixTimeMilliseconds() <= Desk.Timeframe.Now;
        var embed = view.EmbedOrigins.Count == 0 ? Html.Nothing : Html.Of($"""
            <details><summary>Embed it</summary><p class="note">On {string.Join(", ", view.EmbedOrigins)}:</p><div class="copy"><code tabindex="0">{Snippet(view)}</code><button type="button" data-copy hidden aria-label="Copy the line for {view.Title}">Copy</button></div></details>
            """);
        return Html.Of($"""
            <li data-shared="{view.Id}"><h3><bdi>{view.Title}</bdi>{(isOver ? Html.Of($""" <small>expired</small>""") : Html.Nothing)}</h3>
            <p class="note">{Words(view.Asked)}{(view.Link is { } link ? $"; clicks on {Desk.ValueOf(Dimension.Named("link")!, link.ToString("D"))}" : "")}{(view.HasPassword ? "; with a password" : "")}{(view.ExpiresAt is { } end ? $"; until {At(end)}" : "")}. {(view.LastUsedAt is { } used ? $"Last opened {At(used)}" : "Not opened yet")}.{(view.FrozenAt is { } frozen ? $" Frozen {At(frozen)}." : "")}</p>
            <div class="copy"><code tabindex="0">{view.Url}</code><button type="button" data-copy hidden aria-label="Copy the link to {view.Title}">Copy</button></div>
            {embed}{Freeze(view)}<details class="zone"><summary aria-label="Revoke {view.Title}">Revoke</summary><form method="post" action="{SharedPage.Path}/{view.Id}">{FormField}<button name="revoke" value="1">Revoke</button></form><p class="note">The link then leads to “Page not found”, for good.</p></details></li>
            """);
    }

    private Html Freeze(SharedView view) => view.FrozenAt is not null ? Html.Nothing : Html.Of($"""
        <details class="zone"><summary aria-label="Freeze {view.Title}">Freeze</summary><form method="post" action="{SharedPage.Path}/{view.Id}">{FormField}<button name="freeze" value="1">Freeze</button></form><p class="note">The view then shows its figures of now for good, signed by this server, so that anyone can check them. It also says what was not counted on your whole page, and shows no live visits. This cannot be undone.</p></details>
        """);

    private static string Snippet(SharedView view) =>
        $"""<iframe src="{view.Url}" title="{view.Title.Replace("&", "&amp;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal)}" width="100%" height="600"></iframe>""";

    private Html Title(bool isSent, string example) => Html.Of(
        $"""<label>Title <input name="title" required maxlength="{BioPageRow.MaxTitle}" autocomplete="off" placeholder="{example}" value="{(isSent ? Sent("title") : "")}"></label>""");

    // What was typed as a password is not sent back.
    private Html More(bool isSent) => Html.Of($"""
        <details class="more"{(isSent && Problem is not null ? Html.Trusted(" open") : Html.Nothing)}><summary>Password, last day, embedding, name</summary>
        <label>Password <input name="password" minlength="{Passwords.MinChars}" maxlength="{Passwords.MaxChars}" autocomplete="off" autocapitalize="off" spellcheck="false"></label>
        <label>Last day <input type="date" name="expires" value="{(isSent ? Sent("expires") : "")}"></label>
        <label>Sites that may embed it, one per line <textarea name="origins" rows="2" autocapitalize="off" spellcheck="false" placeholder="https://blog.example">{(isSent ? Sent("origins") : "")}</textarea></label>
        <fieldset class="facts">{Check("named", "1", "Show my name", isSent && Sent("named") == "1")}</fieldset></details>
        """);

    private static Html Check(string name, string value, string words, bool isChecked) => Html.Of(
        $"""<label><input type="checkbox" name="{name}" value="{value}"{(isChecked ? Html.Trusted(" checked") : Html.Nothing)}> {words}</label>""");

    private Html Option(BioLink link) => Html.Of(
        $"""<option value="{link.Id}"{Selected(Chosen("link", link.Id.ToString("D")))}>{ShownText.Of(DimensionWords.TitleOf(link))}</option>""");

    private bool IsChecked(string block) => Form is null || IsSponsor ? Usual.Contains(block) : Form["blocks"].Contains(block);

    private bool Chosen(string field, string value) => IsSponsor && Sent(field) == value;

    private string Sent(string field) => Form?[field].ToString() ?? "";

    private static Html Selected(bool isIt) => isIt ? Html.Trusted(" selected") : Html.Nothing;

    /// <summary>Period and filters in words: <c>The last 30 days; Source is TikTok</c>.</summary>
    private string Words(SharedQuestion question)
    {
        var filters = question.Filters.Select(filter =>
        {
            var values = filter.Values.Select(value => Desk.ValueOf(filter.Dimension, value));
            return $"; {DimensionWords.Of(filter.Dimension).One} {FilterText.Words(filter.Operator)} {string.Join(" or ", values)}".TrimEnd();
        });
        return PeriodOf(question) + string.Concat(filters);
    }

    private string PeriodOf(SharedQuestion question) => question.Range is RangeRequest.Dates dates
        ? dates.First == dates.Last ? Desk.Day(dates.First) : $"{Desk.Day(dates.First)} to {Desk.Day(dates.Last)}"
        : Periods.Of(question.Range)!.Label;

    private string At(DateTimeOffset instant)
    {
        var local = Desk.Timeframe.Local(instant.ToUnixTimeMilliseconds());
        return $"{Desk.Day(local.Date)}, {Desk.Time(local)}";
    }
}
