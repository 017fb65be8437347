using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class DistinctMembersTests
{
    // The last one has groups whose numbers do not fit beside a member.
    [Theory]
    [InlineData(5, 20, 1)]
    [InlineData(200, 3, 1)]
    [InlineData(70_000, 2, 1)]
    [InlineData(5, 8, 65_533)]
    public void A_member_counts_once_in_each_group(int members, int groups, int firstGroup) =>
        Pairs(members, groups, firstGroup).Sample(
            pairs =>
            {
                using var distinct = new DistinctMembers(members, isGrouped: true, _ => { });
                var half = pairs.Length / 2;
                int[] groupOf = [.. pairs.Select(pair => pair.Group), 0, 0], memberOf = [.. pairs.Select(pair => pair.Member), RowBlock.Unknown, 0];
                distinct.Add([.. Enumerable.Range(0, half)], groupOf, memberOf, firstGroup + groups);
                distinct.Add([.. Enumerable.Range(half, pairs.Length + 1 - half)], groupOf, memberOf, firstGroup + groups); // the last row is not asked for

                var known = pairs.ToHashSet();
                Assert.Equal(known.Select(pair => pair.Member).Distinct().Count(), distinct.Total);
                Assert.All(Enumerable.Range(0, firstGroup + groups), group => Assert.Equal(known.Count(pair => pair.Group == group), distinct.CountOf(group)));
            },
            iter: firstGroup > 1 ? 3 : 100);

    [Fact]
    public void Without_groups_there_is_one()
    {
        using var distinct = new DistinctMembers(701, isGrouped: false, _ => { });
        distinct.Add([.. Enumerable.Range(0, 2_000)], [], [.. Enumerable.Range(0, 2_000).Select(i => i % 702 - 1)], 1);

        Assert.Equal((701, 701), (distinct.Total, distinct.CountOf(0)));
    }

    [Fact]
    public void What_it_takes_of_memory_is_said_and_given_back()
    {
        var taken = 0L;
        using (var distinct = new DistinctMembers(1_000, isGrouped: true, bytes => taken += bytes))
        {
            Assert.Equal(4_000, taken);

            for (var group = 0; group < 10; group++)
            {
                distinct.Add([.. Enumerable.Range(0, 1_000)], [.. Enumerable.Repeat(group, 1_000)], [.. Enumerable.Range(0, 1_000)], 10);
            }

            Assert.True(taken >= 4_000 + (8_000 * sizeof(ulong)), $"{taken}");
        }

        Assert.Equal(0, taken);
    }

    [Fact]
    public void A_member_of_two_groups_takes_no_more_memory()
    {
        var taken = 0L;
        using var distinct = new DistinctMembers(1_000, isGrouped: true, bytes => taken += bytes);

        AddToGroups(distinct, 0, 1_000, 2);

        Assert.Equal((1_000, 1_000, 4_000), (distinct.CountOf(0), distinct.CountOf(1), taken));
    }

    [Fact]
    public void Many_pairs_are_each_new_once()
    {
        var distinct = new DistinctPairs(_ => { });
        for (var i = 0; i < 100_000; i++)
        {
            Assert.True(distinct.Add(i % 7, i));
        }

        for (var i = 0; i < 100_000; i++)
        {
            Assert.False(distinct.Add(i % 7, i));
        }
    }

    // Members 0 to 99, each in three groups: two stand beside the member, the third among pairs.
    [Fact]
    public void Counting_goes_on_from_a_copy_with_more_members()
    {
        using var original = new DistinctMembers(100, isGrouped: true, _ => { });
        AddToGroups(original, 0, 100, 3);
        var copy = original.Copied(100);
        AddToGroups(original, 50, 100, 4); // not in the copy
        var taken = 0L;
        using (var restored = new DistinctMembers(120, isGrouped: true, bytes => taken += bytes))
        {
            restored.Restore(copy);
            Assert.Equal((100, 100, 0), (restored.Total, restored.CountOf(2), restored.CountOf(3)));

            AddToGroups(restored, 90, 120, 4);

            Assert.Equal((120, 120, 120, 30), (restored.Total, restored.CountOf(0), restored.CountOf(2), restored.CountOf(3)));
        }

        Assert.Equal(0, taken);
        Assert.Equal((100, 100), (copy.Total, copy.Counts[2])); // is not added to
    }

    [Fact]
    public void Counting_without_groups_goes_on_from_a_copy_with_more_members()
    {
        using var original = new DistinctMembers(70, isGrouped: false, _ => { });
        original.Add([.. Enumerable.Range(0, 70)], [], [.. Enumerable.Range(0, 70)], 1);
        using var restored = new DistinctMembers(140, isGrouped: false, _ => { });
        restored.Restore(original.Copied(70));

        restored.Add([.. Enumerable.Range(0, 10)], [], [.. Enumerable.Range(64, 10)], 1);

        Assert.Equal((74, 74, 70), (restored.Total, restored.CountOf(0), original.Total));
    }

    [Theory]
    [InlineData(true, 65, 65, 0)]
    [InlineData(true, 1_000, 100, 0)] // no more than there are
    [InlineData(false, 64, 0, 1)]
    [InlineData(false, 65, 0, 2)]
    [InlineData(false, 1_000, 0, 2)]
    public void A_copy_takes_memory_for_the_members_that_were_added(bool isGrouped, int members, int groups, int words)
    {
        using var distinct = new DistinctMembers(100, isGrouped, _ => { });
        distinct.Add([0], [0], [0], 1);

        var copy = distinct.Copied(members);

        Assert.Equal((groups, words), (copy.Groups.Length, copy.Bits.Length));
        Assert.Equal(200 + (4 * groups) + (8 * words) + (8 * 1_024) + 8, copy.Bytes);
    }

    private static void AddToGroups(DistinctMembers members, int from, int until, int groups)
    {
        for (var group = 0; group < groups; group++)
        {
            int[] all = [.. Enumerable.Range(from, until - from)];
            members.Add([.. Enumerable.Range(0, all.Length)], [.. Enumerable.Repeat(group, all.Length)], all, groups);
        }
    }

    private static Gen<(int Group, int Member)[]> Pairs(int members, int groups, int firstGroup) =>
        Gen.Select(Gen.Int[0, groups - 1], Gen.Int[0, 40], (group, i) => (group + firstGroup, (int)((long)i * (members - 1) / 40))).Array[0, 700];
}
