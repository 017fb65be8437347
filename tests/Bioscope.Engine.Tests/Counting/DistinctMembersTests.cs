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

    private static Gen<(int Group, int Member)[]> Pairs(int members, int groups, int firstGroup) =>
        Gen.Select(Gen.Int[0, groups - 1], Gen.Int[0, 40], (group, i) => (group + firstGroup, (int)((long)i * (members - 1) / 40))).Array[0, 700];
}
