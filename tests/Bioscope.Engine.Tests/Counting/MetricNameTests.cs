using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class MetricNameTests
{
    [Fact]
    public void Names_are_those_of_the_documentation() => Assert.Equal(
        ["visits", "visitors", "views", "clicks", "clickers", "clickRate", "bounceRate", "visitDuration", "viewsPerVisit", "share"],
        MetricName.All);

    [Fact]
    public void A_name_leads_back_to_its_metric()
    {
        Assert.All(Enum.GetValues<Metric>(), metric => Assert.Equal(metric, MetricName.Read(MetricName.Of(metric))));
        Assert.Null(MetricName.Read("Visits"));
    }
}
