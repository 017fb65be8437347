namespace Bioscope.Core;

/// <summary>The period that one rollup covers: whole hours, days or months in UTC.</summary>
public enum Grain
{
    /// <summary>60 minutes.</summary>
    Hour,

    /// <summary>A calendar day.</summary>
    Day,

    /// <summary>A calendar month.</summary>
    Month,
}

/// <summary>The boundaries of buckets.</summary>
public static class Grains
{
    /// <summary>The start of the bucket that contains the instant.</summary>
    public static DateTimeOffset Floor(this Grain grain, DateTimeOffset instant)
    {
        var utc = instant.UtcDateTime;
        return grain switch
        {
            Grain.Hour => new DateTimeOffset(utc.Date.AddHours(utc.Hour), TimeSpan.Zero),
            Grain.Day => new DateTimeOffset(utc.Date, TimeSpan.Zero),
            Grain.Month => new DateTimeOffset(utc.Year, utc.Month, 1, 0, 0, 0, TimeSpan.Zero),
            _ => throw new ArgumentOutOfRangeException(nameof(grain), grain, null),
        };
    }

    /// <summary>The start of the bucket after the one that starts at <paramref name="bucket"/>.</summary>
    public static DateTimeOffset Next(this Grain grain, DateTimeOffset bucket) => grain switch
    {
        Grain.Hour => bucket.AddHours(1),
        Grain.Day => bucket.AddDays(1),
        Grain.Month => bucket.AddMonths(1),
        _ => throw new ArgumentOutOfRangeException(nameof(grain), grain, null),
    };

    /// <summary>The first start of a bucket at or after the instant.</summary>
    public static DateTimeOffset Ceiling(this Grain grain, DateTimeOffset instant) =>
        grain.Floor(instant) is var start && start == instant ? start : grain.Next(start);
}
