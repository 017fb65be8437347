namespace Bioscope.Server.Operations;

/// <summary>
/// Gives memory back to the machine once a load is over. The runtime collects when something is allocated, so a server that has nothing
/// to do would keep what its busiest hour took, for days.
/// </summary>
internal sealed class IdleMemory(TimeProvider clock) : BackgroundService
{
    private const long MegaByte = 1024 * 1024;

    // Probes and scrapes of a minute allocate less.
    private const long QuietBytes = 16 * MegaByte;

    // What is worth a pause of some tens of milliseconds in which nobody waits.
    private const long MinAllocatedSince = 64 * MegaByte;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (looked, collected) = (GC.GetTotalAllocatedBytes(), 0L);
        using var timer = new PeriodicTimer(Interval, clock);
        while (await NextAsync(timer, stoppingToken))
        {
            var allocated = GC.GetTotalAllocatedBytes();
            if (IsDue(allocated - looked, allocated - collected))
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                allocated = collected = GC.GetTotalAllocatedBytes();
            }

            looked = allocated;
        }
    }

    /// <summary>Whether it is worth to collect now.</summary>
    /// <param name="sinceLook">Bytes that were allocated in the last minute.</param>
    /// <param name="sinceCollection">Bytes that were allocated since it was done last.</param>
    public static bool IsDue(long sinceLook, long sinceCollection) => sinceLook < QuietBytes && sinceCollection >= MinAllocatedSince;

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
