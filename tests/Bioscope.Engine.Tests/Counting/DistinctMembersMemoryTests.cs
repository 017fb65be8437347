using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class DistinctMembersMemoryTests
{
    // A bit for each member, or two numbers of groups.
    [Theory]
    [InlineData(false, 1_000, 125)]
    [InlineData(true, 1_000, 4_000)]
    [InlineData(false, 0, 0)]
    [InlineData(true, 0, 0)]
    public void Memory_is_taken_for_each_member_and_given_back(bool isGrouped, int members, long bytes)
    {
        var taken = new List<long>();
        new DistinctMembers(members, isGrouped, null, taken.Add).Dispose();

        Assert.Equal([bytes, -bytes], taken);
    }

    [Theory]
    [InlineData(false, 64, 125 - 8)]
    [InlineData(true, 64, 4_000 - (4 * 64))]
    public void No_memory_is_taken_for_members_that_are_known(bool isGrouped, int known, long bytes)
    {
        using var before = new DistinctMembers(known, isGrouped, null, _ => { });
        var taken = new List<long>();
        new DistinctMembers(1_000, isGrouped, before.Copied(known), taken.Add).Dispose();

        Assert.Equal([bytes, -bytes], taken);
    }
}
