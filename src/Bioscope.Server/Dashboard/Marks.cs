using System.Collections.Frozen;
using Bioscope.Core;
using Bioscope.Engine.Columns;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>Small inline SVG pictures: the marks of sources, the flags of countries, and a few signs of our own.</summary>
internal static class Marks
{
    private static readonly FrozenDictionary<string, string> Flags = EmbeddedText.Lines(typeof(Marks).Assembly, "flags.txt")
        .ToFrozenDictionary(line => line[..2], line => line[3..], StringComparer.Ordinal);

    /// <summary>A source as an app icon: a tile in the app's colour, or with the first letter.</summary>
    public static Html OfSource(string source) =>
        source == AttributionLadder.NoSource ? Direct : Tile(source, SourceName.Named(source)?.Mark);

    /// <summary>The source of a referrer domain.</summary>
    public static Html OfDomain(string domain) =>
        domain == Referrers.NoDomain ? Direct : Tile(domain, SourceName.Of(domain)?.Mark);

    /// <summary>A sign for a kind of traffic.</summary>
    public static Html OfChannel(string channel) => Sign(ChannelOutline(channel));

    private static Html Direct { get; } = Sign("M12 24h21m-8-9 9 9-9 9");

    private static Html Sign(string outline) => Html.Trusted(
        $"""<svg class="tile sign" viewBox="0 0 48 48" aria-hidden="true"><rect width="48" height="48" rx="12"/><path d="{outline}"/></svg>""");

    private static Html Tile(string name, string? mark) => mark is not null && SourceIcons.Tile(mark) is { } tile
        ? Html.Trusted($"""<svg class="tile" viewBox="0 0 48 48" aria-hidden="true">{tile}</svg>""")
        : Html.Of($"""<span class="tile letter" aria-hidden="true">{FirstLetter(name)}</span>""");

    // Outlines in a square of 48: a loupe, two people, a play button, a bag, a spark, and so on.
    private static string ChannelOutline(string channel) => channel switch
    {
        Channel.Direct => "M12 24h21m-8-9 9 9-9 9",
        Channel.OrganicSearch => "M21 31a10 10 0 1 1 0-20 10 10 0 0 1 0 20zm7-3 8 8",
        Channel.OrganicSocial => "M19 23a5 5 0 1 1 0-10 5 5 0 0 1 0 10zm-9 12c0-5 4-8 9-8s9 3 9 8m1-12a4 4 0 1 0 0-8m9 19c0-4-2-7-6-8",
        Channel.OrganicVideo or Channel.PaidVideo => "M17 13v22l18-11z",
        Channel.OrganicShopping => "M13 18h22l2 18H11zm6 4v-5a5 5 0 0 1 10 0v5",
        Channel.Assistants => "M24 11l3 10 10 3-10 3-3 10-3-10-10-3 10-3z",
        Channel.Messengers or Channel.Sms => "M12 13h24v17H23l-7 6v-6h-4z",
        Channel.Email => "M11 15h26v18H11zl13 11 13-11",
        Channel.Referral => "M21 27a6 6 0 0 1 0-8l4-4a6 6 0 0 1 8 8l-2 2m-4-4a6 6 0 0 1 0 8l-4 4a6 6 0 0 1-8-8l2-2",
        Channel.Audio => "M19 33V14l15-3v19m-15 3a4 4 0 1 1-8 0 4 4 0 0 1 8 0zm15-3a4 4 0 1 1-8 0 4 4 0 0 1 8 0z",
        Channel.Push => "M14 32h20l-3-5v-6a7 7 0 0 0-14 0v6zm7 5h6",
        // All that is paid: a megaphone.
        _ => "M13 21v7h5l13 7V14l-13 7zm22 0v7M18 28l2 8",
    };

    /// <summary>The flag of a country by its code or its English name, or an empty space.</summary>
    public static Html Flag(string country) => DimensionWords.CountryCodeOf(country) is { } code && Flags.TryGetValue(code, out var flag)
        ? Html.Trusted($"""<svg class="flag" viewBox="0 0 512 512" aria-hidden="true">{flag}</svg>""")
        : Html.Trusted("""<svg class="flag unknown" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11"/></svg>""");

    /// <summary>The mark of a device class: a phone, a tablet, a screen.</summary>
    public static Html Device(string device) =>
        Html.Trusted($"""<svg class="device" viewBox="0 0 24 24" aria-hidden="true"><path d="{Outline(device)}"/></svg>""");

    private static string Outline(string device) => device switch
    {
        "mobile" => "M8 2.5h8a1.5 1.5 0 0 1 1.5 1.5v16a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 20V4A1.5 1.5 0 0 1 8 2.5zM11 18.5h2",
        "tablet" => "M5 3.5h14A1.5 1.5 0 0 1 20.5 5v14a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 19V5A1.5 1.5 0 0 1 5 3.5zM11 17.5h2",
        "desktop" =>
            "M3.5 4h17A1.5 1.5 0 0 1 22 5.5v10a1.5 1.5 0 0 1-1.5 1.5h-17A1.5 1.5 0 0 1 2 15.5v-10A1.5 1.5 0 0 1 3.5 4zM8 21h8m-4-4v4",
        _ => "M12 21.5a9.5 9.5 0 1 1 0-19 9.5 9.5 0 0 1 0 19zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.8m0 2.6v.4",
    };

    private static string FirstLetter(string name) => System.Globalization.StringInfo.GetNextTextElement(name).ToUpperInvariant();
}
