using BenchmarkDotNet.Attributes;
using Bioscope.Core;

namespace Bioscope.Micro;

/// <summary>What each session of a bio page pays for the proof that it comes from one.</summary>
[MemoryDiagnoser]
public class TrackingTokenBenchmarks
{
    private readonly byte[] _secret = "an installation's secret of usual length"u8.ToArray();
    private static readonly Guid Page = new("01980000-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);

    private string token = "";

    [Params("now", "the bucket before", "wrong")]
    public string Made { get; set; } = "";

    [GlobalSetup]
    public void Make() => token = Made switch
    {
        "now" => TrackingToken.Create(_secret, Page, Now),
        "the bucket before" => TrackingToken.Create(_secret, Page, Now - TrackingToken.Bucket),
        _ => new string('0', TrackingToken.Length),
    };

    /// <summary>As long for each of them: how near a token comes must not show.</summary>
    [Benchmark]
    public bool IsValid() => TrackingToken.IsValid(_secret, Page, token, Now);

    [Benchmark]
    public string Create() => TrackingToken.Create(_secret, Page, Now);

    [Benchmark]
    public string VisitorHashOf() => VisitorHash.Of(_secret, "f3b1c2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d");
}
