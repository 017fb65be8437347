using System.Collections.Frozen;
using Bioscope.Core;

namespace Bioscope.Engine.Import.From;

/// <summary>What other tools call browsers, systems and devices, as the reports call them.</summary>
internal static class ToolNames
{
    // Names of the library that Umami uses, and those of Matomo and GoatCounter that differ from ours.
    private static readonly FrozenDictionary<string, string> Browsers = new (string Tool, string Ours)[]
    {
        ("chrome", "Chrome"), ("crios", "Chrome"), ("chrome mobile", "Chrome"), ("chrome mobile ios", "Chrome"), ("chromium", "Chrome"),
        ("chromium-webview", "WebView"), ("chrome webview", "WebView"), ("ios-webview", "WebView"), ("mobile safari ui/wkwebview", "WebView"),
        ("safari", "Safari"), ("ios", "Safari"), ("mobile safari", "Safari"),
        ("firefox", "Firefox"), ("fxios", "Firefox"), ("firefox mobile", "Firefox"), ("firefox mobile ios", "Firefox"),
        ("edge", "Edge"), ("edge-chromium", "Edge"), ("edge-ios", "Edge"), ("edg", "Edge"), ("microsoft edge", "Edge"),
        ("samsung", "Samsung Internet"), ("samsung browser", "Samsung Internet"), ("samsung internet", "Samsung Internet"),
        ("opera", "Opera"), ("opera-mini", "Opera"), ("opera mobile", "Opera"), ("opera mini", "Opera"),
        ("yandexbrowser", "Yandex"), ("yandex browser", "Yandex"), ("ie", "Internet Explorer"), ("internet explorer", "Internet Explorer"),
        ("facebook", "Facebook"), ("instagram", "Instagram"), ("miui", "MIUI Browser"), ("silk", "Silk"), ("amazon silk", "Silk"),
        ("duckduckgo", "DuckDuckGo"), ("duckduckgo privacy browser", "DuckDuckGo"), ("brave", "Chrome"),
    }.ToFrozenDictionary(name => name.Tool, name => name.Ours, StringComparer.OrdinalIgnoreCase);

    private static readonly (string Begins, string Name)[] Systems =
    [
        ("Windows Phone", "Windows Phone"), ("Windows", "Windows"), ("Mac", "macOS"), ("OS X", "macOS"), ("iOS", "iOS"), ("iPadOS", "iOS"),
        ("iPhone", "iOS"), ("Android", "Android"), ("Chrome OS", "ChromeOS"), ("ChromeOS", "ChromeOS"), ("GNU/Linux", "Linux"),
        ("Ubuntu", "Linux"), ("Debian", "Linux"), ("Fedora", "Linux"), ("Linux", "Linux"), ("HarmonyOS", "HarmonyOS"), ("KaiOS", "KaiOS"),
        ("Tizen", "Tizen"), ("FreeBSD", "FreeBSD"), ("OpenBSD", "OpenBSD"),
    ];

    /// <summary>The browser, with its version or without; a name that is not in the list is kept.</summary>
    public static string? Browser(string? text)
    {
        var name = WithoutVersion(text).Name;
        return name is null ? null : Browsers.GetValueOrDefault(name) ?? ImportTarget.Cut(name);
    }

    /// <summary>The system and its version; of Linux, the version would be a distribution's name.</summary>
    public static (string? Os, string? Version) System(string? text)
    {
        var (name, version) = WithoutVersion(text);
        if (name is null || name.Equals("Unknown", StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        var known = Array.Find(Systems, system => name.StartsWith(system.Begins, StringComparison.OrdinalIgnoreCase)).Name;
        return (known ?? ImportTarget.Cut(name), known is "Linux" ? null : ImportTarget.Cut(version));
    }

    /// <summary>The class of a device by a tool's name for it; null for televisions, consoles and those that are not known.</summary>
    public static string? Device(string? text) => text?.Trim().ToLowerInvariant() switch
    {
        "desktop" or "laptop" => Name(DeviceClass.Desktop),
        "mobile" or "smartphone" or "phablet" or "feature phone" => Name(DeviceClass.Mobile),
        "tablet" => Name(DeviceClass.Tablet),
        _ => null,
    };

    /// <summary>The device of a system with a screen of this width in CSS pixels.</summary>
    public static string? DeviceOf(string? os, int? width) => os switch
    {
        "iOS" or "Android" => Name(width >= 600 ? DeviceClass.Tablet : DeviceClass.Mobile), // Android's own bound for tablets
        "Windows" or "macOS" or "Linux" or "ChromeOS" => Name(DeviceClass.Desktop),
        _ => null,
    };

    private static string Name(DeviceClass device) => device.ToString().ToLowerInvariant();

    private static (string? Name, string? Version) WithoutVersion(string? text)
    {
        var name = text?.Trim() ?? "";
        var space = name.LastIndexOf(' ');
        var version = space > 0 && char.IsAsciiDigit(name[space + 1 < name.Length ? space + 1 : space]) ? name[(space + 1)..] : null;
        name = version is null ? name : name[..space];
        return (name.Length == 0 || name == "(unknown)" ? null : name, version);
    }
}
