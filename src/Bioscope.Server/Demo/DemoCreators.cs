using System.Globalization;
using Bioscope.Core;
using static Bioscope.Server.Demo.DemoOrigin;

namespace Bioscope.Server.Demo;

/// <summary>The three creators of the demo: one with traffic from TikTok, one from YouTube, one from a newsletter.</summary>
internal static class DemoCreators
{
    /// <summary>The number of days with traffic.</summary>
    public const int Days = 400;

    public static IReadOnlyList<DemoCreator> All { get; } =
    [
        new DemoCreator
        {
            Handle = "mia.moves",
            Title = "Mia Santos",
            Description = "Twenty-minute workouts for small rooms and long days. No jumping, promise.",
            About = "TikTok: phones, evenings, one post that went viral",
            Seed = 1,
            Sessions = 150_000,
            Weekdays = [0.9, 0.9, 0.95, 1.0, 1.1, 1.25, 1.3],
            PeakHour = 20,
            Growth = 3,
            Viral = [(46, 9.0), (210, 3.5)],
            ReturningShare = 0.18,
            ClickShare = 0.34,
            Origins =
            [
                new(Direct, 19, 11),
                new(By("tiktok-bio") with { App = "TikTok" }, 6, 16),
                new(In("TikTok"), 17, 38),
                new(InPackage("com.zhiliaoapp.musically"), 5, 12),
                new(From("https://www.tiktok.com/"), 3, 8),
                new(At("ttclid=1") with { App = "TikTok" }, 2.4, 1),
                new(At("utm_source=ig&utm_medium=social&utm_content=link_in_bio&fbclid=1") with { App = "Instagram" }, 8, 4),
                new(By("instagram-bio") with { App = "Instagram" }, 3, 2),
                new(By("instagram-story") with { App = "Instagram" }, 2),
                new(By("print"), 0.8),
                new(In("Instagram"), 5, 3),
                new(At("fbclid=1") with { App = "Instagram" }, 2.5, 1.5),
                new(From("https://l.instagram.com/?u=https%3A%2F%2Fbio.example%2Fmia.moves&e=*") with { App = "Instagram" }, 3, 2),
                new(At("utm_source=fb-ads&utm_medium=paid_social&utm_campaign=bands_spring"), 2),
                new(At("fbclid=1"), 1.2),
                new(In("Facebook"), 1.2),
                new(From("https://m.youtube.com/"), 2.4),
                new(From("android-app://com.google.android.youtube/"), 1.2),
                new(In("Snapchat"), 1.6),
                new(In("WhatsApp"), 1.5, 3),
                new(From("android-app://org.telegram.messenger/"), 0.5),
                new(In("Pinterest"), 1.2),
                new(From("https://www.pinterest.com/pin/*/"), 0.6),
                new(From("https://www.google.com/"), 3),
                new(At("gclid=1&utm_campaign=bands_spring"), 0.7),
                new(From("https://duckduckgo.com/"), 0.4),
                new(From("https://www.bing.com/"), 0.4),
                new(At("utm_source=chatgpt.com") with { Referrer = "https://chatgpt.com/" }, 0.8),
                new(From("https://t.co/*"), 1.6, 4),
                new(From("https://www.reddit.com/"), 1, 6),
                new(At("utm_source=newsletter&utm_medium=email&utm_campaign=monday_moves"), 1.6),
                new(At("ref=runnersclub"), 0.7),
                new(From("not a url"), 0.1),
                new(From("blog"), 2),
            ],
            Countries = Countries("US 30 GB 9 DE 6 FR 5 BR 8 MX 6 PH 5 ID 5 CA 4 AU 3 ES 3 IT 3 NL 2 PL 2 SE 1 TR 2 IN 4 JP 1 ? 1"),
            Devices = Devices(mobile: 91, tablet: 3, desktop: 6),
            Links =
            [
                ("My 20-minute workouts", "https://example.com/workouts"),
                ("Shop: resistance bands", "https://shop.example/bands"),
                ("YouTube", "https://www.youtube.com/@mia.moves"),
                ("Free meal plan", "https://example.com/meal-plan"),
                ("Book a session", "https://cal.example/mia"),
            ],
            Placements =
            [
                ("tiktok-bio", "TikTok", "TikTok bio"),
                ("instagram-bio", "Instagram", "Instagram bio"),
                ("instagram-story", "Instagram", "Instagram story"),
                ("print", "Print", "Studio poster"),
            ],
        },
        new DemoCreator
        {
            Handle = "leo.builds",
            Title = "Leo Brandt Builds",
            Description = "Furniture from scrap wood, one video every Friday. All plans are free.",
            About = "YouTube: a video every Friday, search all week",
            Seed = 2,
            Sessions = 100_000,
            Weekdays = [0.8, 0.75, 0.75, 0.8, 1.7, 1.45, 1.1],
            PeakHour = 18,
            Growth = 1.8,
            Viral = [(120, 4.0)],
            ReturningShare = 0.27,
            ClickShare = 0.46,
            Origins =
            [
                new(Direct, 21, 14),
                new(By("youtube"), 6, 9),
                new(By("podcast"), 1.1),
                new(By("print"), 0.3),
                new(At("utm_source=youtube&utm_medium=video&utm_content=description"), 9, 13),
                new(From("https://www.youtube.com/"), 14, 18),
                new(From("https://m.youtube.com/"), 3),
                new(From("android-app://com.google.android.youtube/"), 4),
                new(InPackage("com.google.android.youtube"), 2.5),
                new(From("https://www.google.com/"), 8),
                new(From("https://www.google.de/"), 1.5),
                new(At("gclid=1&utm_campaign=workbench") with { Referrer = "https://www.google.com/" }, 1.4),
                new(In("Google app"), 1.5),
                new(From("https://www.bing.com/"), 1.2),
                new(From("https://duckduckgo.com/"), 1.3),
                new(From("https://search.brave.com/"), 0.4),
                new(From("https://yandex.ru/"), 0.3),
                new(From("https://www.ecosia.org/"), 0.4),
                new(At("utm_source=chatgpt.com") with { Referrer = "https://chatgpt.com/" }, 2.2),
                new(From("https://www.perplexity.ai/"), 0.8),
                new(From("https://gemini.google.com/"), 0.6),
                new(From("https://claude.ai/"), 0.3),
                new(From("https://old.reddit.com/r/woodworking/comments/*/"), 1.2, 9),
                new(From("https://www.reddit.com/"), 2.4, 12),
                new(From("android-app://com.reddit.frontpage/"), 1, 5),
                new(In("Reddit"), 1.4, 5),
                new(From("https://t.co/*"), 1.2),
                new(From("https://news.ycombinator.com/item?id=*"), 0.3, 8),
                new(At("utm_source=ig&utm_medium=social&utm_content=link_in_bio&fbclid=1") with { App = "Instagram" }, 2),
                new(In("Instagram"), 1.6),
                new(In("Facebook"), 0.9),
                new(At("utm_source=patreon&utm_medium=email&utm_campaign=friday_plan"), 1.8),
                new(From("https://www.patreon.com/"), 0.8),
                new(From("https://discord.com/"), 1),
                new(In("Discord"), 0.7),
                new(In("WhatsApp"), 0.8),
                new(At("ref=toolreview"), 0.9),
                new(From("blog"), 3.6),
            ],
            Countries = Countries("US 34 DE 11 GB 9 CA 6 AU 4 NL 4 FR 4 SE 3 PL 3 AT 2 CH 2 IT 2 ES 2 IN 4 BR 2 NO 2 FI 1 JP 1 ? 2"),
            Devices = Devices(mobile: 52, tablet: 7, desktop: 41),
            Links =
            [
                ("Plans for the workbench", "https://example.com/workbench"),
                ("Tools I use", "https://example.com/tools"),
                ("Patreon", "https://www.patreon.com/leobuilds"),
                ("Second channel", "https://www.youtube.com/@leo.builds.more"),
            ],
            Placements =
            [
                ("youtube", "YouTube", "YouTube description"),
                ("podcast", "Podcast", "Workshop podcast"),
                ("print", "Print", "Workshop door"),
            ],
        },
        new DemoCreator
        {
            Handle = "nora.notes",
            Title = "Nora Quinn",
            Description = "A letter every Tuesday about books, work and paying attention.",
            About = "Newsletter: an issue every Tuesday, desktops, loyal readers",
            Seed = 3,
            Sessions = 50_000,
            Weekdays = [0.7, 3.0, 1.5, 0.9, 0.7, 0.35, 0.4],
            PeakHour = 9,
            Growth = 1.4,
            Viral = [(300, 3.0)],
            ReturningShare = 0.44,
            ClickShare = 0.52,
            Origins =
            [
                new(Direct, 23, 15),
                new(By("newsletter"), 5, 3),
                new(By("print"), 0.7),
                new(By("instagram-bio") with { App = "Instagram" }, 0.8),
                new(At("utm_source=newsletter&utm_medium=email&utm_campaign=tuesday_letter"), 19, 11),
                new(
                    At("utm_source=newsletter&utm_medium=email&utm_campaign=tuesday_letter") with { Referrer = "https://mail.google.com/" },
                    5),
                new(From("https://mail.google.com/"), 6),
                new(From("android-app://com.google.android.gm/"), 4),
                new(From("https://outlook.live.com/"), 2.5),
                new(From("https://outlook.office.com/"), 2),
                new(In("Outlook"), 1.2),
                new(From("https://mail.yahoo.com/"), 0.9),
                new(At("mc_cid=1"), 1.6),
                new(From("https://nora.substack.com/p/issue-*"), 6, 4),
                new(In("Substack"), 2),
                new(From("https://www.linkedin.com/"), 4, 15),
                new(From("https://lnkd.in/*"), 1.5, 7),
                new(In("LinkedIn"), 3.5, 12),
                new(At("li_fat_id=1&utm_campaign=book_launch"), 0.9),
                new(From("https://t.co/*"), 2, 9),
                new(From("https://bsky.app/"), 1.4, 6),
                new(From("https://mastodon.social/"), 0.6),
                new(At("utm_source=ig&utm_medium=social&utm_content=link_in_bio&fbclid=1") with { App = "Instagram" }, 1.5),
                new(In("Instagram"), 1.1),
                new(From("https://www.facebook.com/"), 0.9),
                new(In("WhatsApp"), 0.8),
                new(From("https://www.google.com/"), 3.2),
                new(At("utm_source=chatgpt.com") with { Referrer = "https://chatgpt.com/" }, 1.2),
                new(From("https://www.perplexity.ai/"), 0.5),
                new(At("ref=paperletters"), 1.6),
                new(From("blog"), 2.4),
            ],
            Countries = Countries("GB 26 US 24 IE 6 DE 7 NL 5 FR 4 DK 3 SE 3 NO 2 CA 4 AU 4 NZ 2 IN 3 ES 2 CH 2 ? 1"),
            Devices = Devices(mobile: 33, tablet: 6, desktop: 61),
            Links =
            [
                ("Read the latest issue", "https://nora.substack.com/p/latest"),
                ("Subscribe, it is free", "https://nora.substack.com/subscribe"),
                ("My book", "https://shop.example/nora-book"),
            ],
            Placements =
            [
                ("newsletter", "Newsletter", "Newsletter footer"),
                ("instagram-bio", "Instagram", "Instagram bio"),
                ("print", "Print", "Bookmark in the book"),
            ],
        },
    ];

