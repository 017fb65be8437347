using Bioscope.Engine.Counting;
using NodaTime;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class CheckpointsTests
{
    private const int Megabyte = 1 << 20;

    [Fact]
    public void A_question_is_worth_keeping_when_it_is_asked_again()
    {
        using var checkpoints = new Checkpoints(24 * Megabyte);

        Assert.Null(checkpoints.Find(Question(1), out var atFirst));
        Assert.Null(checkpoints.Find(Question(1), out var again));
        Assert.Null(checkpoints.Find(Question(2), out var another));

        Assert.Equal((false, true, false), (atFirst, again, another));
    }

    [Fact]
    public void What_was_kept_is_found_by_an_equal_question()
    {
        using var checkpoints = new Checkpoints(24 * Megabyte);
        var checkpoint = Of(Megabyte);
        checkpoints.Keep(Question(1), checkpoint);

        Assert.Same(checkpoint, checkpoints.Find(Question(1), out _));
        Assert.Null(checkpoints.Find(Question(2), out _));
    }

    [Fact]
    public void What_is_too_large_is_copied_once_only()
    {
        using var checkpoints = new Checkpoints(24 * Megabyte);
        checkpoints.Keep(Question(1), Of(9 * Megabyte));

        Assert.Null(checkpoints.Find(Question(1), out var isWorthKeeping));
        Assert.False(isWorthKeeping);
    }

    // Whatever is full must not refuse new questions for ever: each of them would be copied at every request.
    [Fact]
    public async Task New_questions_find_room_after_many_others()
    {
        using var checkpoints = new Checkpoints(24 * Megabyte);
        for (var i = 0; i < 40; i++)
        {
            for (var attempt = 0; checkpoints.Find(Question(i), out _) is null; attempt++)
            {
                Assert.True(attempt < 1_000, $"Question {i} finds no room.");
                checkpoints.Keep(Question(i), Of(7 * Megabyte));
                await Task.Delay(attempt == 0 ? 0 : 5, TestContext.Current.CancellationToken); // room is made in the background
            }
        }

        Assert.InRange(Enumerable.Range(0, 40).Count(i => checkpoints.Find(Question(i), out _) is not null), 1, 3); // of 24 megabytes
    }

    [Fact]
    public void Where_the_range_ends_after_the_blocks_does_not_matter()
    {
        var until = Question(1) with { Range = new InstantRange(0, 5_000) };

        Assert.Equal(Checkpoint.QuestionOf(until, 5_000), Checkpoint.QuestionOf(until with { Range = new InstantRange(0, 7_000) }, 5_000));
        Assert.NotEqual(Checkpoint.QuestionOf(until, 5_000), Checkpoint.QuestionOf(until with { Range = new InstantRange(1, 7_000) }, 5_000));
        Assert.Equal(until, Checkpoint.QuestionOf(until, 5_001));
    }

    [Theory]
    [InlineData("IsNotNull", "Visitors", 1, true)]
    [InlineData("IsNotNull", "Clickers", 1, true)]
    [InlineData("IsNull", "Visitors", 1, false)] // a click of today can make a visit of yesterday count no more
    [InlineData("IsNot", "Visitors", 1, false)]
    [InlineData("IsNotNull", "Views", 1, false)] // of visits that count by a later click, views of before come again
    [InlineData("IsNotNull", "Visitors", 2, false)]
    public void What_is_filtered_by_link_has_a_checkpoint_only_if_later_clicks_add_visits(string @operator, string metric, int filters, bool has)
    {
        var filter = new Filter(Enum.Parse<FilterOperator>(@operator), Dimension.Named("link")!, []);
        var question = Question(1) with { Filters = [.. Enumerable.Repeat(filter, filters)], Metrics = [Enum.Parse<Metric>(metric)] };

        Assert.Equal(has, Checkpoint.QuestionOf(question, 0) is not null);
    }

    [Theory]
    [InlineData(4_193_950, true)] // of two bytes each; with 708 for the rest, eight megabytes
    [InlineData(4_193_951, false)]
    public void A_third_of_the_room_is_the_most_for_one(int members, bool isKept)
    {
        using var checkpoints = new Checkpoints(24 * Megabyte);
        var checkpoint = Of(members * 2);
        checkpoints.Keep(Question(1), checkpoint);

        Assert.Equal(isKept ? checkpoint : null, checkpoints.Find(Question(1), out var isWorthKeeping));
        Assert.Equal(isKept, isWorthKeeping);
    }

    [Fact]
    public void Memory_grows_with_blocks_groups_and_members()
    {
        var members = new KnownMembers(new ulong[2], [], new DistinctPairs(_ => { }), new long[3], 0);

        Assert.Equal(500, new Checkpoint(new PageValues(), [], [], [], default, []).Bytes);
        Assert.Equal(
            500 + (2 * 100) + (3 * 40) + (2 * (200 + 16 + 8 + 24)),
            new Checkpoint(new PageValues(), ["a", "b", "c"], [(1, 0), (2, 0)], [default, default], default, [members, members]).Bytes);
    }

    [Fact]
    public void A_checkpoint_is_of_the_same_blocks_in_the_same_order_and_their_numbers()
    {
        var values = new PageValues();
        var checkpoint = new Checkpoint(values, ["a", "b"], [], [], default, []);

        Assert.True(checkpoint.IsOf(values, ["a", "b"]));
        Assert.False(checkpoint.IsOf(values, ["b", "a"]));
        Assert.False(checkpoint.IsOf(values, ["a"]));
        Assert.False(checkpoint.IsOf(new PageValues(), ["a", "b"]));
    }

    private static CountQuery Question(int from) => new(
        Guid.Empty, new InstantRange(from, 10_000), DateTimeZone.Utc, [Dimension.Named("city")!], [], [Metric.Visitors]);

    private static Checkpoint Of(int bytes) => new(
        new PageValues(), [], [], [], default, [new KnownMembers([], new (ushort, ushort)[bytes / 2], new DistinctPairs(_ => { }), [], 0)]);
}
