using System.Text;
using Bioscope.Bench.Data;
using Bioscope.Bench.Measures;
using Bioscope.Bench.Processes;
using Bioscope.Core;

namespace Bioscope.Bench.Load;

/// <summary>Sessions as browsers of human visitors report them, to pages by their popularity, with tokens that hold now and for five minutes more.</summary>
internal static class Posts
{
    public const string Path = "/api/v1/analytics/session";
    private const int Count = 10_000;

    private static readonly string[] Referrers =
    [
        "https://l.instagram.com/?u=https%3A%2F%2Fbio.example%2Fshop%3Futm_source%3Dig_profile&e=AT0aBcDeFgHiJkLmNoPqRsTuVwXyZ",
        "https://www.tiktok.com/", "https://www.youtube.com/", "https://t.co/a1b2c3", "",
    ];

    /// <summary>Sessions of pages that are picked as often as they have sessions.</summary>
    public static LoadFile Make(Population population) =>
        Make(population, [.. ZipfThroughput.Picks(population).Take(Count).Select(index => population.Pages[index])]);

    /// <summary>Sessions of one page.</summary>
    public static LoadFile Make(Population population, BenchPage page) => Make(population, Enumerable.Repeat(page, Count));

    private static LoadFile Make(Population population, IEnumerable<BenchPage> pages)
    {
        var (secret, now) = (Encoding.UTF8.GetBytes(ServerProgram.HmacSecret), TimeProvider.System.GetUtcNow());
        var tokens = population.Pages.ToDictionary(page => page, page => TrackingToken.Create(secret, page.Id, now));
        return LoadFile.Posts([.. pages.Select((page, i) => new LoadRequest(
            "POST",
            Path,
            Body: $$"""
                {"visitorId":"visitor-{{page.Rank}}-{{i}}","consentAnalytics":"granted","bioPageId":"{{page.Id}}","trackingToken":"{{tokens[page]}}","referrer":"{{Referrers[i % Referrers.Length]}}","url":"https://bio.example/@creator?utm_source=profile&utm_medium=social","timezone":"Europe/Berlin","language":"de-DE"}
                """))]);
    }
}
