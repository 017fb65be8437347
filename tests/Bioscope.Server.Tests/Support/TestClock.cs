using Microsoft.Extensions.Time.Testing;

namespace Bioscope.Server.Tests.Support;

/// <summary>A clock that tests move: forward, as time does, or in a step, as an operator or a time server does.</summary>
internal sealed class TestClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private long _stepped;

    /// <summary>Sets the time of day only; the monotonic clock is unaffected.</summary>
    public void StepTo(DateTimeOffset time)
    {
        _stepped += (time - GetUtcNow()).Ticks;
        AdjustTime(time);
    }

    public override long GetTimestamp() => base.GetTimestamp() - _stepped;
}
