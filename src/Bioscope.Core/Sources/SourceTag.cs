namespace Bioscope.Core;

/// <summary>What a tag such as <c>utm_source</c> names.</summary>
/// <param name="Name">The known source's name, else the tag itself.</param>
/// <param name="Known">The known source, if it is one.</param>
/// <param name="IsPaid">Whether the tag says that the visit was paid, as <c>fb-ads</c> does.</param>
internal sealed record TagSource(string Name, KnownSource? Known, bool IsPaid);

/// <summary>Reads tags as people and programs write them: names, aliases, domains, addresses and packages, in any case.</summary>
internal static class SourceTag
{
    /// <summary>More words than a name with all that may stand around it has.</summary>
    private const int MaxWords = 8;

    /// <summary>What reports show where there is no source, and what programs write for it.</summary>
    private static readonly string[] Nothing = ["(direct)", "direct", "(none)", "none", "(not set)", "null", "undefined"];

    private static readonly HashSet<string> Paid =
    [
        "ads", "ad", "adv", "advert", "adverts", "paid", "cpc", "ppc", "cpm", "sponsored", "promoted", "boost", "boosted", "retargeting",
        "remarketing",
    ];

    /// <summary>Where in a network the link stands: <c>instagram_bio</c>, <c>ig_story</c>, <c>Facebook_Mobile_Feed</c>.</summary>
    private static readonly HashSet<string> Places =
    [
        "account", "app", "bio", "biolink", "broadcast", "business", "button", "caption", "channel", "column", "comment", "comments",
        "community", "copy", "desc", "description", "desktop", "direct", "dm", "dms", "embed", "explore", "feed", "group", "groups",
        "highlight", "highlights", "in", "instream", "link", "linkinbio", "links", "live", "main", "message", "mobile", "official",
        "organic", "page", "pages", "personal", "post", "posts", "profile", "reel", "reels", "referral", "right", "search", "share",
        "sharing", "sheet", "short", "shorts", "site", "social", "status", "stories", "story", "video", "videos", "web", "website",
    ];

    /// <summary>The same without a separator: <c>fbads</c>, <c>igstory</c>. Only words that end no other word by chance.</summary>
    private static readonly string[] Endings =
        ["ads", "paid", "cpc", "ppc", "bio", "story", "stories", "reels", "shorts", "profile", "feed"];

    private static SourceList List => SourceList.Embedded;

    /// <returns>Null for a tag that says nothing.</returns>
    public static TagSource? Of(string? tag)
    {
        var text = Decoded(tag ?? "");
        if (text.Length == 0 || Nothing.Contains(text, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        return OfAddress(text) ?? OfAlias(text) ?? new TagSource(text, null, false);
    }

    /// <summary>A tag that was percent-encoded once or twice too often.</summary>
    private static string Decoded(string text)
    {
        for (var times = 0; times < 2 && text.Contains('%', StringComparison.Ordinal); times++)
        {
            text = QueryText.Decode(text);
        }

        return text.Trim(' ', '"', '\'', '\t', '\n', '\r', '\0');
    }

    /// <summary>An address names its domain, known or not; text that only looks like a domain has to be a known one.</summary>
    private static TagSource? OfAddress(string text)
    {
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        var isAddress = hasScheme || text.StartsWith("//", StringComparison.Ordinal);
        if (!isAddress && (!text.Contains('.', StringComparison.Ordinal) || text.Contains(' ', StringComparison.Ordinal)))
        {
            return null;
        }

        if (!isAddress && SourceName.Of(text) is { } app)
        {
            return new TagSource(app.Name, app, false);
        }

        var domain = Referrer.Domain(hasScheme ? text : "https://" + text.TrimStart('/'));
        return domain is null ? null
            : SourceName.Of(domain) is { } known ? new TagSource(known.Name, known, false)
            : isAddress ? new TagSource(domain, null, false)
            : null;
    }

    /// <summary>The longest run of words that is an alias, where only words that may stand around one stand around it.</summary>
    private static TagSource? OfAlias(string text)
    {
        var words = Words(text);
        for (var length = words.Count; length > 0; length--)
        {
            for (var start = 0; start + length <= words.Count; start++)
            {
                var around = words.Where((_, i) => i < start || i >= start + length).ToList();
                if (!around.TrueForAll(word => Paid.Contains(word) || Places.Contains(word)))
                {
                    continue;
                }

                var key = string.Concat(words.Skip(start).Take(length));
                var isPaid = around.Exists(Paid.Contains);
                if ((Known(key, isPaid) ?? (length == 1 ? OfOneWord(key, isPaid) : null)) is { } known)
                {
                    return known;
                }
            }
        }

        return null;
    }

    private static TagSource? OfOneWord(string word, bool isPaid)
    {
        foreach (var ending in Endings)
        {
            if (word.Length > ending.Length && word.EndsWith(ending, StringComparison.Ordinal)
                && Known(word[..^ending.Length], isPaid || Paid.Contains(ending)) is { } known)
            {
                return known;
            }
        }

        return null;
    }

    private static TagSource? Known(string key, bool isPaid) =>
        List.Tags.TryGetValue(key, out var known) ? new TagSource(known.Name, known, isPaid)
        : List.PaidTags.TryGetValue(key, out known) ? new TagSource(known.Name, known, true)
        : null;

    /// <summary>The runs of letters and digits, in lower case; none when there are too many to be a name.</summary>
    private static List<string> Words(string text)
    {
        List<string> words = [];
        for (var i = 0; i < text.Length; i++)
        {
            var start = i;
            while (i < text.Length && char.IsLetterOrDigit(text[i]))
            {
                i++;
            }

            if (i > start)
            {
                words.Add(text[start..i].ToLowerInvariant());
            }
        }

        return words.Count <= MaxWords ? words : [];
    }
}
