using System.Collections.Frozen;

namespace Bioscope.Core;

/// <summary>The network whose parameter a click id is.</summary>
/// <param name="Source">Its name in <c>sources.txt</c>.</param>
/// <param name="Channel">The channel of such clicks.</param>
/// <param name="IsPaid">Whether only advertisements have the id.</param>
internal sealed record ClickIdNetwork(string Source, string Channel, bool IsPaid);

/// <summary>
/// The parameters with which networks identify a click. The name tells the network. The value identifies one person's click, so it is
/// never stored.
/// </summary>
internal static class ClickIds
{
    /// <summary>The company behind <c>fbclid</c>.</summary>
    public const string Meta = "Meta";

    /// <summary>
    /// In order of precedence: ids of advertisements, ids in what a network sends or shares, <c>fbclid</c>, which says less than the
    /// others. Spelt as the networks spell them. Only ids of one network. Some identify the receiver of a letter
    /// rather than a click; their values are not stored either.
    /// </summary>
    private static readonly (string Name, string Source, string Channel)[] Kinds =
    [
        ("gclid", "Google", Channel.PaidSearch), ("gbraid", "Google", Channel.PaidSearch), ("wbraid", "Google", Channel.PaidSearch),
        ("dclid", "Google", Channel.Display),
        ("msclkid", "Bing", Channel.PaidSearch),
        ("ttclid", "TikTok", Channel.PaidSocial),
        ("twclid", "X", Channel.PaidSocial),
        ("li_fat_id", "LinkedIn", Channel.PaidSocial),
        ("rdt_cid", "Reddit", Channel.PaidSocial),
        ("ScCid", "Snapchat", Channel.PaidSocial),
        ("yclid", "Yandex", Channel.PaidSearch),
        ("qclid", "Quora", Channel.PaidSocial),
        ("ndclid", "Nextdoor", Channel.PaidSocial),
        ("rb_clickid", "VK", Channel.PaidSocial), // VK's advertisements, formerly myTarget
        ("ldtag_cl", "LINE", Channel.PaidSocial),
        ("bd_vid", "Baidu", Channel.PaidSearch),
        ("sznclid", "Seznam", Channel.PaidSearch),
        ("tblci", "Taboola", Channel.PaidOther),
        ("dicbo", "Outbrain", Channel.PaidOther),
        ("cto_pld", "Criteo", Channel.Display),
        ("irclickid", "Impact", Channel.Affiliates),
        ("cjevent", "CJ", Channel.Affiliates),
        ("awc", "AWIN", Channel.Affiliates),
        ("ranSiteID", "Rakuten Advertising", Channel.Affiliates),
        ("sscid", "ShareASale", Channel.Affiliates),
        ("tduid", "Tradedoubler", Channel.Affiliates),
        ("admitad_uid", "Admitad", Channel.Affiliates),
        // Companions of gclid, which stay where a browser removes the id itself.
        ("gad_campaignid", "Google", Channel.PaidSearch), ("gad_source", "Google", Channel.PaidSearch),

        ("mc_cid", "Mailchimp", Channel.Email),
        ("_kx", "Klaviyo", Channel.Email),
        ("_hsenc", "HubSpot", Channel.Email), ("_hsmi", "HubSpot", Channel.Email),
        ("mkt_tok", "Marketo", Channel.Email),
        ("_bhlid", "Beehiiv", Channel.Email),
        ("ck_subscriber_id", "Kit", Channel.Email),
        ("ml_subscriber", "MailerLite", Channel.Email),

        ("igshid", "Instagram", Channel.OrganicSocial), ("igsh", "Instagram", Channel.OrganicSocial), // older and newer name
        ("mibextid", "Facebook", Channel.OrganicSocial), // what Facebook's app shares
        ("epik", "Pinterest", Channel.OrganicSocial), // every pin, advertisement or not
        ("ysclid", "Yandex", Channel.OrganicSearch),
        ("srsltid", "Google", Channel.OrganicShopping), // free listings of shops
        ("NaPm", "Naver Shopping", Channel.OrganicShopping),
        ("weibo_id", "Weibo", Channel.OrganicSocial),
        ("xhsshare", "Xiaohongshu", Channel.OrganicSocial),
        ("vd_source", "Bilibili", Channel.OrganicVideo),
        ("zarsrc", "Zalo", Channel.Messengers),
        ("isappinstalled", "WeChat", Channel.Messengers),
        ("fbclid", Meta, Channel.OrganicSocial), // any link on Facebook and Instagram
    ];

    private static readonly FrozenDictionary<string, int> Ranks = Kinds.Select((kind, rank) => (kind.Name, rank)).ToFrozenDictionary(
        kind => kind.Name, kind => kind.rank, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, ClickIdNetwork> Networks = Kinds.ToFrozenDictionary(
        kind => kind.Name,
        kind => new ClickIdNetwork(
            kind.Source, kind.Channel,
            kind.Channel is Channel.PaidSearch or Channel.PaidSocial or Channel.PaidVideo or Channel.PaidOther or Channel.Display),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The rank after all others.</summary>
    public static readonly int None = Kinds.Length;

    /// <summary>Every name, in order of precedence.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Kinds.Select(kind => kind.Name)];

    public static int Rank(string? name) => name is not null && Ranks.TryGetValue(name, out var rank) ? rank : None;

    public static string? ByRank(int rank) => rank < None ? Kinds[rank].Name : null;

    /// <summary>The network of a click id by its name; null for none and for one that is not in the list.</summary>
    public static ClickIdNetwork? Network(string? name) => name is null ? null : Networks.GetValueOrDefault(name);
}
