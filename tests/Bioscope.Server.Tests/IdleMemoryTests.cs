using Bioscope.Server.Operations;

namespace Bioscope.Server.Tests;

public sealed class IdleMemoryTests
{
    [Fact]
    public void Idle_memory_is_returned_once_per_load()
    {
        var (given, allocated) = (0, 0L);
        using var memory = new IdleMemory(() => given++);
        Minutes(10, 0);
        Assert.Equal(0, given);

        Minutes(5, IdleMemory.BusyBytes);
        Minutes(IdleMemory.QuietMinutes - 1, IdleMemory.BusyBytes - 1);
        Assert.Equal(0, given);
        Minutes(1, 0);
        Assert.Equal(1, given);
        Minutes(100, IdleMemory.BusyBytes - 1);
        Assert.Equal(1, given);

        Minutes(1, IdleMemory.BusyBytes);
        Minutes(100, 0);
        Assert.Equal(2, given);

        void Minutes(int count, long bytes)
        {
            for (var i = 0; i < count; i++)
            {
                memory.Look(allocated += bytes);
            }
        }
    }
}
