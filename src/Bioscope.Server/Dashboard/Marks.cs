using System.Collections.Frozen;
using Bioscope.Core;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>Small inline SVG pictures: the marks of sources, the flags of countries, and a few signs of our own.</summary>
internal static class Marks
{
    private static readonly FrozenDictionary<string, string> Flags = EmbeddedText.Lines(typeof(Marks).Assembly, "flags.txt")
        .ToFrozenDictionary(line => line[..2], line => line[3..], StringComparer.Ordinal);

    /// <summary>The source of a visit as an app icon: a tile in the app's colour, or with the first letter of the domain.</summary>
    public static Html Source(string name, string? mark) => mark is not null && SourceIcons.Tile(mark) is { } tile
        ? Html.Trusted($"""<svg class="tile" viewBox="0 0 48 48" aria-hidden="true">{tile}</svg>""")
        : Html.Of($"""<span class="tile letter" aria-hidden="true">{FirstLetter(name)}</span>""");

    /// <summary>The mark of visits without a referrer.</summary>
    public static Html Direct { get; } = Html.Trusted(
        """<svg class="tile direct" viewBox="0 0 48 48" aria-hidden="true"><rect width="48" height="48" rx="12"/><path d="M12 24h21m-8-9 9 9-9 9"/></svg>""");

    /// <summary>The flag of a country by its English name, or an empty space.</summary>
    public static Html Flag(string country) => CountryName.CodeOf(country) is { } code && Flags.TryGetValue(code, out var flag)
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
