using System.Collections.Frozen;
using Bioscope.Core;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Bio;

namespace Bioscope.Server.Dashboard;

/// <summary>The display names of a dimension and its values.</summary>
/// <param name="One">Its name: <c>Country</c>.</param>
/// <param name="Many">The name of a list of its values: <c>Countries</c>.</param>
internal sealed record DimensionWords(string One, string Many)
{
    /// <summary>The dimensions with a list of their own, by their names in the API.</summary>
    public static FrozenDictionary<string, DimensionWords> ByName { get; } = new Dictionary<string, DimensionWords>
    {
        ["source"] = new("Source", "Traffic sources"),
        ["channel"] = new("Channel", "Channels"),
        ["rung"] = new("Clue", "Clues to the source"),
        ["placement"] = new("Placement link", "Placement links"),
        ["referrerDomain"] = new("Domain", "Referrer domains"),
        ["referrer"] = new("Referring page", "Referring pages"),
        ["page"] = new("Page", "Pages of your sites"),
        ["link"] = new("Link", "Links"),
        ["country"] = new("Country", "Countries"),
        ["region"] = new("Region", "Regions"),
        ["city"] = new("City", "Cities"),
        ["language"] = new("Language", "Languages"),
        ["device"] = new("Device", "Devices"),
        ["browser"] = new("Browser", "Browsers"),
        ["os"] = new("System", "Systems"),
        ["app"] = new("In-app browser", "In-app browsers"),
        ["visitorKind"] = new("Visitor", "New and returning"),
        ["utmSource"] = new("UTM source", "UTM sources"),
        ["utmMedium"] = new("UTM medium", "UTM mediums"),
        ["utmCampaign"] = new("UTM campaign", "UTM campaigns"),
        ["utmTerm"] = new("UTM term", "UTM terms"),
        ["utmContent"] = new("UTM content", "UTM contents"),
        ["clickId"] = new("Click id", "Click ids"),
    }.ToFrozenDictionary();

    /// <summary>Those dimensions, in display order.</summary>
    public static IReadOnlyList<Dimension> Listed { get; } =
        [.. new[]
        {
            "source", "link", "country", "device", "channel", "placement", "rung", "browser", "os", "language", "region", "city",
            "referrerDomain", "referrer", "app", "page", "visitorKind",
            "utmSource", "utmMedium", "utmCampaign", "utmTerm", "utmContent", "clickId",
        }.Select(name => Dimension.Named(name)!)];

    /// <summary>The words for a dimension; its name in the API where it has no list.</summary>
    public static DimensionWords Of(Dimension dimension) => ByName.GetValueOrDefault(dimension.Name) ?? new(dimension.Name, dimension.Name);

    /// <summary>The display name of a value, truncated; null is the unknown one.</summary>
    /// <param name="dimension">The dimension of the value.</param>
    /// <param name="value">The value in the engine's form.</param>
    /// <param name="links">The page's links.</param>
    public static string ValueOf(Dimension dimension, string? value, IReadOnlyList<BioLink> links) => ShownText.Of(dimension.Name switch
    {
        "placement" when string.IsNullOrEmpty(value) => "None",
        "page" when string.IsNullOrEmpty(value) => "Your bio page",
        _ when string.IsNullOrEmpty(value) => "Unknown",
        "source" => OfSource(value),
        "rung" => RungOf(value),
        "referrerDomain" when value == Referrers.NoDomain => "No referrer",
        "country" => CountryName.Of(value) ?? value,
        "device" => DeviceOf(value),
        "visitorKind" => value == "new" ? "New" : "Returning",
        "link" => links.FirstOrDefault(link => link.Id.ToString("D") == value) is { } link
            ? TitleOf(link)
            : $"Link {value[..Math.Min(8, value.Length)]}, no longer on the page",
        _ => value,
    });

    /// <summary>The display name of visits of which nothing says where they came from.</summary>
    public const string Direct = "Direct";

    /// <summary>A source's display name.</summary>
    public static string OfSource(string source) => source == AttributionLadder.NoSource ? Direct : ShownText.Of(source);

    /// <summary>A link's display name: its title, otherwise the host of its address.</summary>
    public static string TitleOf(BioLink link) =>
        !string.IsNullOrWhiteSpace(link.Title) ? link.Title : HostOf(link) is { Length: > 0 } host ? host : link.Url;

    /// <summary>The host of a link; empty when its address is one that a browser must not follow.</summary>
    public static string HostOf(BioLink link) =>
        link.Url.Length <= MaxUrl && OutboundUrl.IsAllowed(link.Url) ? OutboundUrl.HostOf(link.Url) : "";

    // The maximum length by the API. An import may bring a longer address, which is not shown as a link.
    private const int MaxUrl = 2_048;

    /// <summary>The display name of a rung of the ladder.</summary>
    public static string RungOf(string rung) => rung switch
    {
        Rung.Placement => "Placement link",
        Rung.Tag => "Tag",
        Rung.ClickId => "Click id",
        Rung.Referrer => "Referrer",
        Rung.App => "App",
        Rung.None => "None",
        _ => rung,
    };

    /// <summary>The display name of a device class.</summary>
    public static string DeviceOf(string device) => device switch
    {
        "mobile" => "Phone",
        "tablet" => "Tablet",
        "desktop" => "Computer",
        "unknown" => "Unknown",
        _ => device,
    };
}
