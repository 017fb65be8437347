namespace Bioscope.Core;

/// <summary>
/// The parameters by which advertising networks number a click. The name tells the network. The value identifies one click of one
/// person, so it is never stored.
/// </summary>
internal static class ClickIds
{
    /// <summary>
    /// Of several the first counts: ids of paid clicks before those that a network puts into every link that leaves it, advert or not.
    /// Spelt as the networks do. Mailchimp's <c>mc_eid</c> is not in the list, because it numbers a person, not a click.
    /// </summary>
    private static readonly string[] Kinds =
    [
        "gclid", "gbraid", "wbraid", "dclid", // Google's adverts
        "msclkid", // Microsoft's
        "ttclid", // TikTok's
        "twclid", // X's
        "li_fat_id", // LinkedIn's
        "rdt_cid", // Reddit's
        "ScCid", // Snapchat's
        "epik", // Pinterest's
        "yclid", // Yandex's
        "qclid", // Quora's
        "tblci", // Taboola's
        "fbclid", // Facebook and Instagram, any link
        "igshid", "igsh", // Instagram, a shared link: the older and the newer name
    ];

    /// <summary>Comes after all others.</summary>
    public static readonly int None = Kinds.Length;

    public static int Rank(string? name) => Array.IndexOf(Kinds, name) is var rank and >= 0 ? rank : None;

    public static string? ByRank(int rank) => rank < None ? Kinds[rank] : null;

    /// <summary>Every name, the strongest first.</summary>
    public static IReadOnlyList<string> All => Kinds;
}
