using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Pages;

namespace Bioscope.Server.Tests;

/// <summary>What the list of pages takes as its query, and how it orders them.</summary>
public sealed class PageListQueryTests
{
    [Fact]
    public void Without_a_query_the_first_fifty_by_visits_of_thirty_days_are_listed()
    {
        var (query, problems) = Read();

        Assert.Empty(problems);
        Assert.Equal(new PageListQuery(RangeName.Read("30d")!.Value, "visits", "", 50, 0), query);
        Assert.Equal(query, Read(("range", ""), ("sort", ""), ("search", "  "), ("limit", ""), ("offset", "")).Query);
    }

    [Theory]
    [InlineData("range", "yesterday", "range must be one of 7d, 30d, 90d, month, today, week, year, 365d")]
    [InlineData("range", "all", "range must be one of 7d, 30d, 90d, month, today, week, year, 365d")]
    [InlineData("range", "7D", "range must be one of 7d, 30d, 90d, month, today, week, year, 365d")]
    [InlineData("sort", "title", "sort must be one of visits, views, clicks, name")]
    [InlineData("limit", "0", "limit must be a number from 1 to 1000")]
    [InlineData("limit", "1001", "limit must be a number from 1 to 1000")]
    [InlineData("limit", "-1", "limit must be a number from 1 to 1000")]
    [InlineData("limit", " 1", "limit must be a number from 1 to 1000")]
    [InlineData("limit", "99999999999", "limit must be a number from 1 to 1000")]
    [InlineData("limit", "1e2", "limit must be a number from 1 to 1000")]
    [InlineData("offset", "-1", "offset must be a number from 0 to 1000000")]
    [InlineData("offset", "1000001", "offset must be a number from 0 to 1000000")]
    public void A_value_that_is_none_is_named_and_has_its_default(string name, string value, string problem)
    {
        var (query, problems) = Read((name, value));

        Assert.Equal([problem], problems);
        Assert.Equal(Read().Query, query);
    }

    [Fact]
    public void All_that_is_wrong_is_named_at_once()
    {
        var (query, problems) = Read(("range", "x"), ("sort", "x"), ("search", new string('y', 101)), ("limit", "x"), ("offset", "x"));

        Assert.Equal(["range", "sort", "search", "limit", "offset"], problems.Select(problem => problem.Split(' ')[0]));
        Assert.Contains("search must have at most 100 characters", problems);
        Assert.Equal(100, query.Search.Length);
    }

    [Fact]
    public void Bounds_are_taken()
    {
        var (query, problems) = Read(
            ("range", "365d"), ("sort", "name"), ("search", $" {new string('y', 100)} "), ("limit", "1000"), ("offset", "1000000"));

        Assert.Empty(problems);
        Assert.Equal((1000, 1_000_000, 100), (query.Limit, query.Offset, query.Search.Length));
        Assert.Equal((1, 0), (Read(("limit", "1")).Query.Limit, Read(("offset", "0")).Query.Offset));
    }

    [Theory]
    [InlineData("visits", "anna @ben carla")]
    [InlineData("views", "carla @ben anna")]
    [InlineData("clicks", "@ben anna carla")]
    [InlineData("name", "@ben anna carla")]
    public void Figures_are_ordered_largest_first_and_names_from_a(string sort, string names)
    {
        ListedPage[] pages =
        [
            Page("carla", title: "carla", visits: 2, views: 9, clicks: 1), Page("ben", title: null, visits: 2, views: 8, clicks: 3),
            Page("x", title: "anna", visits: 5, views: 7, clicks: 2),
        ];

        // The page without a title is listed by its handle, also of two with as many visits.
        Assert.Equal(names, string.Join(' ', Ordered(pages, sort)));
        Assert.Equal(names, string.Join(' ', Ordered(pages.Reverse(), sort)));
    }

    [Fact]
    public void Equal_pages_keep_one_order_by_their_id_and_case_is_ignored()
    {
        var (first, second) = (Guid.Parse("00000000-0000-4000-8000-000000000001"), Guid.Parse("00000000-0000-4000-8000-000000000002"));
        ListedPage[] pages = [Page(null, "shop", id: second), Page(null, "SHOP", id: first), Page(null, "Bar"), Page(null, null, id: Guid.Empty)];

        Assert.Equal(
            [Guid.Empty, pages[2].Id, first, second],
            Read(("sort", "name")).Query.Order(pages).Select(page => page.Id));
        Assert.Equal(Guid.Empty.ToString("D"), pages[3].DisplayName());
    }

    private static IEnumerable<string> Ordered(IEnumerable<ListedPage> pages, string sort) =>
        Read(("sort", sort)).Query.Order(pages).Select(page => page.DisplayName());

    private static ListedPage Page(string? handle, string? title, long visits = 0, long views = 0, long clicks = 0, Guid? id = null) =>
        new(id ?? Guid.NewGuid(), handle, title, "owner", visits, views, clicks);

    private static (PageListQuery Query, IReadOnlyList<string> Problems) Read(params (string Name, string Value)[] values) =>
        PageListQuery.Read(name => values.FirstOrDefault(value => value.Name == name).Value);
}
