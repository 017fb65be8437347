using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>Everything the dashboard itself is rendered from.</summary>
internal sealed record View(Desk Desk, Figures Figures, Drops Drops, string Origin) : Desk(Desk)
{
    /// <summary>Whether filters restrict what is shown.</summary>
    public bool IsFiltered => Address.Filters.Count > 0;

    /// <summary>A block of the page: its title, its file, and its content.</summary>
    /// <param name="id">Its fragment in the address, after <c>#</c>.</param>
    /// <param name="title">Its title.</param>
    /// <param name="export">The file with its figures.</param>
    /// <param name="content">Its content.</param>
    public Html Block(string id, string title, string export, Html content) => Html.Of($"""
        <section class="block" id="{id}" aria-labelledby="{id}-title"><header><h2 id="{id}-title">{title}</h2>{Csv(export, title)}</header>
        {content}</section>

        """);

    /// <summary>The names of what is counted.</summary>
    public MetricWords Metrics => new(Words);

    /// <summary>The heads of a list of visits.</summary>
    public Html Columns(Dimension dimension, string classes = "columns") => Html.Of($"""
        <div class="{classes}" aria-hidden="true"><span>{Dimensions.One(dimension)}</span><span>{Metrics.Head(Metric.Visits)}</span><span>{Metrics.Head(Metric.Share)}</span></div>
        """);

    /// <summary>The end of a row: the number of visits and a percentage.</summary>
    public Html CountedVisits(long visits, string percentage) => Counted(visits, new MetricWords(Words).Visit(visits), percentage);

    /// <summary>The end of a row: a count, of what for screen readers, and a percentage.</summary>
    private Html Counted(long count, string what, string percentage) =>
        Html.Of($"""<span class="n">{Number(count)}<span class="sr"> {what}, </span></span><span class="p">{percentage}</span>""");

    /// <summary>Like <see cref="CountedVisits"/>, of clicks.</summary>
    public Html CountedClicks(long clicks, string percentage) => Counted(clicks, new MetricWords(Words).Click(clicks), percentage);

    /// <summary>The row for the remainder of a list.</summary>
    public Html Beyond(Html mark, string name, TopValues values, long visits, long most) => visits <= 0 ? Html.Nothing : Html.Of($"""
        <li data-beyond><span class="row">{mark}<span class="what"><b>{name}</b>{Bar(Math.Min(visits, most), most)}</span>{CountedVisits(visits, Percent(Percentage.Of(visits, values.Total)))}</span></li>
        """);

    /// <summary>A link to all rows of a dimension, or of two dimensions combined.</summary>
    public Html All(Dimension dimension, string text, string? by = null) => IsShared
        ? Html.Nothing
        : Html.Of($"""<a class="all" href="{Address.To("/dashboard/rows/" + dimension.Name, ("by", by))}">{text}</a>""");

    /// <summary>The content of a block that has nothing to show.</summary>
    public static Html Nobody(string sentence) => Html.Of($"""<p class="none">{sentence}</p>""");

    /// <summary>A bar for a value, with its length relative to the largest.</summary>
    public static Html Bar(long part, long most) =>
        Html.Of(
            $"""<svg class="bar" aria-hidden="true"><rect width="{(most == 0 ? 0 : Math.Max(0.7, 100.0 * part / most))}%" height="100%" rx="2"/></svg>""");
}
