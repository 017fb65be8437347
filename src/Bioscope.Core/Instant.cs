using System.Globalization;

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

    /// <summary>The instant as JSON and the log have it: <c>2026-04-01T14:00:00.000Z</c>.</summary>
    public static string ToText(this DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
