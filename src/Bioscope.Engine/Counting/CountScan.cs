namespace Bioscope.Engine.Counting;

/// <summary>A row of an answer: the value of each dimension, null where it is unknown, and what was counted.</summary>
public sealed record CountRow(EquatableList<DimensionValue> Values, Tally Tally);

/// <summary>A value of a dimension, or none.</summary>
/// <param name="Text">As it is answered.</param>
/// <param name="Bucket">Of a time dimension the number of the bucket in its range, see <see cref="TimeBuckets"/>; else 0.</param>
public readonly record struct DimensionValue(string? Text, int Bucket = 0);

/// <summary>What was counted: a row for each combination of values that something falls in, in no order, and all of it together.</summary>
public sealed record CountResult(IReadOnlyList<CountRow> Rows, Tally Totals);

/// <summary>
/// Counts the rows of a page by the question. It looks at each session and each page view once or twice, and knows nothing of where
/// they came from.
/// </summary>
public static class CountScan
{
    /// <summary>Answers the question from rows that hold all that it needs.</summary>
    public static CountResult Run(CountQuery query, PageRows rows)
    {
        var filters = new RowFilters(query, rows);
        var groups = new RowGroups(query, rows);
        var totals = new Tally();
        var tallies = new List<Tally>();
        var (visitors, clickers) = (new DistinctVisitors(rows.VisitorCount), new DistinctVisitors(rows.VisitorCount));

        // Group 0 of these is everything together.
        const int All = 0;
        for (var session = 0; session < rows.StartedAt.Length; session++)
        {
            if (!filters.CountsVisit(session))
            {
                continue;
            }

            AddVisit(ref totals, rows, session, visitors, All);
            if (!groups.ByLink)
            {
                var group = groups.OfSession(session);
                AddVisit(ref Tally(group), rows, session, visitors, group + 1);
            }
        }

        var visited = groups.ByLink ? new DistinctPairs() : null;
        for (var view = 0; view < rows.EnteredAt.Length; view++)
        {
            var session = rows.Sessions[view];
            var isClick = rows.Links.Codes[view] != 0;
            if (visited is not null && isClick && filters.KeepsClick(view) && filters.CountsVisit(session))
            {
                var group = groups.OfVisitByLink(session, view);
                if (visited.Add(group, session))
                {
                    AddVisit(ref Tally(group), rows, session, visitors, group + 1);
                }
            }

            if (!filters.CountsView(view))
            {
                continue;
            }

            AddView(ref totals, isClick, rows.Visitors[session], clickers, All);
            if (!groups.ByLink || isClick)
            {
                var group = groups.OfView(view);
                AddView(ref Tally(group), isClick, rows.Visitors[session], clickers, group + 1);
            }
        }

        var answer = new List<CountRow>(tallies.Count);
        for (var group = 0; group < tallies.Count; group++)
        {
            if (query.Metrics.Any(tallies[group].Has))
            {
                answer.Add(new CountRow(groups.ValuesOf(group), tallies[group]));
            }
        }

        return new CountResult(query.Dimensions.Count == 0 ? [new CountRow([], totals)] : answer, totals);

        ref Tally Tally(int group)
        {
            while (tallies.Count <= group)
            {
                tallies.Add(default);
            }

            return ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tallies)[group];
        }
    }

    private static void AddVisit(ref Tally tally, PageRows rows, int session, DistinctVisitors visitors, int group)
    {
        tally.Visits++;
        tally.Visitors += visitors.Add(group, rows.Visitors[session]) ? 1 : 0;
        if (rows.PageViews[session] is >= 0 and var pageViews)
        {
            tally.PageViews += pageViews;
            tally.Bounces += pageViews < 2 ? 1 : 0;
        }

        if (rows.Durations[session] is > 0 and var seconds)
        {
            tally.Timed++;
            tally.Seconds += seconds;
        }
    }

    private static void AddView(ref Tally tally, bool isClick, int visitor, DistinctVisitors clickers, int group)
    {
        tally.Views += isClick ? 0 : 1;
        tally.Clicks += isClick ? 1 : 0;
        tally.Clickers += isClick && visitor != PageRows.Unknown && clickers.Add(group, visitor) ? 1 : 0;
    }
}
