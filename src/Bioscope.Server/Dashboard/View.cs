using Bioscope.Core;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>All that a dashboard is made from: whose it is, what it looks back on, the figures, and how the browser's language writes them.</summary>
internal sealed record View(BioPage Page, Period Period, DateTimeOffset Now, Figures Figures, LiveVisits Live, Language Language, string Origin)
{
    /// <summary>The traffic sources under the names that people have for them.</summary>
    public IReadOnlyList<SourceGroup> Sources { get; } = SourceGroup.Of(Figures.Traffic);

    /// <summary>How people call the creator.</summary>
    public string Name => ShownText.Of(Page.Title ?? (Page.Handle is null ? "Your page" : "@" + Page.Handle));

    /// <summary>The period in words that follow "in": <c>the last 30 days</c>.</summary>
    public string PeriodWords => Period.IsToday ? "today" : $"in the last {Number(Period.Days)} days";

    public string Number(long number) => Language.Number(number);

    public string Percent(double percentage, int decimals = 0) => Language.Percent(percentage, decimals);

    public string Day(DateTimeOffset instant) => Language.Day(DateOnly.FromDateTime(instant.UtcDateTime));

    /// <summary>A part of the page: its title, its file, and what is in it.</summary>
    /// <param name="id">Its name in the address, after <c>#</c>.</param>
    /// <param name="title">Its title.</param>
    /// <param name="export">Which file holds its figures.</param>
    /// <param name="content">What is in it.</param>
    public Html Block(string id, string title, string export, Html content) => Html.Of($"""
        <section class="block" id="{id}" aria-labelledby="{id}-title"><header><h2 id="{id}-title">{title}</h2>{Csv(export, title)}</header>
        {content}</section>

        """);

    /// <summary>A link to the file that holds the figures of something.</summary>
    public Html Csv(string export, string title) =>
        Html.Of($"""<a class="csv" href="/dashboard/export?type={export}&amp;days={Period.Key}" aria-label="{title} as a CSV file" download>CSV</a>""");

    /// <summary>The end of a row: how many of what, which is only read out, and a percentage.</summary>
    public Html Counted(long count, string what, string percentage) =>
        Html.Of($"""<span class="n">{Number(count)}<span class="sr"> {what}, </span></span><span class="p">{percentage}</span>""");

    /// <summary>Rows, of which those after the first ones unfold, and one for what is beyond, which is always seen.</summary>
    public static Html Rows<T>(IReadOnlyList<T> items, int shownAtOnce, Func<T, Html> row, Html beyond = default)
    {
        var rest = items.Skip(shownAtOnce).ToList();
        return Html.Of($"""
            <ul class="rows">{items.Take(shownAtOnce).Select(row)}</ul>
            {(rest.Count == 0 ? Html.Nothing : Html.Of($"""<details class="more"><summary>{rest.Count} more</summary><ul class="rows">{rest.Select(row)}</ul></details>"""))}
            {(beyond.IsNothing ? Html.Nothing : Html.Of($"""<ul class="rows">{beyond}</ul>"""))}
            """);
    }

    /// <summary>The row for what is beyond a list: its name, its visits, and no share, since the shares are of the rows of the list.</summary>
    public Html Beyond(Html mark, string name, long visits, long most) => visits <= 0 ? Html.Nothing : Html.Of($"""
        <li data-beyond><span class="row">{mark}<span class="what"><b>{name}</b>{Bar(Math.Min(visits, most), most)}</span><span class="n">{Number(visits)}<span class="sr"> visits</span></span><span class="p"></span></span></li>
        """);

    /// <summary>What stands in a part that has nothing to show.</summary>
    public Html Nobody(string what) => Html.Of($"""<p class="none">{what} {PeriodWords}.</p>""");

    /// <summary>How much of something there is, beside others: a line as long as its part of the largest.</summary>
    public static Html Bar(long part, long most) =>
        Html.Of($"""<svg class="bar" aria-hidden="true"><rect width="{(most == 0 ? 0 : Math.Max(0.7, 100.0 * part / most))}%" height="100%" rx="2"/></svg>""");
}
