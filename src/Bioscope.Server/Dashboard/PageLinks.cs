using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Bio;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// The clicks of a period by link: each clicked link of the page, most clicks first, ties by id; and one sum for links that the page does
/// not (or no longer) have. Earlier versions stored clicks on made-up ids, and imports still may: each of them has a row in the published
/// report, but none here.
/// </summary>
/// <param name="Clicked">Links of the page, in this order.</param>
/// <param name="GoneLinks">The number of other links that were clicked.</param>
/// <param name="GoneClicks">The clicks on them.</param>
/// <param name="Views">All views in the period, read at the same instant.</param>
internal sealed record PageLinks(IReadOnlyList<PageLink> Clicked, int GoneLinks, long GoneClicks, long Views)
{
    /// <summary>The clicks of every link, including those that the page does not have.</summary>
    public static QueryRequest Question(Questions questions) => questions.Top(Dimension.Named("link")!, Metric.Clicks, Questions.All);

    /// <summary>Reads the result of <see cref="Question"/>.</summary>
    public static PageLinks Of(IReadOnlyList<BioLink> links, QueryAnswer answer, long views)
    {
        var known = links.ToDictionary(link => link.Id.ToString("D"));
        var clicked = new List<PageLink>();
        foreach (var row in answer.Rows)
        {
            if (row.Dimensions[0] is { } id && known.TryGetValue(id, out var link))
            {
                clicked.Add(new PageLink(link, (long)row.Metrics[0]));
            }
        }

        return new PageLinks(clicked, answer.Rows.Count - clicked.Count, (long)answer.Totals[0] - clicked.Sum(link => link.Clicks), views);
    }

    /// <summary>Clicks per hundred views of the page, with two decimals; 0 without views.</summary>
    public double RateOf(long clicks) => Percentage.WithTwoDecimals(clicks, Views);
}

/// <summary>A link of the page, and how often it was clicked.</summary>
internal sealed record PageLink(BioLink Link, long Clicks);
