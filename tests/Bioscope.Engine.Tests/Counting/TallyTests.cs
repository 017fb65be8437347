using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using NodaTime;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class TallyTests
{
    private static readonly Tally Some = new()
    {
        Visits = 8,
        Visitors = 7,
        Bounces = 3,
        Timed = 4,
        Seconds = 130,
        PageViews = 13,
        Views = 12,
        Clicks = 5,
        Clickers = 2,
    };

    [Theory]
    [InlineData(Metric.Visits, 8)]
    [InlineData(Metric.Visitors, 7)]
    [InlineData(Metric.Views, 12)]
    [InlineData(Metric.Clicks, 5)]
    [InlineData(Metric.Clickers, 2)]
    [InlineData(Metric.ClickRate, 41.67)] // 5 of 12
    [InlineData(Metric.BounceRate, 38)] // 3 of 8: 37.5
    [InlineData(Metric.VisitDuration, 33)] // 130 ÷ 4: 32.5
    [InlineData(Metric.ViewsPerVisit, 1.6)] // 13 ÷ 8: 1.625
    [InlineData(Metric.Share, 25)] // 8 of 32
    public void A_metric_is_shown_as_the_contract_rounds_it(Metric metric, double shown) => Assert.Equal(shown, Some.Of(metric, 32));

    [Theory]
    [InlineData(Metric.ClickRate)]
    [InlineData(Metric.BounceRate)]
    [InlineData(Metric.VisitDuration)]
    [InlineData(Metric.ViewsPerVisit)]
    [InlineData(Metric.Share)]
    public void A_ratio_of_nothing_is_zero(Metric metric) =>
        Assert.Equal(0, new Tally { Clicks = 1, Bounces = 1, Seconds = 1 }.Of(metric, 0));

    [Fact]
    public void A_row_is_there_when_a_metric_counted_something()
    {
        Metric[] ofVisits = [Metric.Visits, Metric.Visitors, Metric.BounceRate, Metric.VisitDuration, Metric.ViewsPerVisit, Metric.Share];

        Assert.Equal(ofVisits, Counted(new Tally { Visits = 1 }));
        Assert.Equal([Metric.Views, Metric.ClickRate], Counted(new Tally { Views = 1 }));
        Assert.Equal([Metric.Clicks, Metric.ClickRate], Counted(new Tally { Clicks = 1 }));
        Assert.Equal([Metric.Clickers], Counted(new Tally { Clickers = 1 }));
        Assert.Empty(Counted(default));
    }

    [Fact]
    public void Sums_add_up_and_distinct_visitors_do_not()
    {
        var sum = new Tally { Visits = 1, Visitors = 1, Bounces = 2, Timed = 3, Seconds = 4, PageViews = 5, Views = 6, Clicks = 7, Clickers = 1 };
        sum.Add(Some);

        Assert.Equal(
            new Tally { Visits = 9, Visitors = 1, Bounces = 5, Timed = 7, Seconds = 134, PageViews = 18, Views = 18, Clicks = 12, Clickers = 1 },
            sum);
    }

    [Fact]
    public void A_tally_is_empty_without_visits_views_and_clicks()
    {
        Assert.True(default(Tally).IsEmpty);
        Assert.All(
            new[] { new Tally { Visits = 1 }, new Tally { Views = 1 }, new Tally { Clicks = 1 }, Some }, tally => Assert.False(tally.IsEmpty));
    }

    [Fact]
    public void There_is_no_other_metric() => Assert.Throws<ArgumentOutOfRangeException>(() => Some.Of((Metric)10, 1));

    [Theory]
    [InlineData(Metric.Visits, true, false, false, false, false)]
    [InlineData(Metric.Visitors, true, false, true, false, false)]
    [InlineData(Metric.Views, false, true, false, false, false)]
    [InlineData(Metric.Clicks, false, true, false, false, false)]
    [InlineData(Metric.Clickers, false, true, false, true, false)]
    [InlineData(Metric.ClickRate, false, true, false, false, false)]
    [InlineData(Metric.BounceRate, true, false, false, false, true)]
    [InlineData(Metric.VisitDuration, true, false, false, false, true)]
    [InlineData(Metric.ViewsPerVisit, true, false, false, false, true)]
    [InlineData(Metric.Share, true, false, false, false, false)]
    public void A_metric_needs_only_the_rows_that_it_counts(Metric metric, bool visits, bool pageViews, bool visitors, bool clickers,
        bool outcomes)
    {
        var needs = NeedsOf([metric]);

        Assert.Equal((visits, pageViews, visitors, clickers, outcomes),
            (needs.Visits, needs.PageViews, needs.Visitors, needs.Clickers, needs.Outcomes));
        Assert.Equal(visitors || clickers, needs.TellsVisitors);
        Assert.Equal((visitors || clickers ? 1 : 0) + (outcomes ? 2 : 0), needs.Columns.Count());
        Assert.False(needs.VisitorKinds || needs.Times);
        Assert.Empty(needs.Sets);
    }

    [Theory]
    [InlineData(Metric.Visits, false, false)]
    [InlineData(Metric.Visitors, false, false)]
    [InlineData(Metric.Views, true, false)]
    [InlineData(Metric.Clicks, false, true)]
    [InlineData(Metric.Clickers, false, true)]
    [InlineData(Metric.ClickRate, true, true)]
    [InlineData(Metric.BounceRate, false, false)]
    public void A_page_view_is_a_view_or_a_click(Metric metric, bool views, bool clicks)
    {
        Assert.Equal((views, clicks), (NeedsOf([metric]).Views, NeedsOf([metric]).Clicks));
        Assert.True(NeedsOf([metric], "link").Clicks);
        Assert.True(NeedsOf([metric], "link", "city").PageViews);
        Assert.Equal(clicks, NeedsOf([metric], "city", "link").Clicks); // only filtered by
    }

    [Fact]
    public void Several_metrics_need_what_each_of_them_needs()
    {
        var needs = NeedsOf(Enum.GetValues<Metric>());

        Assert.True(needs is { Visits: true, PageViews: true, Views: true, Clicks: true, Visitors: true, Clickers: true, Outcomes: true });
        Assert.Equal([BlockColumn.Visitor, BlockColumn.PageViews, BlockColumn.Duration], needs.Columns);
    }

    [Fact]
    public void Dimensions_and_filters_need_what_they_read()
    {
        Assert.Equal(["Origin", "Client"], NeedsOf([Metric.Visits], "source", "utmTerm", "os").Sets.Select(set => set.Column.ToString()));
        Assert.True(NeedsOf([Metric.Visits], "visitorKind") is { VisitorKinds: true, TellsVisitors: true, Visitors: false });
        Assert.True(NeedsOf([Metric.Visits], "hourOfDay").Times);
        Assert.True(NeedsOf([Metric.Visits], "link") is { PageViews: true, Times: false });
    }

    // The first dimension is asked for, the others are filtered by.
    private static QueryNeeds NeedsOf(Metric[] metrics, params string[] names)
    {
        var dimensions = names.Select(name => Dimension.Named(name)!).ToList();
        return QueryNeeds.Of(new CountQuery(
            Guid.Empty,
            new InstantRange(0, 1),
            DateTimeZone.Utc,
            [.. dimensions.Take(1)],
            [.. dimensions.Skip(1).Select(dimension => new Filter(FilterOperator.IsNull, dimension, []))],
            [.. metrics]));
    }

    private static Metric[] Counted(Tally tally) => [.. Enum.GetValues<Metric>().Where(metric => tally.Has(metric))];
}
