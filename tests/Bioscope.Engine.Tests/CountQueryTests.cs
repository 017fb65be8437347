using Bioscope.Engine.Counting;
using NodaTime;
using Xunit;

namespace Bioscope.Engine.Tests;

public sealed class CountQueryTests
{
    [Fact]
    public void Queries_with_the_same_meaning_are_equal()
    {
        Assert.Equal(Query("DE"), Query("DE"));
        Assert.Equal(Query("DE").GetHashCode(), Query("DE").GetHashCode());
        Assert.NotEqual(Query("DE"), Query("AT"));
        Assert.NotEqual(Query("DE"), Query("DE", "AT"));
    }

    private static CountQuery Query(params string[] countries) => new(
        Guid.Empty,
        new InstantRange(0, 1),
        DateTimeZone.Utc,
        [Dimension.Named("day")!],
        [new Filter(FilterOperator.Is, Dimension.Named("country")!, new EquatableList<string>(countries))],
        [Metric.Visits]);
}
