using Bioscope.Engine.Counting;
using NodaTime;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class BlockCountsTests
{
    private static readonly CountQuery Query = new(
        Guid.Empty, new InstantRange(5, 10), DateTimeZone.Utc, [Dimension.Named("city")!], [], []);

    public static TheoryData<Metric, Metric[]> Counted { get; } = new()
    {
        { Metric.Visits, [Metric.Visits] },
        { Metric.Visitors, [Metric.Visits] },
        { Metric.VisitDuration, [Metric.Visits, Metric.BounceRate] },
        { Metric.Views, [Metric.Views] },
        { Metric.Clicks, [Metric.Clicks] },
        { Metric.Clickers, [Metric.Clicks] },
        { Metric.ClickRate, [Metric.Views, Metric.Clicks] },
    };

    [Theory]
    [MemberData(nameof(Counted))]
    public void What_adds_up_of_a_metric_is_counted_once_in_any_range(Metric metric, Metric[] counted) =>
        Assert.Equal(Query with { Range = default, Metrics = [.. counted] }, QuestionOf(Query with { Metrics = [metric] }));

    [Fact]
    public void Visits_by_link_and_what_is_filtered_by_link_do_not_add_up()
    {
        EquatableList<Dimension> links = [Dimension.Named("link")!];
        EquatableList<Filter> filters = [new Filter(FilterOperator.IsNotNull, links[0], [])];

        Assert.Null(QuestionOf(Query with { Dimensions = links, Metrics = [Metric.Visits] }));
        Assert.Null(QuestionOf(Query with { Filters = filters, Metrics = [Metric.Clicks] }));
        Assert.Equal(
            Query with { Range = default, Dimensions = links, Metrics = [Metric.Clicks] },
            QuestionOf(Query with { Dimensions = links, Metrics = [Metric.Clicks] }));
    }

    [Fact]
    public void Filters_by_other_facts_are_part_of_the_question()
    {
        var filtered = Query with { Filters = [new Filter(FilterOperator.IsNull, Dimension.Named("os")!, [])], Metrics = [Metric.Visits] };

        Assert.Equal(filtered with { Range = default }, QuestionOf(filtered));
    }

    [Fact]
    public void Memory_grows_with_the_groups()
    {
        Assert.Equal(400, new BlockCounts([], [], default).Bytes);
        Assert.Equal(580, new BlockCounts([(1, 0), (2, 0)], [default, default], default).Bytes);
    }

    private static CountQuery? QuestionOf(CountQuery query) => BlockCounts.QuestionOf(query, QueryNeeds.Of(query));
}
