using Bioscope.Server.Api.Reports;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>Traffic sources by the names that people have for them; a name unfolds to the domains of the report.</summary>
internal static class Sources
{
    public static Html Render(View view)
    {
        var groups = view.Sources;
        if (groups.Count == 0)
        {
            return view.Block("sources", "Traffic sources", "traffic", view.Nobody("No visits"));
        }

        var most = groups.Max(group => group.Visits);
        var (shown, all) = (view.Figures.Traffic.Sources.Sum(source => source.Visits), view.Figures.Sessions.TotalSessions);
        var others = view.Figures.Traffic.Sources.Count < TrafficSources.MaxSources ? 0 : all - shown;
        var beyond = view.Beyond(Others, "All other sources", others, most);
        var note = beyond.IsNothing ? Html.Nothing : Html.Of($"""<p class="note">Shares are of the {TrafficSources.MaxSources} domains that send most.</p>""");
        return view.Block("sources", "Traffic sources", "traffic", Html.Of($"""
            <div class="columns" aria-hidden="true"><span>Source</span><span>Visits</span><span>Share</span></div>
            <ul class="rows">{groups.Select(group => Row(view, group, most))}{beyond}</ul>{note}
            """));
    }

    private static Html Others { get; } = Html.Trusted("""<span class="tile letter" aria-hidden="true">…</span>""");

    private static Html Row(View view, SourceGroup group, long most)
    {
        var name = ShownText.Of(group.Name);
        var row = Html.Of($"""
            <span class="row">{(group.IsDirect ? Marks.Direct : Marks.Source(name, group.Mark))}<span class="what"><b><bdi>{name}</bdi></b>{View.Bar(group.Visits, most)}</span>{view.Counted(group.Visits, "visits", view.Percent(group.Percentage))}</span>
            """);
        if (group.IsDirect)
        {
            return Html.Of($"""<li data-source="direct">{row}<p class="why">No site named itself: the address was typed, scanned, bookmarked, or opened in an app that keeps quiet.</p></li>""");
        }

        return group.IsNamed
            ? Html.Of($"""<li data-source="{name}"><details><summary>{row}</summary><ul class="domains">{group.Domains.Select(domain => Domain(view, domain))}</ul></details></li>""")
            : Html.Of($"""<li data-source="{name}">{row}</li>""");
    }

    private static Html Domain(View view, TrafficSource domain) => Html.Of($"""
        <li data-domain="{ShownText.Of(domain.Source)}"><bdi>{ShownText.Of(domain.Source)}</bdi>{view.Counted(domain.Visits, "visits", view.Percent(domain.Percentage))}</li>
        """);
}
