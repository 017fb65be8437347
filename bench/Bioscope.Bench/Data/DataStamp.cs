using System.Text.Json;
using Bioscope.Bench.Results;

namespace Bioscope.Bench.Data;

/// <summary>What stands beside loaded data: how they were made and how long that took. Written last, so that where it is the data are whole.</summary>
internal sealed record DataStamp(double Scale, DateTimeOffset MadeAt, int Sessions, double LoadSeconds)
{
    private const string FileName = "stamp.json";

    /// <summary>Counts up when the data set is made differently, so that older data are not taken for it.</summary>
    public int Version { get; init; } = Current;

    /// <summary>How long <c>bioscope rebuild</c> took, with which migrations; null while it was not run.</summary>
    public double? RebuildSeconds { get; init; }

    public string? RebuiltBy { get; init; }

    /// <summary>How long a server took to make all segments, which it does by itself; null where there are none.</summary>
    public double? SegmentSeconds { get; init; }

    /// <summary>The most memory that the server had when it sealed all of it, in bytes; null when a command did it.</summary>
    public long? SealingMemory { get; init; }

    /// <summary>What the server sealed when it was started in a later hour, and how long that took.</summary>
    public long? HourRows { get; init; }

    public long? HourMilliseconds { get; init; }

    private const int Current = 1;

    public bool IsUsable(double scale, DateTimeOffset now, TimeSpan maxAge) => Version == Current && Scale.Equals(scale) && now - MadeAt < maxAge;

    public static DataStamp? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), BenchJson.Default.DataStamp) : null;
    }

    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, BenchJson.Default.DataStamp));
}
