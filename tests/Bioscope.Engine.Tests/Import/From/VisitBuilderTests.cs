using Bioscope.Engine.Import;
using Bioscope.Engine.Import.From;
using Bioscope.Engine.Rows;
using Xunit;

namespace Bioscope.Engine.Tests.Import.From;

public sealed class VisitBuilderTests
{
    private static readonly TimeSpan Gap = TimeSpan.FromMinutes(30);
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ImportTarget _target = ExportReading.TargetOf();
    private readonly List<ImportItem> _items = [];

    private IEnumerable<SessionRow> Sessions => _items.Select(item => item.Row).OfType<SessionRow>();

    private IEnumerable<PageViewRow> Views => _items.Select(item => item.Row).OfType<PageViewRow>();

    [Theory]
    [InlineData("0 1800", "0+1800x2")]
    [InlineData("0 1800.001", "0+0x1 1800.001+0x1")]
    [InlineData("0 1800 3600 5400", "0+5400x4")] // each is near the one before
    [InlineData("1800 0", "0+1800x2")] // a late row
    [InlineData("1800.001 0", "1800.001+0x1 0+0x1")]
    [InlineData("0 0", "0+0x2")]
    public void A_visit_ends_with_half_an_hour_without_a_row(string times, string visits)
    {
        Build(Gap, [.. times.Split(' ').Select(time => HitAt(double.Parse(time)))]);

        Assert.Equal(
            visits, string.Join(' ', Sessions.Select(row => $"{(row.StartedAt - Noon).TotalSeconds}+{row.Duration}x{row.PageViews}")));
        Assert.Equal(Sessions.Count(), Sessions.Select(row => row.Id).Distinct().Count());
    }

    [Fact]
    public void Where_a_tool_names_visits_their_rows_may_be_days_apart()
    {
        Build(null, HitAt(0), HitAt(2 * 86_400), HitAt(5, visit: "other"));

        Assert.Equal([2, 1], Sessions.Select(row => row.PageViews));
    }

    [Fact]
    public void A_visit_has_the_facts_of_its_earliest_row_and_the_rows_in_order()
    {
        Build(null, HitAt(60, path: "/second") with { Facts = row => row with { City = "late" } }, HitAt(0, path: "/first") with
        {
            Facts = row => row with { City = "early" },
            Visitor = "me",
        });

        var session = Sessions.Single();
        Assert.Equal(("early", Noon, 2), (session.City, session.StartedAt, session.PageViews));
        Assert.Equal(_target.NewSession(default, "tool", "me", default).VisitorId, session.VisitorId);
        Assert.Equal(["/first", "/second"], Views.Select(row => row.Path));
        Assert.All(Views, row => Assert.Equal((session.Id, ExportReading.Page), (row.SessionId, row.BioPageId)));
        Assert.Equal(Views.Last().Id, session.LastPageViewId);
        Assert.Equal(Noon.AddSeconds(60), session.LastActivityAt);
    }

    [Fact]
    public void A_page_lasts_until_the_next_row()
    {
        Build(null, HitAt(0), HitAt(90), HitAt(90.9));

        Assert.Equal([90, 0, null], Views.Select(row => row.Duration));
    }

    [Theory]
    [InlineData(10, 60, 60)] // between the first row and the last
    [InlineData(100, 60, 100)] // what the tool says, if that is longer
    [InlineData(4_000_000, 60, 2_678_400)] // at most 31 days
    [InlineData(0, 4_000_000, 2_678_400)]
    public void A_visit_lasts_as_long_as_is_known(int told, int last, int duration)
    {
        Build(null, HitAt(0), HitAt(last) with { VisitDuration = told });

        Assert.Equal(duration, Sessions.Single().Duration);
        Assert.Equal(Noon.AddSeconds(duration), Sessions.Single().LastActivityAt);
    }

    [Fact]
    public void A_row_that_is_in_the_file_twice_counts_once()
    {
        Build(null, HitAt(0) with { Id = "1" }, HitAt(0) with { Id = "1" }, HitAt(5) with { Id = "2" });

        Assert.Equal(2, Sessions.Single().PageViews);
        Assert.Equal(2, Views.Select(row => row.Id).Distinct().Count());
        Assert.Equal(2, Views.Count());
    }

    // Without ids nothing tells two equal loads from one that was written twice: both count.
    [Fact]
    public void Equal_rows_without_ids_are_several()
    {
        Build(null, HitAt(0), HitAt(0));

        Assert.Equal(2, Views.Select(row => row.Id).Distinct().Count());
    }

    [Fact]
    public void A_row_whose_time_cannot_be_is_a_problem_of_its_line()
    {
        Build(Gap, HitAt(0), HitAt(0) with { At = DateTimeOffset.UnixEpoch.AddSeconds(-1) });

        Assert.Equal(
            [(2L, "the time is before 1970")], _items.Where(item => item.Problem is not null).Select(item => (item.Line, item.Problem!)));
        Assert.Equal(1, Sessions.Single().PageViews);
    }

    [Fact]
    public void What_is_left_at_the_end_comes_in_the_order_of_time_and_once()
    {
        var builder = new VisitBuilder(_target, "tool");
        foreach (var hit in (Hit[])[HitAt(9, visit: "c"), HitAt(3, visit: "b"), HitAt(3, visit: "a")])
        {
            Assert.Empty(builder.Add(1, hit));
        }

        var rest = builder.Rest().ToList();

        Assert.Equal([3, 3, 9], rest.Select(item => item.Row).OfType<SessionRow>().Select(row => (row.StartedAt - Noon).TotalSeconds));
        Assert.Empty(builder.Rest());
    }

    [Fact]
    public void A_click_is_a_row_with_its_link()
    {
        Build(null, HitAt(0, path: "/"), HitAt(5) with { Link = ExportReading.Shop });

        Assert.Equal([null, ExportReading.Shop], Views.Select(row => row.LinkClicked));
        Assert.Equal(2, Sessions.Single().PageViews);
    }

    [Fact]
    public void Texts_are_cut_to_what_columns_hold()
    {
        Build(null, HitAt(0, path: "/" + new string('a', 3_000)) with { Title = new string('b', 300) });

        Assert.Equal((2_048, 255), (Views.Single().Path!.Length, Views.Single().Title!.Length));
    }

    [Fact]
    public void Of_one_visit_a_hundred_thousand_rows_count()
    {
        var builder = new VisitBuilder(_target, "tool");
        for (var i = 0; i < 100_002; i++)
        {
            builder.Add(i, HitAt(i % 60));
        }

        Assert.Equal(100_000, builder.Rest().Select(item => item.Row).OfType<SessionRow>().Single().PageViews);
        Assert.Equal([KeyValuePair.Create("after the first 100000 of one visit", 2L)], _target.LeftOut);
    }

    private static Hit HitAt(double seconds, string visit = "v", string? path = null) =>
        new(visit, "visitor", Noon.AddMilliseconds((long)((seconds * 1_000) + 0.5)), row => row) { Path = path };

    private void Build(TimeSpan? gap, params Hit[] hits)
    {
        var builder = new VisitBuilder(_target, "tool", gap);
        _items.AddRange(hits.SelectMany((hit, i) => builder.Add(i + 1, hit)));
        _items.AddRange(builder.Rest());
    }
}
