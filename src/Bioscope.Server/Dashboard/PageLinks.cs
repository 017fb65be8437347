using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Bio;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// The clicks of a period by link: each link of the page that was clicked, most clicks first, equal ones by id; and what the page does not
/// have (any more) together. Anybody could once make up ids of links, and imports still may: each has a row in the published report, none here.
/// </summary>
/// <param name="Clicked">Links of the page, in their order.</param>
/// <param name="GoneLinks">How many others were clicked.</param>
/// <param name="GoneClicks">The clicks on those.</param>
/// <param name="Views">All views of the period, read at the same instant.</param>
internal sealed record PageLinks(IReadOnlyList<PageLink> Clicked, int GoneLinks, long GoneClicks, long Views)
{
    /// <summary>The clicks of every link, whether the page has it or not.</summary>
    public static QueryRequest Question(Questions questions) => questions.Top(Dimension.Named("link")!, Metric.Clicks, Questions.All);

    /// <summary>From the answer to <see cref="Question"/>.</summary>
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

    /// <summary>What stands for links that the page does not have.</summary>
    public static string GoneName(string number, int links) =>
        links == 1 ? "A link that is no longer on the page" : $"{number} links that are no longer on the page";
}

/// <summary>A link of the page, and how often it was clicked.</summary>
internal sealed record PageLink(BioLink Link, long Clicks);
