using System.Globalization;
using Bioscope.Core;

namespace Bioscope.Bench.Data;

/// <summary>A referrer as a browser sends it, a <c>*</c> for what differs from visit to visit, and the domain it counts under.</summary>
internal sealed record Origin(string? Referrer, string? Domain);

/// <summary>A device and what runs on it.</summary>
internal sealed record Machine(string Device, string Os, string Browser);

/// <summary>Where the visits of the data set come from: some sixty domains with a long tail, forty countries, the usual devices.</summary>
internal static class Origins
{
    private const double Direct = 35;

    private static readonly (string Referrer, double Weight)[] Known =
    [
        ("https://l.instagram.com/?u=https%3A%2F%2Fbio.example%2Fshop%3Futm_source%3Dig_profile&e=AT0*", 14),
        ("https://www.instagram.com/", 6),
        ("android-app://com.instagram.android/", 2),
        ("https://www.tiktok.com/", 9),
        ("android-app://com.zhiliaoapp.musically/", 3),
        ("https://www.youtube.com/", 6),
        ("https://m.youtube.com/watch?v=*", 3),
        ("https://www.google.com/", 5),
        ("https://t.co/*", 3),
        ("https://lm.facebook.com/l.php?u=https%3A%2F%2Fbio.example%2Fshop&h=AT1*", 2.5),
        ("https://www.facebook.com/", 1.5),
        ("https://www.pinterest.com/pin/*/", 1.2),
        ("https://www.reddit.com/r/*/comments/*/", 1.1),
        ("https://www.linkedin.com/", 0.8),
        ("https://www.snapchat.com/add/*", 0.6),
        ("https://www.bing.com/search?q=*", 0.5),
        ("https://duckduckgo.com/", 0.5),
        ("https://www.twitch.tv/*", 0.4),
        ("https://discord.com/channels/*", 0.3),
        ("https://mail.google.com/", 0.3),
    ];

    private static readonly (Origin Origin, double Weight)[] All =
    [
        (new Origin(null, null), Direct),
        .. Known.Select(known => (Of(known.Referrer), known.Weight)),
        .. Blogs().Select((blog, i) => (Of(blog), 2.0 / (i + 1))),
    ];

    public static Weighted<Origin> Referrers { get; } = new(All);

    /// <summary>Each referrer domain that occurs.</summary>
    public static IReadOnlyList<string> Domains { get; } = [.. All.Select(origin => origin.Origin.Domain).OfType<string>().Distinct()];

    public static Weighted<(string Code, string? Name)> Countries { get; } = new(
        ("US 260 BR 80 GB 75 DE 70 IN 60 FR 50 MX 45 ID 40 PH 35 CA 35 TR 30 IT 30 ES 30 AU 25 NL 22 PL 20 JP 20 AR 18 CO 15 SE 12 "
            + "PT 12 BE 10 CH 10 AT 10 CL 9 ZA 9 NG 8 EG 8 SA 7 AE 7 DK 7 NO 7 FI 6 IE 6 RO 6 CZ 5 GR 5 HU 4 KE 4 NZ 4")
        .Split(' ').Chunk(2)
        .Select(pair => ((pair[0], CountryName.Of(pair[0])), double.Parse(pair[1], CultureInfo.InvariantCulture))));

    public static Weighted<Machine> Machines { get; } = new(
    [
        (new("mobile", "iOS", "Safari"), 38),
        (new("mobile", "Android", "Chrome"), 32),
        (new("mobile", "Android", "Samsung Internet"), 6),
        (new("tablet", "iOS", "Safari"), 3),
        (new("tablet", "Android", "Chrome"), 1),
        (new("desktop", "Windows", "Chrome"), 9),
        (new("desktop", "Windows", "Edge"), 3),
        (new("desktop", "macOS", "Safari"), 4),
        (new("desktop", "macOS", "Chrome"), 2),
        (new("desktop", "Linux", "Firefox"), 2),
    ]);

    private static Origin Of(string referrer) => new(referrer, Referrer.Domain(referrer.Replace('*', '0')));

    private static IEnumerable<string> Blogs() =>
        from first in (string[])["slow", "daily", "north", "tiny", "good"]
        from second in (string[])["kitchen", "workshop", "letters", "garden", "signals", "notebook", "runners", "makers"]
        select $"https://{first}{second}.example/links/*";
}
