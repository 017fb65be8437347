using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Tests.Counting.Model;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

/// <summary>Which blocks a question reads, what of them is kept, and what is added from memory instead.</summary>
public sealed class CountScanBlocksTests
{
    private static readonly Metric[] VisitsAndClicks = [Metric.Visits, Metric.Clicks];

    [Fact]
    public void Blocks_that_only_touch_the_range_are_not_read()
    {
        var rows = Rows(SmallBlocks.NotRead(0, 0, 2), SmallBlocks.Of(1, 2, [0, 1, 0]), SmallBlocks.NotRead(2, 5, 2));

        var totals = InMemory.Count(SmallBlocks.Query(100, 200, [Metric.Visits, Metric.Visitors, Metric.Views, Metric.Clicks]), rows).Totals;

        Assert.Equal((3, 2, 2, 1), (totals.Visits, totals.Visitors, totals.Views, totals.Clicks));
    }

    [Theory]
    [InlineData(100, 200, 3)]
    [InlineData(199, 201, 5)]
    [InlineData(0, 400, 9)]
    [InlineData(300, 400, 2)]
    [InlineData(400, 500, 0)]
    public void Visits_by_link_take_memory_for_the_sessions_in_reach(long from, long until, int sessions)
    {
        var taken = new List<long>();
        var rows = Rows(
            SmallBlocks.Of(0, 0, [0, 1]), SmallBlocks.Of(1, 2, [0, 1, 0]), SmallBlocks.Of(2, 5, [1, 2]), SmallBlocks.Of(3, 7, [0, 2])) with
        {
            Take = taken.Add,
        };

        InMemory.Count(SmallBlocks.Query(from, until, [Metric.Visits], "link"), rows);

        Assert.Equal((4 * sessions, 0), (taken.Where(bytes => bytes > 0).Sum(), taken.Sum()));
    }

    [Fact]
    public void Only_lasting_blocks_that_lie_in_the_range_are_kept()
    {
        var query = SmallBlocks.Query(50, 300, VisitsAndClicks, "city");
        var rows = Rows(SmallBlocks.Of(0, 0, [0]), SmallBlocks.Of(1, 1, [0, 1, 2]), SmallBlocks.Of(2, 4, [0, 1], isLasting: false));

        InMemory.Count(query, rows);

        var kept = Enumerable.Range(0, 3).Select(block => rows.Values.CountsOf(block, QuestionOf(query))).ToArray();
        Assert.Null(kept[0]);
        Assert.Null(kept[2]);
        Assert.Equal([(1L, 0L), (2L, 0L)], kept[1]!.Keys);
        Assert.Equal([(2L, 0L), (1L, 1L)], kept[1]!.Tallies.Select(tally => (tally.Visits, tally.Clicks)));
        Assert.Equal(default, kept[1]!.Ungrouped);
    }

