using System.Collections.Frozen;
using Bioscope.Core;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// The display names of dimensions and of their values. The texts are as they stand within a sentence; a heading begins with a capital
/// letter.
/// </summary>
internal sealed class DimensionWords(Words words) : WordArea(words, "Dimension")
{
    private static readonly FrozenDictionary<string, (Func<DimensionWords, string> One, Func<DimensionWords, string> Many)> ByName =
        new Dictionary<string, (Func<DimensionWords, string> One, Func<DimensionWords, string> Many)>
        {
            ["source"] = (words => words.Source, words => words.Sources),
            ["channel"] = (words => words.Channel, words => words.Channels),
            ["rung"] = (words => words.Clue, words => words.Clues),
            ["placement"] = (words => words.PlacementLink, words => words.PlacementLinks),
            ["referrerDomain"] = (words => words.Domain, words => words.Domains),
            ["referrer"] = (words => words.ReferringPage, words => words.ReferringPages),
            ["page"] = (words => words.Page, words => words.Pages),
            ["link"] = (words => words.Link, words => words.Links),
            ["country"] = (words => words.Country, words => words.Countries),
            ["region"] = (words => words.Region, words => words.Regions),
            ["city"] = (words => words.City, words => words.Cities),
            ["language"] = (words => words.Language, words => words.Languages),
            ["device"] = (words => words.Device, words => words.Devices),
            ["browser"] = (words => words.Browser, words => words.Browsers),
            ["os"] = (words => words.System, words => words.Systems),
            ["app"] = (words => words.InAppBrowser, words => words.InAppBrowsers),
            ["visitorKind"] = (words => words.Visitor, words => words.VisitorKinds),
            ["utmSource"] = (words => words.UtmSource, words => words.UtmSources),
            ["utmMedium"] = (words => words.UtmMedium, words => words.UtmMediums),
            ["utmCampaign"] = (words => words.UtmCampaign, words => words.UtmCampaigns),
            ["utmTerm"] = (words => words.UtmTerm, words => words.UtmTerms),
            ["utmContent"] = (words => words.UtmContent, words => words.UtmContents),
            ["clickId"] = (words => words.ClickId, words => words.ClickIds),
        }.ToFrozenDictionary();

    /// <summary>For what is signed or sent in English.</summary>
    public static DimensionWords English { get; } = new(Translations.Words.All[0]);

    /// <summary>The dimensions with a list of their own, in display order.</summary>
    public static IReadOnlyList<Dimension> Listed { get; } =
        [.. new[]
        {
            "source", "link", "country", "device", "channel", "placement", "rung", "browser", "os", "language", "region", "city",
            "referrerDomain", "referrer", "app", "page", "visitorKind",
            "utmSource", "utmMedium", "utmCampaign", "utmTerm", "utmContent", "clickId",
        }.Select(name => Dimension.Named(name)!)];

    public string Source => Text();
    public string Sources => Text();
    public string Channel => Text();
    public string Channels => Text();
    public string Clue => Text();
    public string Clues => Text();
    public string PlacementLink => Text();
    public string PlacementLinks => Text();
    public string Domain => Text();
    public string Domains => Text();
    public string ReferringPage => Text();
    public string ReferringPages => Text();
    public string Page => Text();
    public string Pages => Text();
    public string Link => Text();
    public string Links => Text();
    public string Country => Text();
    public string Countries => Text();
    public string Region => Text();
    public string Regions => Text();
    public string City => Text();
    public string Cities => Text();
    public string Language => Text();
    public string Languages => Text();
    public string Device => Text();
    public string Devices => Text();
    public string Browser => Text();
    public string Browsers => Text();
    public string System => Text();
    public string Systems => Text();
    public string InAppBrowser => Text();
    public string InAppBrowsers => Text();
    public string Visitor => Text();
    public string VisitorKinds => Text();
    public string UtmSource => Text();
    public string UtmSources => Text();
    public string UtmMedium => Text();
    public string UtmMediums => Text();
    public string UtmCampaign => Text();
    public string UtmCampaigns => Text();
    public string UtmTerm => Text();
    public string UtmTerms => Text();
    public string UtmContent => Text();
    public string UtmContents => Text();
    public string ClickId => Text();
    public string ClickIds => Text();
    public string Unknown => Text();
    public string None => Text();
    public string BioPage => Text();
    public string DirectVisits => Text();
    public string NoReferrer => Text();
    public string New => Text();
    public string Returning => Text();
    public string Tag => Text();
    public string Referrer => Text();
    public string App => Text();
    public string Phone => Text();
    public string Tablet => Text();
    public string Computer => Text();
    public string GoneLink(string id) => Fill("id", id);

