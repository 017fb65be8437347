namespace Bioscope.Server.Operations;

/// <summary>
/// Gives memory back to the system after a load. The runtime collects garbage only when something is allocated, so an idle server would
/// keep the memory of a flood until the next one. So after some quiet minutes everything is collected and given back once, which takes
/// some tens of milliseconds.
/// </summary>
internal sealed class IdleMemory : IHostedService, IDisposable
{
    /// <summary>What is allocated in a minute that counts as busy: some hundred requests a second allocate ten times that.</summary>
    public const long BusyBytes = 32 * 1024 * 1024;

    /// <summary>Minutes without load until memory is given back; by then the windows of most limits are over and swept away.</summary>
    public const int QuietMinutes = 3;

    private readonly Action _giveBack;
    private ITimer? _timer;
    private long _allocated;
    private int _quiet = QuietMinutes; // nothing to give back at the start

    public IdleMemory()
        : this(() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true))
    {
    }

    public IdleMemory(Action giveBack) => _giveBack = giveBack;

    // Real time, also in tests with a fake clock, because this concerns the process.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = TimeProvider.System.CreateTimer(_ => Look(GC.GetTotalAllocatedBytes()), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Looks at a minute that is over.</summary>
    /// <param name="allocated">What was allocated since the start of the process.</param>
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
