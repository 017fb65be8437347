namespace Bioscope.Core;

/// <summary>What <c>utm_medium</c> says about the channel, as Google Analytics' default channel groups read it.</summary>
internal static class UtmMedium
{
    private static readonly HashSet<string> Banners = ["display", "banner", "banners", "expandable", "interstitial", "programmatic"];

    private static readonly HashSet<string> Advertisements =
    [
        "cpc", "ppc", "cpa", "cpv", "cpl", "cpi", "cpe", "cpp", "cpm", "cpcv", "ppv", "ads", "ad", "advert", "adverts", "advertising",
        "retargeting", "remarketing", "sponsored", "promoted", "boosted", "sem",
    ];

    /// <summary>A medium by its words joined, where it says nothing about payment.</summary>
    private static readonly Dictionary<string, string> Whole = Table(
        (Channel.CrossNetwork, "crossnetwork"),
        (Channel.Affiliates, "affiliate affiliates affiliation"),
        (Channel.Email, "email emails mail mailing newsletter newsletters emailnewsletter emailmarketing edm autoresponder"),
        (Channel.Sms, "sms mms textmessage"),
        (Channel.Audio, "audio podcast podcasts"),
        (Channel.OrganicSocial, "sm smm"),
        (Channel.Messengers, "messenger messengers messaging chat im"),
        (Channel.Assistants, "ai llm aiassistant aiassistants"),
        (Channel.OrganicShopping, "shopping organicshopping"));

    /// <summary>A medium that says no more than that nobody paid: a known source's own channel is more exact.</summary>
    private static readonly Dictionary<string, string> Vague = Table(
        (Channel.OrganicSearch, "organic organicsearch search seo"),
        (Channel.Referral, "referral referrer link app"));

    /// <param name="medium">As stored.</param>
    /// <param name="own">The channel of the source, if the source is known.</param>
    /// <returns>Null when the medium says nothing about a channel.</returns>
    public static string? ChannelOf(string? medium, string? own)
    {
        if (string.IsNullOrEmpty(medium))
        {
            return null;
        }

        var words = Words(medium);
        var whole = string.Concat(words);
        if (words.Any(Banners.Contains))
        {
            return Channel.Display;
        }

        if (IsPaid(words))
        {
            return PaidChannel(words, whole, own);
        }

        return Whole.GetValueOrDefault(whole) ?? ByPart(words, whole)
            ?? (Vague.TryGetValue(whole, out var channel) ? own ?? channel : null);
    }

    /// <summary>"non-paid" and "unpaid" are not.</summary>
    private static bool IsPaid(string[] words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if ((Advertisements.Contains(words[i]) || words[i].StartsWith("paid", StringComparison.Ordinal))
                && (i == 0 || words[i - 1] is not ("non" or "not" or "no")))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The medium's own word (<c>paid_social</c>) before the source's channel. What is paid by the view is a banner, if the source
    /// is none of the three.</summary>
    private static string PaidChannel(string[] words, string whole, string? own) =>
        whole.Contains("social", StringComparison.Ordinal) ? Channel.PaidSocial
        : whole.Contains("search", StringComparison.Ordinal) || words.Contains("sem") ? Channel.PaidSearch
        : whole.Contains("video", StringComparison.Ordinal) ? Channel.PaidVideo
        : Channel.Paid(own) is var paid && whole == "cpm" && paid == Channel.PaidOther ? Channel.Display
        : paid;

    private static string? ByPart(string[] words, string whole) =>
        whole.EndsWith("push", StringComparison.Ordinal) || whole.StartsWith("push", StringComparison.Ordinal)
            || whole.Contains("notification", StringComparison.Ordinal) || words.Contains("mobile") ? Channel.Push
        : words.Any(word => word.StartsWith("social", StringComparison.Ordinal)) ? Channel.OrganicSocial
        : whole.Contains("video", StringComparison.Ordinal) ? Channel.OrganicVideo
        : words.Contains("email") || words.Contains("newsletter") ? Channel.Email
        : words.Contains("affiliate") ? Channel.Affiliates
        : words.Contains("sms") ? Channel.Sms
        : null;

    private static Dictionary<string, string> Table(params (string Channel, string Mediums)[] rows) => rows.SelectMany(
        row => row.Mediums.Split(' ').Select(medium => (medium, row.Channel))).ToDictionary(pair => pair.medium, pair => pair.Channel);

    private static string[] Words(string medium)
    {
        var text = medium.Contains('%', StringComparison.Ordinal) ? QueryText.Decode(medium) : medium;
        return new string([.. text.Select(c => char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
