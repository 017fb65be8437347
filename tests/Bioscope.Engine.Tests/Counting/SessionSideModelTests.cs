using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using CsCheck;
using NodaTime;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

/// <summary>Which sessions of a random block count, and what they are grouped by, compared with each session alone.</summary>
public sealed class SessionSideModelTests
{
    private const long Hour = 3_600_000, Days = 3, Quarters = Days * 24 * 4;

    // At quarters of an hour, where ranges and hours end too.
    private static readonly Gen<long> Times = Gen.Long[0, Quarters - 1].Select(quarter => quarter * Hour / 4);

    private static readonly string?[] Cities = [null, "A", "B", "C"];
    private static readonly string[] Systems = ["iOS", "Android"];

    private static readonly Gen<Row> Rows = Gen.Select(
        Times, Gen.Int[0, 3], Gen.Int[0, 1], Gen.Int[-1, 5],
        (at, city, system, visitor) => new Row(at, Cities[city], Systems[system], visitor));

    private static readonly Gen<(Filter Filter, Func<Row, bool> Holds)> Filters = Gen.OneOf(
        Filter("city", FilterOperator.Is, row => row.City is "A" or "B", "A", "B"),
        Filter("city", FilterOperator.IsNot, row => row.City != "A", "A"),
        Filter("city", FilterOperator.IsNull, row => row.City is null),
        Filter("city", FilterOperator.IsNotNull, row => row.City is not null),
        Filter("os", FilterOperator.Contains, row => row.Os == "Android", "DROID"),
        Filter("hourOfDay", FilterOperator.Is, row => row.At / Hour % 24 is 0 or 7, "0", "7"),
        Filter("hourOfDay", FilterOperator.IsNot, row => row.At / Hour % 24 != 12, "12"),
        Filter("day", FilterOperator.Is, row => row.At / (24 * Hour) == 1, "1970-01-02"));

    private static readonly Gen<string[]> Dimensions = Gen.Shuffle(new[] { "city", "os", "hour", "day", "hourOfDay" }, 0, 2);

    private static readonly Gen<Case> Cases =
        Gen.Select(
            Rows.Array[0, 40].Select(rows => rows.OrderBy(row => row.At).ToArray()),
            Gen.Frequency((2, Gen.Select(Times, Times)), (1, Gen.Const((0L, Quarters * Hour / 4)))), Filters.Array[0, 2], Dimensions,
            (rows, range, filters, dimensions) =>
                new Case(rows, Math.Min(range.Item1, range.Item2), Math.Max(range.Item1, range.Item2), filters, dimensions));

    [Fact]
    public void Sessions_count_that_pass_all_filters_in_the_range() => Cases.Sample(sample =>
    {
        using var side = Of(sample.Rows, sample.From, sample.Until, sample.Filters, sample.Dimensions);
        var counting = sample.Rows.Index().Where(row =>
            row.Item.At >= sample.From && row.Item.At < sample.Until && Array.TrueForAll(sample.Filters, filter => filter.Holds(row.Item)))
            .Select(row => row.Index).ToArray();

        Assert.Equal(counting, side.Rows.ToArray());
        Assert.Equal(counting, Enumerable.Range(0, sample.Rows.Length).Where(row => side.Counts[row]));
        Assert.Equal(sample.Rows.Select(row => row.Visitor), side.Visitors[..sample.Rows.Length]);
    });

    [Fact]
    public void Sessions_are_in_one_group_where_all_their_values_are_equal() => Cases.Sample(sample =>
    {
        using var side = Of(sample.Rows, sample.From, sample.Until, sample.Filters, sample.Dimensions);
        if (sample.Dimensions.Length == 0)
        {
            Assert.Null(side.Groups);
            return;
        }

        var groups = side.Groups!;
        var values = side.Rows.ToArray()
            .Select(row => (Group: groups[row], Key: Key(sample.Rows[row], sample.Dimensions))).Distinct().ToList();

        Assert.Equal(values.Count, values.Select(value => value.Group).Distinct().Count());
        Assert.Equal(values.Count, values.Select(value => value.Key).Distinct().Count());
    });

    private static SessionSide Of(
        Row[] rows, long from, long until, (Filter Filter, Func<Row, bool> Holds)[] filters, string[] dimensions)
    {
        var builder = new RowBlockBuilder([FactSet.Place, FactSet.Client], firstSession: 100);
        foreach (var row in rows)
        {
            builder.AddSession(row.At, row.Visitor, 1, 0);
            builder.AddFacts(0, [null, null, null, row.City]);
            builder.AddFacts(1, [null, null, row.Os, null]);
        }

        var block = builder.Build((0, Days * 24 * Hour));
        var page = new PageRows([block], new PageValues(), 6);
        var query = CountQuery.Canonical(
            Guid.Empty, new InstantRange(from, until), DateTimeZone.Utc, [.. dimensions.Select(name => Dimension.Named(name)!)],
            [.. filters.Select(filter => filter.Filter)], [Metric.Visits]);
        return new SessionSide(block, page, new RowFilters(query, page), new RowGroups(query, page));
    }

    private static string Key(Row row, string[] dimensions) => string.Join('|', dimensions.Select(dimension => dimension switch
    {
        "city" => row.City ?? "",
        "os" => row.Os,
        "hour" => $"{row.At / Hour}",
        "day" => $"{row.At / (24 * Hour)}",
        _ => $"{row.At / Hour % 24}",
    }));

    private static (Filter Filter, Func<Row, bool> Holds) Filter(
        string dimension, FilterOperator compares, Func<Row, bool> holds, params string[] values) =>
        (new Filter(compares, Dimension.Named(dimension)!, new EquatableList<string>(values)), holds);

    private sealed record Case(
        Row[] Rows, long From, long Until, (Filter Filter, Func<Row, bool> Holds)[] Filters, string[] Dimensions);

    private sealed record Row(long At, string? City, string Os, int Visitor);
}
