namespace Bioscope.Server.Operations;

/// <summary>
/// Returns memory to the system after a load. The runtime collects garbage only when something is allocated, so an idle server would keep
/// the memory of a flood until the next one. After several quiet minutes, everything is collected and returned once, which takes tens of
/// milliseconds.
/// </summary>
internal sealed class IdleMemory : IHostedService, IDisposable
{
    /// <summary>Allocations per minute that count as busy: some hundred requests per second allocate ten times that.</summary>
    public const long BusyBytes = 32 * 1024 * 1024;

    /// <summary>Minutes without load until memory is returned; by then most windows of rate limits have expired and were removed.</summary>
    public const int QuietMinutes = 3;

    private readonly Action _giveBack;
    private ITimer? _timer;
    private long _allocated;
    private int _quiet = QuietMinutes; // nothing to return at the start

    public IdleMemory()
        : this(() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true))
    {
    }

    public IdleMemory(Action giveBack) => _giveBack = giveBack;

    // Real time, also in tests with a fake clock, because this concerns the process.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = TimeProvider.System.CreateTimer(
            _ => Look(GC.GetTotalAllocatedBytes()), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Evaluates the minute that has just ended.</summary>
    /// <param name="allocated">Bytes allocated since the start of the process.</param>
    public void Look(long allocated)
    {
        _quiet = allocated - _allocated >= BusyBytes ? 0 : _quiet + 1;
        _allocated = allocated;
        if (_quiet == QuietMinutes)
        {
            _giveBack();
        }
    }

    public void Dispose() => _timer?.Dispose();
}