    /// <summary>Whether a dimension has a list of its own.</summary>
    public static bool IsListed(string dimension) => ByName.ContainsKey(dimension);

    /// <summary>The name of a dimension: <c>Country</c>; its name in the API where it has no list.</summary>
    internal string One(Dimension dimension) => Words.Capital(OneInSentence(dimension));

    /// <summary>Like <see cref="One"/>, within a sentence.</summary>
    internal string OneInSentence(Dimension dimension) =>
        ByName.TryGetValue(dimension.Name, out var names) ? names.One(this) : dimension.Name;

    /// <summary>The name of a list of its values: <c>Countries</c>.</summary>
    internal string Many(Dimension dimension) => Words.Capital(ManyInSentence(dimension));

    /// <summary>Like <see cref="Many"/>, within a sentence.</summary>
    internal string ManyInSentence(Dimension dimension) =>
        ByName.TryGetValue(dimension.Name, out var names) ? names.Many(this) : dimension.Name;

    /// <summary>The display name of a value, truncated; null is the unknown one.</summary>
    /// <param name="dimension">The dimension of the value.</param>
    /// <param name="value">The value in the engine's form.</param>
    /// <param name="links">The page's links.</param>
    internal string ValueOf(Dimension dimension, string? value, IReadOnlyList<BioLink> links) => ShownText.Of(dimension.Name switch
    {
        "placement" when string.IsNullOrEmpty(value) => Words.Capital(None),
        "page" when string.IsNullOrEmpty(value) => Words.Capital(BioPage),
        _ when string.IsNullOrEmpty(value) => Words.Capital(Unknown),
        "source" => OfSource(value),
        "channel" => ChannelOf(value),
        "rung" => RungOf(value),
        "referrerDomain" when value == Referrers.NoDomain => Words.Capital(NoReferrer),
        "country" => CountryOf(value),
        "device" => DeviceOf(value),
        "visitorKind" => Words.Capital(value == "new" ? New : Returning),
        "link" => links.FirstOrDefault(link => link.Id.ToString("D") == value) is { } link
            ? TitleOf(link)
            : GoneLink(value[..Math.Min(8, value.Length)]),
        _ => value,
    });

    /// <summary>The display name of visits of which nothing says where they came from.</summary>
    internal string Direct => Words.Capital(DirectVisits);

    /// <summary>A source's display name.</summary>
    internal string OfSource(string source) => source == AttributionLadder.NoSource ? Direct : ShownText.Of(source);

    /// <summary>A channel's display name.</summary>
    internal string ChannelOf(string channel) => new ChannelWords(Words).Of(channel);

    /// <summary>A country's display name, by its code or by the English name that early rows have instead.</summary>
    internal string CountryOf(string country) => CountryName.Of(CountryCodeOf(country), Words.Tag) ?? country;

    /// <summary>The code of a country by its code or its English name; null for others.</summary>
    public static string? CountryCodeOf(string country) => CountryName.Of(country) is null ? CountryName.CodeOf(country) : country;

    /// <summary>A link's display name: its title, otherwise the host of its address.</summary>
    public static string TitleOf(BioLink link) =>
        !string.IsNullOrWhiteSpace(link.Title) ? link.Title : HostOf(link) is { Length: > 0 } host ? host : link.Url;

    /// <summary>The host of a link; empty when its address is one that a browser must not follow.</summary>
    public static string HostOf(BioLink link) =>
        link.Url.Length <= MaxUrl && OutboundUrl.IsAllowed(link.Url) ? OutboundUrl.HostOf(link.Url) : "";

    // The maximum length by the API. An import may bring a longer address, which is not shown as a link.
    private const int MaxUrl = 2_048;

    /// <summary>The display name of a rung of the ladder.</summary>
    internal string RungOf(string rung) => Words.Capital(RungInSentence(rung));

    /// <summary>Like <see cref="RungOf"/>, within a sentence.</summary>
    internal string RungInSentence(string rung) => rung switch
    {
        Rung.Placement => PlacementLink,
        Rung.Tag => Tag,
        Rung.ClickId => ClickId,
        Rung.Referrer => Referrer,
        Rung.App => App,
        Rung.None => None,
        _ => rung,
    };

    /// <summary>The display name of a device class.</summary>
    internal string DeviceOf(string device) => Words.Capital(DeviceInSentence(device));

    /// <summary>Like <see cref="DeviceOf"/>, within a sentence.</summary>
    internal string DeviceInSentence(string device) => device switch
    {
        "mobile" => Phone,
        "tablet" => Tablet,
        "desktop" => Computer,
        "unknown" => Unknown,
        _ => device,
    };
}
