using BenchmarkDotNet.Attributes;
using Bioscope.Core;

namespace Bioscope.Micro;

/// <summary>What each session pays for being told a person from a crawler, and a phone from a desktop.</summary>
[MemoryDiagnoser]
public class UserAgentBenchmarks
{
    private static readonly Dictionary<string, string> Texts = new()
    {
        ["phone"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
        ["in-app"] = "Mozilla/5.0 (Linux; Android 14; SM-S928B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
            + "Chrome/125.0.6422.165 Mobile Safari/537.36 Instagram 334.0.0.42.95 Android (34/14; 480dpi; 1080x2120; samsung; SM-S928B; e3q; qcom; en_US; 606000000)",
        ["excused"] = "Mozilla/5.0 (Linux; Android 15; CPH2581 Build/AP3A.240617.008) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.7390.122 Mobile Safari/537.36",
        ["desktop"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
        ["crawler"] = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        // Beginnings of listed words over and over, and as many names of phones as fit, each with a listed word in it.
        ["hostile 8k"] = string.Concat(Enumerable.Repeat("Googlebo bingbo facebookexternalhi Sogo ", 205)),
        ["hostile words"] = "VKiOS " + string.Concat(Enumerable.Repeat("Barcelon FB_IA MicroMessenge SamsungBrowse OP iPhon Androi Windows N ", 128)),
        ["hostile names"] = string.Concat(Enumerable.Repeat("Android Sonic)[FB Fever]SogouMSE", 256)),
    };

    private string text = "";

    [Params("phone", "in-app", "excused", "desktop", "crawler", "hostile 8k", "hostile words", "hostile names")]
    public string Sender { get; set; } = "";

    [GlobalSetup]
    public void Choose() => text = Texts[Sender];

    [Benchmark]
    public bool IsBot() => UserAgent.IsBot(text);

    [Benchmark]
    public DeviceClass? Device() => UserAgent.Device(text);

    /// <summary>What a session pays: whether it is kept, and all facts.</summary>
    [Benchmark]
    public (bool Bot, UserAgentFacts Facts) IsBotAndFacts() => (UserAgent.IsBot(text), UserAgent.Facts(text));
}
