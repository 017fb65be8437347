using Bioscope.Server.Operations;

namespace Bioscope.Server.Tests;

public sealed class IdleMemoryTests
{
    private const long MegaByte = 1024 * 1024;

    [Theory]
    [InlineData(1, 100, true)]
    [InlineData(15, 64, true)]
    [InlineData(16, 1_000, false)] // busy
    [InlineData(1, 63, false)] // not worth it
    [InlineData(0, 0, false)]
    public void Memory_is_given_back_in_a_quiet_minute_after_a_load(long sinceLook, long sinceCollection, bool isDue) =>
        Assert.Equal(isDue, IdleMemory.IsDue(sinceLook * MegaByte, sinceCollection * MegaByte));
}