    [Fact]
    public void What_a_block_comes_to_is_kept_without_the_groups_of_others()
    {
        var query = SmallBlocks.Query(0, 200, [Metric.Visits], "city");
        var rows = Rows(SmallBlocks.Of(0, 0, [0, 1]), SmallBlocks.Of(1, 2, [0]));

        InMemory.Count(query, rows);

        Assert.Equal([(1L, 0L)], rows.Values.CountsOf(1, QuestionOf(query))!.Keys);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void What_is_known_of_a_block_is_added_instead_of_its_rows(bool isCounted, bool isInMemory)
    {
        var query = SmallBlocks.Query(0, 200, [Metric.Visits], "city");
        var rows = Rows(SmallBlocks.Of(0, 0, [0, 1]), SmallBlocks.NotRead(1, 2, 2));
        var known = new BlockCounts([(2, 0)], [new Tally { Visits = 7 }], default);
        if (isInMemory)
        {
            // What was read for this question comes first.
            rows.Values.Keep(1, QuestionOf(query), isCounted ? new BlockCounts([], [], default) : known);
        }

        var result = InMemory.Count(
            query, isCounted ? rows with { Counted = new Dictionary<object, BlockCounts> { [1] = known } } : rows);

        Assert.Equal([("A", 1L), ("B", 8L)], result.Rows.Select(row => (row.Values[0].Text!, row.Tally.Visits)).Order());
        Assert.Equal(9, result.Totals.Visits);
    }

    [Fact]
    public void What_is_known_outside_of_groups_is_added_to_the_totals()
    {
        var rows = Rows(SmallBlocks.Of(0, 0, [0, 1]), SmallBlocks.NotRead(1, 2, 2)) with
        {
            Counted = new Dictionary<object, BlockCounts>
            {
                [1] = new([(1, 0)], [new Tally { Clicks = 4 }], new Tally { Clicks = 4, Views = 6 }),
            },
        };

        var result = InMemory.Count(SmallBlocks.Query(0, 200, [Metric.Clicks], "link"), rows);

        Assert.Equal(("x", 5L), result.Rows.Select(row => (row.Values[0].Text!, row.Tally.Clicks)).Single());
        Assert.Equal((5, 6), (result.Totals.Clicks, result.Totals.Views));
    }

    [Fact]
    public void A_checkpoint_has_what_the_lasting_blocks_come_to()
    {
        var kept = Kept(
            SmallBlocks.Query(0, 300, [Metric.Visits, Metric.Visitors, Metric.Clickers], "city"),
            SmallBlocks.Of(0, 0, [0, 1]),
            SmallBlocks.Of(1, 2, [0, 2, 1], firstVisitor: 2),
            SmallBlocks.Of(2, 5, [3], firstVisitor: 3, isLasting: false))!;

        Assert.Equal([0, 1], kept.Blocks);
        Assert.Equal([(1L, 0L), (2L, 0L)], kept.Groups);
        Assert.Equal([3L, 2L], kept.Tallies.Select(tally => tally.Visits));
        Assert.Equal([3, 2], kept.Members.Take(2).Select(members => members.Total)); // clicks are in city B
        Assert.Equal([3, 3, 0], kept.Members.Select(members => members.MemberCount)); // the last block's visitor is not in it
    }

    [Fact]
    public void A_checkpoint_of_all_blocks_has_all_visitors() => Assert.Equal(
        4, Kept(SmallBlocks.Query(0, 300, [Metric.Visitors], "city"), SmallBlocks.Of(0, 0, [0, 1]))!.Members[0].MemberCount);

    [Fact]
    public void A_checkpoint_by_link_has_the_sessions_of_the_lasting_blocks()
    {
        var kept = Kept(
            SmallBlocks.Query(100, 400, [Metric.Visits], "link"),
            SmallBlocks.Of(0, 0, [0, 1]),
            SmallBlocks.Of(1, 2, [0, 1, 2]),
            SmallBlocks.Of(2, 5, [0, 1]),
            SmallBlocks.Of(3, 7, [0], isLasting: false))!;

        Assert.Equal([1, 2], kept.Blocks);
        Assert.Equal([0, 0, 5], kept.Members.Select(members => members.MemberCount));
        Assert.Equal((5, 2), (kept.Totals.Visits, kept.Members[2].Total));
    }

    [Theory]
    [InlineData(50, 150, 50)]
    [InlineData(0, 250, 0)]
    public void A_checkpoints_times_are_in_the_range_and_in_its_blocks(long from, long until, long time)
    {
        var kept = Kept(
            SmallBlocks.Query(from, until, [Metric.Visits], "hour"),
            SmallBlocks.Of(0, 0, [0, 1, 2, 0, 1, 2, 0]),
            SmallBlocks.Of(1, 7, [0, 1]))!;

        Assert.Equal([(time, 0L)], kept.Groups);
    }

    [Fact]
    public void Times_of_a_checkpoint_begin_with_its_first_block() => Assert.Equal(
        [(100L, 0L)], Kept(SmallBlocks.Query(0, 300, [Metric.Visits], "hour"), SmallBlocks.Of(1, 0, [0]))!.Groups);

    [Fact]
    public void Without_lasting_blocks_there_is_no_checkpoint() =>
        Assert.Null(Kept(SmallBlocks.Query(0, 300, [Metric.Visits]), SmallBlocks.Of(0, 0, [0], isLasting: false)));

    // Session 1 had a click before, session 0 has its first one now.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 2)]
    public void A_visit_counts_once_by_clicks_before_and_after_a_checkpoint(int clicked, int visits)
    {
        var query = SmallBlocks.Query(0, 200, [Metric.Visits, Metric.Visitors]) with
        {
            Filters = [new Filter(FilterOperator.Is, Dimension.Named("link")!, ["x"])],
        };
        var later = SmallBlocks.Of(1, 2, [2, 3], firstVisitor: 2, isLasting: false);
        later[BlockColumn.Session] = NumberColumn.Of<int>([2, clicked]);
        var rows = Rows(SmallBlocks.Of(0, 0, [0, 1]), later);
        Checkpoint? kept = null;

        var counted = InMemory.Count(query, rows with { KeepCheckpoint = made => kept = made });
        var again = InMemory.Count(query, rows with { Checkpoint = kept });

        Assert.Equal((visits, visits), (counted.Totals.Visits, counted.Totals.Visitors));
        Assert.Equal(counted.Totals, again.Totals);
        Assert.Equal(1, kept!.Tallies[0].Visits);
    }

    private static PageRows Rows(params RowBlock[] blocks) => new(blocks, new PageValues(), 4);

    private static CountQuery QuestionOf(CountQuery query) => BlockCounts.QuestionOf(query, QueryNeeds.Of(query))!;

    private static Checkpoint? Kept(CountQuery query, params RowBlock[] blocks)
    {
        Checkpoint? kept = null;
        InMemory.Count(query, Rows(blocks) with { KeepCheckpoint = made => kept = made });
        return kept;
    }
}
