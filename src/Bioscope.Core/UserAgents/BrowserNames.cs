using System.Buffers;

namespace Bioscope.Core;

/// <summary>
/// The parts of a text in which phones, apps and browsers describe themselves. A crawler's word in such a part is a coincidence: the
/// phones HTC <i>Butterfly</i> and View<i>Sonic</i>, or a system build that the list takes for a scraper.
/// </summary>
internal static class BrowserNames
{
    /// <summary>How such a part begins, and the character that closes it; null when it is only these words.</summary>
    private static readonly (string Opening, char? Closing)[] Parts =
    [
        // "(Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv)" and "Instagram 406.0 Android (35/15; 480dpi; … OPPO; CPH2557)": the
        // maker chooses model and build. The list contains this very build, which millions of OPPO and OnePlus phones send.
        ("Android", ')'),
        // "[FBAN/FB4A;FBCR/a carrier;FBDV/a model]": the same in Facebook's apps.
        ("[FB", ']'),
        // Facebook's browser on Android since 2025 (IAB: in-app browser). Its link previews say facebookexternalhit.
        ("MetaIAB Facebook", null),
        // A browser for people, by the makers of "Sogou web spider".
        ("SogouMobileBrowser", null),
        ("SogouMSE", null),
        ("SogouSearch", null),
    ];

    private static readonly SearchValues<string> Openings =
        SearchValues.Create([.. Parts.Select(part => part.Opening)], StringComparison.Ordinal);

    // Some crawlers write their name between the names of the phone that they imitate.
    private static readonly SearchValues<string> SignsOfCrawlers =
        SearchValues.Create(["bot", "Bot", "rawl", "pider", "http"], StringComparison.Ordinal);

    /// <summary>Finds the first such part between <paramref name="start"/> and <paramref name="end"/> (exclusive).</summary>
    public static bool TryFindFirst(ReadOnlySpan<char> text, out int start, out int end)
    {
        end = 0;
        while (true)
        {
            var distance = text[end..].IndexOfAny(Openings);
            start = end + distance;
            // A part without its closing bracket does not count, and no later part can have the same closing bracket.
            if (distance < 0 || LengthOf(text[start..]) is not (> 0 and var length))
            {
                return false;
            }

            end = start + length;
            if (!text[start..end].ContainsAny(SignsOfCrawlers))
            {
                return true;
            }
        }
    }

    // 0 where its closing bracket is missing. The part begins with one of the openings.
    private static int LengthOf(ReadOnlySpan<char> part)
    {
        var i = 0;
        while (!part.StartsWith(Parts[i].Opening, StringComparison.Ordinal))
        {
            i++;
        }

        var (opening, closing) = Parts[i];
        return closing is { } character ? part.IndexOf(character) + 1 : opening.Length;
    }
}
