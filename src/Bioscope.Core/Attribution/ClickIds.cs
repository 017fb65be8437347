namespace Bioscope.Core;

/// <summary>
/// The parameters with which advertising networks identify a click. The name tells the network. The value identifies one person's click,
/// so it is never stored.
/// </summary>
internal static class ClickIds
{
    /// <summary>
    /// In order of precedence: ids of paid clicks before those that a network adds to every outgoing link, advert or not. Spelt as the
    /// networks spell them. Mailchimp's <c>mc_eid</c> is not included, because it identifies a person, not a click.
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
        "fbclid", // Facebook and Instagram: any link
        "igshid", "igsh", // Instagram: shared links, older and newer name
    ];

    /// <summary>The rank after all others.</summary>
    public static readonly int None = Kinds.Length;

    public static int Rank(string? name) => Array.IndexOf(Kinds, name) is var rank and >= 0 ? rank : None;

    public static string? ByRank(int rank) => rank < None ? Kinds[rank] : null;

    /// <summary>Every name, in order of precedence.</summary>
    public static IReadOnlyList<string> All => Kinds;
}
