using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class MetricNameTests
{
    [Fact]
    public void Names_match_the_documentation() => Assert.Equal(
        ["visits", "visitors", "views", "clicks", "clickers", "clickRate", "bounceRate", "visitDuration", "viewsPerVisit", "share"],
        MetricName.All);

    [Fact]
    public void Every_metric_is_found_by_its_name()
    {
        Assert.All(Enum.GetValues<Metric>(), metric => Assert.Equal(metric, MetricName.Read(MetricName.Of(metric))));
        Assert.Null(MetricName.Read("Visits"));
    }
}
