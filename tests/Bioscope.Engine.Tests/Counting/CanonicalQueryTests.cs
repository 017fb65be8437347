using Bioscope.Engine.Counting;
using CsCheck;
using NodaTime;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class CanonicalQueryTests
{
    [Fact]
    public void The_order_of_filters_and_values_does_not_matter()
    {
        var one = Canonical(Is("country", "DE", "AT"), Is("device", "mobile"));
        var other = Canonical(Is("device", "mobile"), Is("country", "AT", "DE", "AT"), Is("country", "DE", "AT"));

        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
    }

    // Any two of these differ in one thing: dimension, operator, how many values, or one of them.
    [Fact]
    public void Filters_in_any_order_are_the_same_query()
    {
        Filter[] filters =
        [
            Is("country", "AT"), Is("country", "DE"), Is("country", "AT", "DE"), Is("country", "AT", "FR"), Is("city", "AT"), Is("city", "DE"),
            new(FilterOperator.IsNot, Dimension.Named("country")!, ["AT"]), new(FilterOperator.IsNot, Dimension.Named("city")!, ["AT"]),
            new(FilterOperator.IsNull, Dimension.Named("country")!, []), new(FilterOperator.IsNotNull, Dimension.Named("country")!, []),
        ];
        var one = Canonical(filters);

        Assert.Equal(10, one.Filters.Count);
        Gen.Shuffle(filters).Sample(shuffled => Assert.Equal(one, Canonical(shuffled)));
    }

    [Fact]
    public void Queries_are_equal_if_only_ignored_case_differs()
    {
        Assert.Equal(Canonical(With(FilterOperator.Contains, "INSTA")), Canonical(With(FilterOperator.Contains, "insta", "Insta")));
        Assert.Equal(Canonical(With(FilterOperator.ContainsNot, "INSTA")), Canonical(With(FilterOperator.ContainsNot, "insta")));
        Assert.NotEqual(Canonical(With(FilterOperator.Is, "INSTA")), Canonical(With(FilterOperator.Is, "insta")));
        Assert.NotEqual(Canonical(With(FilterOperator.Matches, "INSTA")), Canonical(With(FilterOperator.Matches, "insta")));
    }

    [Fact]
    public void Different_questions_stay_different()
    {
        Assert.NotEqual(Canonical(Is("country", "DE")), Canonical(Is("country", "AT")));
        Assert.NotEqual(Canonical(Is("country", "DE")), Canonical(Is("region", "DE")));
        Assert.NotEqual(Canonical(With(FilterOperator.Is, "x")), Canonical(With(FilterOperator.IsNot, "x")));
        Assert.NotEqual(Canonical(Is("country", "DE"), Is("country", "AT")), Canonical(Is("country", "DE", "AT")));
    }

    [Fact]
    public void Metrics_and_dimensions_keep_their_order()
    {
        var query = CountQuery.Canonical(
            Guid.Empty,
            new InstantRange(0, 1),
            DateTimeZone.Utc,
            [Dimension.Named("source")!, Dimension.Named("country")!],
            [],
            [Metric.Visitors, Metric.Visits]);

        Assert.Equal(["source", "country"], query.Dimensions.Select(dimension => dimension.Name));
        Assert.Equal([Metric.Visitors, Metric.Visits], query.Metrics);
    }

    private static Filter Is(string dimension, params string[] values) =>
        new(FilterOperator.Is, Dimension.Named(dimension)!, new EquatableList<string>(values));

    private static Filter With(FilterOperator compares, params string[] values) =>
        new(compares, Dimension.Named("source")!, new EquatableList<string>(values));

    private static CountQuery Canonical(params Filter[] filters) =>
        CountQuery.Canonical(Guid.Empty, new InstantRange(0, 1), DateTimeZone.Utc, [], filters, [Metric.Visits]);
}
