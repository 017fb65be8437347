using Bioscope.Engine.Counting;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class KnownMembersTests
{
    private const int Members = 100;

    // Groups stand in bytes, in larger numbers, and from 65,534 on among pairs. Without groups there are bits.
    [Theory]
    [InlineData(true, 5)]
    [InlineData(true, 255)]
    [InlineData(true, 256)]
    [InlineData(true, 257)]
    [InlineData(true, 65_538)]
    [InlineData(false, 1)]
    public void Each_member_is_known_in_its_groups_only(bool isGrouped, int groups)
    {
        int[] asked = [.. Enumerable.Range(0, groups).Skip(groups - 6)];
        Gen.Select(Gen.Int[asked[0], asked[^1]], Gen.Int[0, Members - 1]).Array[0, 300].Sample(
            pairs =>
            {
                var known = KnownOf(pairs, isGrouped, groups);

                Assert.All(Enumerable.Range(0, Members), member =>
                {
                    Assert.Equal(pairs.Any(pair => pair.Item2 == member), known.Has(member));
                    Assert.All(asked, group => Assert.Equal(pairs.Contains((group, member)), known.Has(group, member)));
                });
                Assert.Equal(pairs.Select(pair => pair.Item2).Distinct().Count(), known.Total);
                Assert.Equal(groups, known.Counts.Length);
                Assert.All(asked, group => Assert.Equal(pairs.Distinct().Count(pair => pair.Item1 == group), known.Counts[group]));
            },
            iter: groups > 1_000 ? 10 : 50);
    }

    [Theory]
    [InlineData(true, 1, Members)]
    [InlineData(true, 256, Members)]
    [InlineData(false, 1, 128)] // a bit for each, in words of 64
    public void It_says_how_many_members_it_may_know(bool isGrouped, int groups, int members) =>
        Assert.Equal(members, KnownOf([], isGrouped, groups).MemberCount);

    // Besides 200 bytes for itself: what a member takes, the one place for further pairs, and a count for each group.
    [Theory]
    [InlineData(true, 1, (2 * Members) + 8 + 8)]
    [InlineData(true, 255, (2 * Members) + 8 + (8 * 255))]
    [InlineData(true, 256, (4 * Members) + 8 + (8 * 256))]
    [InlineData(false, 1, 16 + 8 + 8)]
    public void Its_memory_is_that_of_members_pairs_and_counts(bool isGrouped, int groups, long bytes) =>
        Assert.Equal(200 + bytes, KnownOf([], isGrouped, groups).Bytes);

    [Fact]
    public void What_is_counted_afterwards_does_not_change_it()
    {
        using var members = new DistinctMembers(Members, isGrouped: true, null, _ => { });
        members.Add([0, 1, 2], [0, 1, 2], [7, 7, 7], 3); // the third group of a member is among pairs
        var known = members.Copied(Members);
        members.Add([0, 1], [3, 0], [7, 8], 4);

        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(group => known.Has(group, 7)));
        Assert.Equal((false, 1), (known.Has(8), known.Total));
        Assert.Equal([1, 1, 1], known.Counts.ToArray());
    }

    private static KnownMembers KnownOf((int Group, int Member)[] pairs, bool isGrouped, int groups)
    {
        using var members = new DistinctMembers(Members, isGrouped, null, _ => { });
        members.Add(
            [.. Enumerable.Range(0, pairs.Length)], isGrouped ? [.. pairs.Select(pair => pair.Group)] : [], [.. pairs.Select(pair => pair.Member)], groups);
        return members.Copied(Members);
    }
}
