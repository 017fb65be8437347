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
                using var distinct = new DistinctMembers(members, isGrouped: true, null, _ => { });
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
        using var distinct = new DistinctMembers(701, isGrouped: false, null, _ => { });
        distinct.Add([.. Enumerable.Range(0, 2_000)], [], [.. Enumerable.Range(0, 2_000).Select(i => i % 702 - 1)], 1);

        Assert.Equal((701, 701), (distinct.Total, distinct.CountOf(0)));
    }

    [Fact]
    public void What_it_takes_of_memory_is_said_and_given_back()
    {
        var taken = 0L;
        using (var distinct = new DistinctMembers(1_000, isGrouped: true, null, bytes => taken += bytes))
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
        using var distinct = new DistinctMembers(1_000, isGrouped: true, null, bytes => taken += bytes);

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

    // Members of before are known in whatever way they stand there: in bytes, in larger numbers, among pairs, as bits.
    [Theory]
    [InlineData(true, 3, 1)]
    [InlineData(true, 255, 1)]
    [InlineData(true, 256, 1)]
    [InlineData(true, 4, 65_533)]
    [InlineData(false, 1, 0)]
    public void Counting_goes_on_from_what_is_known(bool isGrouped, int groups, int firstGroup) =>
        Gen.Select(Pairs(90, groups, firstGroup), Pairs(190, groups, firstGroup)).Sample(
            (before, after) =>
            {
                using var original = new DistinctMembers(200, isGrouped, null, _ => { });
                Add(original, before);
                var known = original.Copied(90);
                Add(original, [(firstGroup, 80)]); // not in the copy
                var taken = 0L;
                using (var distinct = new DistinctMembers(200, isGrouped, known, bytes => taken += bytes))
                {
                    Add(distinct, after);

                    var all = before.Concat(after).ToHashSet();
                    Assert.Equal(all.Select(pair => pair.Member).Distinct().Count(), distinct.Total);
                    Assert.All(
                        Enumerable.Range(0, isGrouped ? firstGroup + groups : 1),
                        group => Assert.Equal(isGrouped ? all.Count(pair => pair.Group == group) : distinct.Total, distinct.CountOf(group)));
                    Assert.Equal(before.Select(pair => pair.Member).Distinct().Count(), known.Total); // is not added to
                }

                Assert.Equal(0, taken);

                void Add(DistinctMembers to, (int Group, int Member)[] pairs) => to.Add(
                    [.. Enumerable.Range(0, pairs.Length)],
                    isGrouped ? [.. pairs.Select(pair => pair.Group)] : [],
                    [.. pairs.Select(pair => pair.Member)],
                    firstGroup + groups);
            },
            iter: firstGroup > 1 ? 3 : 100);

    [Fact]
    public void Of_known_members_no_memory_is_taken_again()
    {
        using var original = new DistinctMembers(1_000, isGrouped: true, null, _ => { });
        AddToGroups(original, 0, 1_000, 2);
        var taken = 0L;
        using var distinct = new DistinctMembers(1_100, isGrouped: true, original.Copied(1_000), bytes => taken += bytes);

        AddToGroups(distinct, 0, 1_100, 2);

        Assert.Equal((1_100, 400), (distinct.Total, taken)); // four bytes for each of the others
    }

    [Theory]
    [InlineData(true, 1, 65, 65 * 2)]
    [InlineData(true, 255, 65, 65 * 2)]
    [InlineData(true, 256, 65, 65 * 4)]
    [InlineData(true, 1, 1_000, 100 * 2)] // no more than there are
    [InlineData(false, 1, 64, 8)]
    [InlineData(false, 1, 65, 16)]
    [InlineData(false, 1, 1_000, 16)]
    public void A_copy_takes_memory_for_the_members_that_were_added(bool isGrouped, int groups, int members, int bytes)
    {
        using var distinct = new DistinctMembers(100, isGrouped, null, _ => { });
        distinct.Add([0], isGrouped ? [0] : [], [0], groups);

        Assert.Equal(200 + bytes + 8 + (8 * groups), distinct.Copied(members).Bytes);
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
