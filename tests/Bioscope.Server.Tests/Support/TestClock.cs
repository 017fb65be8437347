using Microsoft.Extensions.Time.Testing;

namespace Bioscope.Server.Tests.Support;

/// <summary>A clock that tests move: on, as time does, or by a step, as an operator or a time server does.</summary>
internal sealed class TestClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private long _stepped;

    /// <summary>Sets the time of day only; the monotonic clock does not notice.</summary>
    public void StepTo(DateTimeOffset time)
    {
        _stepped += (time - GetUtcNow()).Ticks;
        AdjustTime(time);
    }

    public override long GetTimestamp() => base.GetTimestamp() - _stepped;
}
