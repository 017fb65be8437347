using BenchmarkDotNet.Attributes;
using Bioscope.Core;

namespace Bioscope.Micro;

/// <summary>
/// What a session's referrer costs. System.Uri is here for scale only: it answers other questions (a third of hostile referrers
/// come out differently from what a browser says), so it is no candidate.
/// </summary>
[MemoryDiagnoser]
public class ReferrerBenchmarks
{
    private static readonly Dictionary<string, string> Referrers = new()
    {
        ["instagram"] = "https://l.instagram.com/?u=https%3A%2F%2Fexample.com%2Fshop%3Futm_source%3Dig&e=AT0aBcDeFgHiJkLmNoPqRsTuVwXyZ",
        ["google"] = "https://www.google.com/",
        ["android-app"] = "android-app://com.instagram.android/",
        ["t.co"] = "https://t.co/abc",
        ["upper case"] = "HTTPS://WWW.Example.COM/",
        ["IDN"] = "https://www.bücher.example/",
        // 8,192 characters each: marks to be sorted, one label of different characters, and the worst one known: a broken-up label
        // whose every character maps to four Punycode digits.
        ["8192 marks"] = "https://a" + string.Concat(Enumerable.Repeat("\u0345\u0334", 4091)),
        ["8192 ideographs"] = "https://" + string.Concat(Enumerable.Range(0x4E00, 8184).Select(i => (char)i).Reverse()),
        ["8192 Punycode"] = "https://ü.xn--" + new string('ⅷ', 8178),
        ["8192 dots"] = "https://" + new string('.', 8184),
    };

    private string _referrer = "";

    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = "";

    public static IEnumerable<string> Names => Referrers.Keys;

    [GlobalSetup]
    public void Choose() => _referrer = Referrers[Name];

    [Benchmark]
    public string? Domain() => Referrer.Domain(_referrer);

    [Benchmark]
    public string? ForStorage() => Referrer.ForStorage(_referrer);

    [Benchmark(Baseline = true, Description = "System.Uri (other answers)")]
    public string? SystemUri() => Uri.TryCreate(_referrer, UriKind.Absolute, out var uri) ? uri.Host : null;
}
