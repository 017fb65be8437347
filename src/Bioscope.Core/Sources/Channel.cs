namespace Bioscope.Core;

/// <summary>The kinds of traffic: Google Analytics' default channel groups, and two of our own (assistants and messengers).</summary>
public static class Channel
{
    /// <summary>Nothing says where the visit came from.</summary>
    public const string Direct = "Direct";

    /// <summary>A search engine's results that nobody paid for.</summary>
    public const string OrganicSearch = "Organic Search";

    /// <summary>A social network without payment.</summary>
    public const string OrganicSocial = "Organic Social";

    /// <summary>A video site without payment.</summary>
    public const string OrganicVideo = "Organic Video";

    /// <summary>A shop or market place without payment.</summary>
    public const string OrganicShopping = "Organic Shopping";

    /// <summary>An assistant such as ChatGPT.</summary>
    public const string Assistants = "AI Assistants";

    /// <summary>A messenger such as WhatsApp.</summary>
    public const string Messengers = "Messengers";

    /// <summary>A letter, or the site or app that shows it.</summary>
    public const string Email = "Email";

    /// <summary>A text message.</summary>
    public const string Sms = "SMS";

    /// <summary>Any other site, also one that is not known.</summary>
    public const string Referral = "Referral";

    /// <summary>A search engine's advertisement.</summary>
    public const string PaidSearch = "Paid Search";

    /// <summary>A social network's advertisement.</summary>
    public const string PaidSocial = "Paid Social";

    /// <summary>A video site's advertisement.</summary>
    public const string PaidVideo = "Paid Video";

    /// <summary>Any other advertisement that was paid by the click.</summary>
    public const string PaidOther = "Paid Other";

    /// <summary>A banner.</summary>
    public const string Display = "Display";

    /// <summary>A partner's link.</summary>
    public const string Affiliates = "Affiliates";

    /// <summary>Music and podcasts.</summary>
    public const string Audio = "Audio";

    /// <summary>A notification.</summary>
    public const string Push = "Push";

    /// <summary>A campaign that runs on several kinds of site at once.</summary>
    public const string CrossNetwork = "Cross-network";

    /// <summary>Every channel.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Direct, OrganicSearch, OrganicSocial, OrganicVideo, OrganicShopping, Assistants, Messengers, Email, Sms, Referral, PaidSearch,
        PaidSocial, PaidVideo, PaidOther, Display, Affiliates, Audio, Push, CrossNetwork,
    ];

    /// <summary>
    /// The channel of an advertisement at a source of that channel; null stands for a source that is not known. Google counts messengers
    /// among the social networks.
    /// </summary>
    public static string Paid(string? channel) => channel switch
    {
        OrganicSearch or PaidSearch => PaidSearch,
        OrganicSocial or Messengers or PaidSocial => PaidSocial,
        OrganicVideo or PaidVideo => PaidVideo,
        _ => PaidOther,
    };
}
