using System.Buffers;

namespace Bioscope.Core;

/// <summary>Detects the browser. Most browsers also name others for compatibility, so rare names are checked first.</summary>
internal static class BrowserWords
{
    private const string WebView = "WebView";

    private static readonly NamedWords Browsers = new(
        ("OPR/", "Opera"), ("OPT/", "Opera"), ("OPX/", "Opera"), ("OPiOS/", "Opera"), ("Opera", "Opera"),
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("Edge/", "Edge"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Vivaldi/", "Vivaldi"),
        ("YaBrowser/", "Yandex Browser"),
        ("DuckDuckGo/", "DuckDuckGo"), ("Ddg/", "DuckDuckGo"),
        ("UCBrowser", "UC Browser"), ("UCWEB", "UC Browser"), ("UBrowser/", "UC Browser"),
        ("MiuiBrowser/", "MIUI Browser"), ("HuaweiBrowser/", "Huawei Browser"), ("HeyTapBrowser/", "HeyTap Browser"),
        ("VivoBrowser/", "Vivo Browser"),
        ("QQBrowser/", "QQ Browser"), ("Quark/", "Quark"), ("Sogou", "Sogou Browser"), ("MetaSr", "Sogou Browser"),
        ("Silk/", "Silk"), ("Kindle/", "Kindle Browser"), ("Whale/", "Whale"), ("Brave/", "Brave"), ("Puffin/", "Puffin"),
        ("coc_coc_browser/", "Cốc Cốc"), ("Ecosia", "Ecosia"),
        ("Focus/", "Firefox"), ("Klar/", "Firefox"), ("FxiOS/", "Firefox"),
        ("SeaMonkey/", "SeaMonkey"), ("PaleMoon/", "Pale Moon"), ("Waterfox/", "Waterfox"), ("SailfishBrowser/", "Sailfish Browser"),
        ("Firefox/", "Firefox"),
        ("Epiphany/", "GNOME Web"), ("OculusBrowser/", "Meta Quest Browser"), ("PicoBrowser/", "Pico Browser"),
        ("NintendoBrowser/", "Nintendo Browser"), ("PlayStation", "PlayStation Browser"), ("PLAYSTATION", "PlayStation Browser"),
        ("BB10", "BlackBerry Browser"), ("BlackBerry", "BlackBerry Browser"), ("PlayBook", "BlackBerry Browser"),
        ("MSIE ", "Internet Explorer"), ("Trident/", "Internet Explorer"),
        ("CriOS/", "Chrome"),
        // Apps without a name: Android's web view, Huawei's, and Chrome's engine on a desktop.
        ("; wv)", WebView), ("ArkWeb/", WebView), ("Electron/", WebView),
        ("Chromium", "Chromium"), ("Chrome/", "Chrome"));

    private static readonly SearchValues<string> Apple =
        SearchValues.Create(["iPhone", "iPad", "iPod", "Macintosh"], StringComparison.Ordinal);

    public static string? Read(ReadOnlySpan<char> text)
    {
        if (Browsers.FirstIn(text) is { } browser)
        {
            return browser;
        }

        if (!text.Contains("AppleWebKit/", StringComparison.Ordinal))
        {
            return null;
        }

        var named = text.Contains("Version/", StringComparison.Ordinal) && text.Contains("Safari/", StringComparison.Ordinal);
        if (text.ContainsAny(Apple))
        {
            // Only Safari itself has both words; an app's web view has neither.
            return named ? "Safari" : WebView;
        }

        return named && text.Contains("Android", StringComparison.Ordinal) ? "Android Browser" : null;
    }
}
