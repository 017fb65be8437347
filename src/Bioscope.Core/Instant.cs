namespace Bioscope.Core;

/// <summary>Instants are UTC with milliseconds everywhere: in JSON, in both databases and in every comparison.</summary>
public static class Instant
{
    /// <summary>The same instant in UTC, truncated to the millisecond.</summary>
    public static DateTimeOffset TruncateToMillisecond(this DateTimeOffset instant)
    {
        var utc = instant.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMillisecond));
    }
}
