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
    private static readonly (string Key, Func<SharedPageWords, string> Name)[] Blocks =
    [
        (SharedBlock.Figures, texts => texts.Headlines), (SharedBlock.Trend, texts => texts.Trend), (SharedBlock.Sources, texts => texts.Sources),
        (SharedBlock.Links, texts => texts.Links), (SharedBlock.Countries, texts => texts.Countries), (SharedBlock.Devices, texts => texts.Devices),
        (SharedBlock.Quality, texts => texts.Quality), (SharedBlock.NotCounted, texts => texts.NotCounted),
        (SharedBlock.Live, texts => texts.Live),
    ];

    private static readonly string[] Usual = [SharedBlock.Figures, SharedBlock.Trend, SharedBlock.Sources, SharedBlock.Countries];

    private bool IsSponsor => Sent("for") == "sponsor";

    private SharedPageWords Texts => new(Desk.Words);

    public Html Render() => Html.Of($"""
        {PageTop.Render(Desk, FormField, PlacementsPage.Path)}
        <main id="main" class="all-rows placements">
        <p class="back"><a href="/dashboard">{new DashboardWords(Desk.Words).Back}</a></p>
        <h1>{Texts.Title}</h1>
        <p class="note">{Texts.Meaning}</p>
        {(Problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{Texts.NotShared(Problem)}</p>"""))}
        <section class="block" aria-labelledby="view-title"><header><h2 id="view-title">{Texts.View}</h2></header>
        <form class="fields" method="post" action="{SharedPage.Path}">{FormField}<input type="hidden" name="question" value="{Question.ToText()}">
        <p class="note">{Texts.Choose(Words(Question), Html.Of($"""<a href="{Desk.Address.Link}">"""), Html.Trusted("</a>"))}</p>
        {Title(!IsSponsor, Texts.OurFigures)}
        {(Question.Range is RangeRequest.Named ? Html.Of($"""<label>{Texts.Period} <select name="range"><option value="">{Texts.Moving(PeriodOf(Question))}</option><option value="{PostedView.Fixed}"{Selected(!IsSponsor && Sent("range") == PostedView.Fixed)}>{Texts.Staying}</option></select></label>""") : Html.Nothing)}
        <fieldset class="facts"><legend>{Texts.Shows}</legend>{Blocks.Where(block => Question.Filters.Count == 0 || !SharedBlock.Unfiltered.Contains(block.Key)).Select(block => Check("blocks", block.Key, block.Name(Texts), IsChecked(block.Key)))}</fieldset>
        {More(!IsSponsor)}
        <p class="act"><button class="go">{Texts.MakeLink}</button></p></form></section>
        <section class="block" aria-labelledby="sponsor-title"><header><h2 id="sponsor-title">{Texts.ForSponsor}</h2></header>
        <form class="fields" method="post" action="{SharedPage.Path}">{FormField}<input type="hidden" name="for" value="sponsor">
        <p class="note">{Texts.SponsorMeaning}</p>
        {Title(IsSponsor, Texts.CampaignWith)}
        <label>{Texts.Link} <select name="link">{Desk.Page.Links.Where(link => !link.Heading).Select(Option)}<option value="">{Texts.AllLinks}</option></select></label>
        <label>{Texts.Source} <select name="source"><option value="">{Texts.AllSources}</option>{Sources.Select(source => Html.Of($"""<option value="{source}"{Selected(Chosen("source", source))}>{Desk.Dimensions.OfSource(source)}</option>"""))}</select></label>
        <label>{Texts.Period} <select name="range">{Periods.All.Select(period => Html.Of($"""<option value="{RangeName.All[(int)period.Range]}"{Selected(IsSponsor ? Chosen("range", RangeName.All[(int)period.Range]) : period.Range == NamedRange.Last30Days)}>{period.Label(new PeriodWords(Desk.Words))}</option>"""))}</select></label>
        {More(IsSponsor)}
        <p class="act"><button class="go">{Texts.MakePage}</button></p></form></section>
        <section class="block" aria-labelledby="list-title"><header><h2 id="list-title">{Texts.SharedSoFar}</h2></header>
        {(Shared.Count == 0 ? Html.Of($"""<p class="none">{Texts.NothingYet}</p>""") : Html.Of($"""<ul class="placed">{Shared.Select(Row)}</ul>"""))}</section>
        </main>

        """);

    private Html Row(SharedView view)
    {
        var isOver = view.ExpiresAt?.ToUnixTimeMilliseconds() <= Desk.Timeframe.Now;
        var embed = view.EmbedOrigins.Count == 0 ? Html.Nothing : Html.Of($"""
            <details><summary>{Texts.Embed}</summary><p class="note">{Texts.EmbedOn(string.Join(", ", view.EmbedOrigins))}</p><div class="copy"><code tabindex="0" dir="ltr">{Snippet(view)}</code><button type="button" data-copy hidden aria-label="{Texts.CopyLine(view.Title)}">{new DashboardWords(Desk.Words).Copy}</button></div></details>
            """);
        return Html.Of($"""
            <li data-shared="{view.Id}"><h3><bdi>{view.Title}</bdi>{(isOver ? Html.Of($""" <small>{Texts.Expired}</small>""") : Html.Nothing)}</h3>
            <p class="note">{Facts(view)}</p>
            <div class="copy"><code tabindex="0" dir="ltr">{view.Url}</code><button type="button" data-copy hidden aria-label="{Texts.CopyLink(view.Title)}">{new DashboardWords(Desk.Words).Copy}</button></div>
            {embed}{Freeze(view)}<details class="zone"><summary aria-label="{Texts.RevokeIt(view.Title)}">{Texts.Revoke}</summary><form method="post" action="{SharedPage.Path}/{view.Id}">{FormField}<button name="revoke" value="1">{Texts.Revoke}</button></form><p class="note">{Texts.RevokeMeaning}</p></details></li>
            """);
    }

    private Html Freeze(SharedView view) => view.FrozenAt is not null ? Html.Nothing : Html.Of($"""
        <details class="zone"><summary aria-label="{Texts.FreezeIt(view.Title)}">{Texts.Freeze}</summary><form method="post" action="{SharedPage.Path}/{view.Id}">{FormField}<button name="freeze" value="1">{Texts.Freeze}</button></form><p class="note">{Texts.FreezeMeaning}</p></details>
        """);

    private static string Snippet(SharedView view) =>
        $"""<iframe src="{view.Url}" title="{view.Title.Replace("&", "&amp;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal)}" width="100%" height="600"></iframe>""";

    private Html Title(bool isSent, string example) => Html.Of(
        $"""<label>{Texts.TitleField} <input name="title" required maxlength="{BioPageRow.MaxTitle}" autocomplete="off" placeholder="{example}" value="{(isSent ? Sent("title") : "")}"></label>""");

    // What was typed as a password is not sent back.
    private Html More(bool isSent) => Html.Of($"""
        <details class="more"{(isSent && Problem is not null ? Html.Trusted(" open") : Html.Nothing)}><summary>{Texts.More}</summary>
        <label>{Texts.Password} <input name="password" minlength="{Passwords.MinChars}" maxlength="{Passwords.MaxChars}" autocomplete="off" autocapitalize="off" spellcheck="false"></label>
        <label>{Texts.LastDay} <input type="date" name="expires" value="{(isSent ? Sent("expires") : "")}"></label>
        <label>{Texts.EmbedSites} <textarea dir="ltr" name="origins" rows="2" autocapitalize="off" spellcheck="false" placeholder="https://blog.example">{(isSent ? Sent("origins") : "")}</textarea></label>
        <fieldset class="facts">{Check("named", "1", Texts.ShowName, isSent && Sent("named") == "1")}</fieldset></details>
        """);

    private static Html Check(string name, string value, string words, bool isChecked) => Html.Of(
        $"""<label><input type="checkbox" name="{name}" value="{value}"{(isChecked ? Html.Trusted(" checked") : Html.Nothing)}> {words}</label>""");

    private Html Option(BioLink link) => Html.Of(
        $"""<option value="{link.Id}"{Selected(Chosen("link", link.Id.ToString("D")))}>{ShownText.Of(DimensionWords.TitleOf(link))}</option>""");

    private bool IsChecked(string block) => Form is null || IsSponsor ? Usual.Contains(block) : Form["blocks"].Contains(block);

    private bool Chosen(string field, string value) => IsSponsor && Sent(field) == value;

    private string Sent(string field) => Form?[field].ToString() ?? "";

    private static Html Selected(bool isIt) => isIt ? Html.Trusted(" selected") : Html.Nothing;

    /// <summary>What a view shares, and what became of it.</summary>
    private Html Facts(SharedView view)
    {
        var details = new List<string>();
        if (view.Link is { } link)
        {
            details.Add(Texts.ClicksOn(Desk.ValueOf(Dimension.Named("link")!, link.ToString("D"))));
        }

        if (view.HasPassword)
        {
            details.Add(Texts.WithPassword);
        }

        if (view.ExpiresAt is { } end)
        {
            details.Add(Texts.Until(Desk.At(end)));
        }

        var what = Texts.Ends(details.Aggregate(Words(view.Asked), (so, detail) => Texts.Also(so, Html.Of($"{detail}"))));
        var used = view.LastUsedAt is { } opened ? Texts.LastOpened(Desk.At(opened)) : Texts.NotOpened;
        return Html.Of($"{what} {used}{(view.FrozenAt is { } frozen ? " " + Texts.Frozen(Desk.At(frozen)) : "")}");
    }

    /// <summary>Period and filters in words: <c>The last 30 days; Source is TikTok</c>.</summary>
    private Html Words(SharedQuestion question)
    {
        var texts = new FilterWords(Desk.Words);
        return question.Filters.Aggregate(Html.Of($"{PeriodOf(question)}"), (so, filter) => Texts.Also(so, texts.Of(
            Desk.Dimensions.One(filter.Dimension), filter.Operator,
            texts.AnyOf([.. filter.Values.Select(value => Html.Of($"<bdi>{Desk.ValueOf(filter.Dimension, value)}</bdi>"))]))));
    }

    private string PeriodOf(SharedQuestion question) => question.Range is RangeRequest.Dates dates
        ? dates.First == dates.Last ? Desk.Day(dates.First) : new PeriodWords(Desk.Words).Span(Desk.Day(dates.First), Desk.Day(dates.Last))
        : Periods.Of(question.Range)!.Label(new PeriodWords(Desk.Words));
}
