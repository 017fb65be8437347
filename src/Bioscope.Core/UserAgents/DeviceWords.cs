using System.Buffers;

namespace Bioscope.Core;

/// <summary>Detects the kind of device from the words in a text. The order of the checks matters.</summary>
internal static class DeviceWords
{
    // None of the three kinds, though most of them also claim to be Android, Linux or Windows.
    private static readonly SearchValues<string> Screens = Words(
        "SMART-TV", "SMART_TV", "SmartTV", "Smart TV", "Smart-TV", "GoogleTV", "Google TV", "Android TV", "AndroidTV", "Apple TV",
        "AppleTV", "TV Safari", "HbbTV", "NetCast", "Web0S", "BRAVIA", "VIDAA", "CrKey", "Roku", "; AFT", "PlayStation", "PLAYSTATION",
        "Xbox", "XBOX", "Nintendo", "OculusBrowser", "PicoBrowser");

    // Only Amazon's tablets and readers have Silk (its televisions were excluded above).
    private static readonly SearchValues<string> Tablets = Words("iPad", "Tablet", "PlayBook", "Kindle", "Silk/");

    // Opera Mini and Windows phones also name Android or Windows, not always with the words that mark a phone there.
    private static readonly SearchValues<string> Phones =
        Words("iPhone", "iPod", "Windows Phone", "WPDesktop", "Lumia", "Opera Mini", "Opera Mobi", "KAIOS");

    private static readonly SearchValues<string> Mobiles = Words("Mobile", "BlackBerry", "Nokia", "Symbian", "SymbOS", "MIDP");

    // Words of iPhones and iPads that a Mac never sends: an iPad that claims to be a Mac, in an app or in another maker's browser.
    private static readonly SearchValues<string> NotOnMacs = Words("Mobile/", "CriOS/", "FxiOS/", "EdgiOS/");

    private static readonly SearchValues<string> Desktops = Words("Windows", "Macintosh", "X11", "CrOS", "Linux x86_64", "Linux i686");

    public static DeviceClass? Read(ReadOnlySpan<char> text)
    {
        if (text.ContainsAny(Screens))
        {
            return null;
        }

        if (Puffin(text) is { } device)
        {
            return device;
        }

        // "Tablet PC 2.0" is a component that Internet Explorer names on any Windows.
        var windows = text.Contains("Windows NT", StringComparison.Ordinal);
        if (!windows && text.ContainsAny(Tablets))
        {
            return DeviceClass.Tablet;
        }

        if (text.ContainsAny(Phones))
        {
            return DeviceClass.Mobile;
        }

        if (text.Contains("Android", StringComparison.Ordinal))
        {
            return Android(text);
        }

        if (IsTabletAsMac(text))
        {
            return DeviceClass.Tablet;
        }

        if (text.ContainsAny(Mobiles))
        {
            return DeviceClass.Mobile;
        }

        return text.ContainsAny(Desktops) ? DeviceClass.Desktop : null;
    }

    // Browsers on Android phones say "Mobile", those on tablets do not. Only browsers follow this convention: an app's own requests
    // (Dalvik, Instagram without a browser) never say it.
    private static DeviceClass? Android(ReadOnlySpan<char> text)
    {
        if (text.Contains("Mobile", StringComparison.Ordinal))
        {
            return DeviceClass.Mobile;
        }

        return text.StartsWith("Mozilla/", StringComparison.Ordinal) ? DeviceClass.Tablet : null;
    }

    // Puffin renders in a data centre and sends that desktop's text; "Puffin/10.4.1.51567AP" ends with the real device: A or I for the
    // system, then P for a phone or T for a tablet.
    private static DeviceClass? Puffin(ReadOnlySpan<char> text) => PuffinEnding(text) switch
    {
        [.., 'A' or 'I', 'P'] => DeviceClass.Mobile,
        [.., 'A' or 'I', 'T'] => DeviceClass.Tablet,
        _ => null,
    };

    /// <summary>Puffin's version, which ends with the device it runs on; empty in other browsers.</summary>
    public static ReadOnlySpan<char> PuffinEnding(ReadOnlySpan<char> text)
    {
        var at = text.IndexOf("Puffin/", StringComparison.Ordinal);
        if (at < 0)
        {
            return [];
        }

        var version = text[at..];
        var space = version.IndexOf(' ');
        return space < 0 ? version : version[..space];
    }

    /// <summary>Whether it is an iPad that sends the text of a Mac with an addition that no Mac sends.</summary>
    public static bool IsTabletAsMac(ReadOnlySpan<char> text) =>
        text.Contains("Macintosh", StringComparison.Ordinal) && text.ContainsAny(NotOnMacs);

    private static SearchValues<string> Words(params ReadOnlySpan<string> words) => SearchValues.Create(words, StringComparison.Ordinal);
}
