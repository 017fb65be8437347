using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Sharing;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Sharing;

/// <summary>The page of a shared view: the dashboard's blocks that its creator picked, without links to anything else of hers.</summary>
internal static class SharedViewHtml
{
    public static Html Render(SharedView shared, View view, LiveVisits? live)
    {
        var texts = new SharedViewWords(view.Words);
        return Html.Of($"""
            <a class="skip" href="#main">{new DashboardWords(view.Words).Skip}</a>
            <main id="main" class="shared">
            {(shared.ShowsName ? Html.Of($"""<div class="top"><span class="face" aria-hidden="true">{BioPageHtml.Initials(view.Name)}</span><p><b><bdi>{view.Name}</bdi></b></p></div>""") : Html.Nothing)}
            <div class="hero"><div class="lead"><h1><bdi>{shared.Title}</bdi></h1><p>{texts.DaysIn(Period(view), view.Timeframe.Zone.Id)}</p>{Chips.Render(view, "")}</div>{(live is null ? Html.Nothing : Html.Of($"""<section class="live" aria-label="{new LiveWords(view.Words).Name}">{Live.Render(live, view.Words)}</section>"""))}</div>
            {If(SharedBlock.Figures, () => Headline.Figures(view), () => NotCounted.Render(view))}
            {KeptNote.Render(view)}
            {If(SharedBlock.Trend, () => TrendChart.Render(view))}
            {If(SharedBlock.Sources, () => Sources.Render(view))}
            {If(SharedBlock.Links, () => Links.Render(view))}
            {If(SharedBlock.Countries, () => CountriesMap.Render(view))}
            {If(SharedBlock.Devices, () => Devices.Render(view))}
            {If(SharedBlock.Quality, () => Quality.Render(view))}
            </main>
            <footer><p>{texts.Foot}</p></footer>

            """);

        Html If(string block, Func<Html> render, Func<Html>? otherwise = null) =>
            shared.Blocks.Contains(block) ? render() : otherwise?.Invoke() ?? Html.Nothing;
    }

    /// <summary>What messengers and networks show of the link.</summary>
    public static Html Head(SharedView shared, string description) => Html.Of($"""
        <meta property="og:type" content="website"><meta property="og:title" content="{shared.Title}"><meta property="og:description" content="{description}">
        <meta property="og:url" content="{shared.Url}"><meta property="og:image" content="{shared.Url}/picture.png"><meta property="og:image:width" content="{SharedPicture.Width}"><meta property="og:image:height" content="{SharedPicture.Height}"><meta property="og:image:alt" content="{shared.Title}: {description}">
        <meta name="twitter:card" content="summary_large_image">

        """);

    /// <summary>The period as a sentence without its end: <c>In the last 30 days</c>.</summary>
    public static string Period(View view) => view.Address.Range is RangeRequest.Named { Name: NamedRange.All }
        ? new PeriodWords(view.Words).SinceFirstVisit
        : view.Words.Capital(view.Period);

    /// <summary>The headline figures as words and numbers.</summary>
    public static IReadOnlyList<(string Name, string Value)> Headlines(View view)
    {
        var totals = view.Figures.Totals;
        return
        [
            view.Figures.OnlyLink is null ? (Head(Metric.Views), view.Number(totals.Views)) : (Head(Metric.Visits), view.Number(totals.Visits)),
            (Head(Metric.Visitors), view.Number(totals.Visitors)),
            (Head(Metric.Clicks), view.Number(totals.Clicks)),
            (Head(Metric.ClickRate), view.Percent(totals.ClickRate, 2)),
        ];

        string Head(Metric metric) => view.Metrics.Head(metric);
    }
}