    /// <summary>The long tail: sites that send a visitor now and then.</summary>
    public static IReadOnlyList<string> Blogs { get; } =
    [
        .. from first in (string[])["slow", "daily", "north", "tiny", "good", "paper", "little", "open", "late", "blue"]
           from second in (string[])["kitchen", "workshop", "letters", "garden", "signals", "notebook", "runners", "makers"]
           select $"https://{first}{second}.{(second.Length % 3) switch { 0 => "com", 1 => "blog", _ => "net" }}/links",
        "https://bücher-café.de/empfehlungen",
        "https://日記.jp/",
        "https://xn--mnchen-3ya.de/",
    ];

    /// <summary>Parses <c>US 30 GB 9 ? 1</c>: country codes and weights; <c>?</c> is an unknown country.</summary>
    private static Share<(string Code, string Name)>[] Countries(string weights) =>
        [.. weights.Split(' ').Chunk(2).Select(pair =>
            new Share<(string, string)>((pair[0], CountryName.Of(pair[0]) ?? ""), double.Parse(pair[1], CultureInfo.InvariantCulture)))];

    private static Share<(string Device, string Os, string Browser)>[] Devices(double mobile, double tablet, double desktop) =>
    [
        new(("mobile", "iOS", "Safari"), mobile * 0.55),
        new(("mobile", "Android", "Chrome"), mobile * 0.38),
        new(("mobile", "Android", "Samsung Internet"), mobile * 0.07),
        new(("tablet", "iOS", "Safari"), tablet * 0.8),
        new(("tablet", "Android", "Chrome"), tablet * 0.2),
        new(("desktop", "Windows", "Chrome"), desktop * 0.45),
        new(("desktop", "Windows", "Edge"), desktop * 0.15),
        new(("desktop", "macOS", "Safari"), desktop * 0.2),
        new(("desktop", "macOS", "Chrome"), desktop * 0.1),
        new(("desktop", "Linux", "Firefox"), desktop * 0.1),
    ];
}
