using System.Buffers;

namespace Bioscope.Core;

/// <summary>Detects the operating system and, where the text is reliable, its version.</summary>
internal static class SystemWords
{
    private const string Ios = "iOS";
    private const string Android = "Android";

    // Longer than any version seen.
    private const int LongestVersion = 20;

    private static readonly SearchValues<char> VersionCharacters = SearchValues.Create("0123456789._");

    private static readonly NamedWords Systems = new(
        // Those that also claim to be another one come first.
        ("Xbox", "Xbox"), ("XBOX", "Xbox"), ("PlayStation", "PlayStation"), ("PLAYSTATION", "PlayStation"), ("Nintendo", "Nintendo"),
        ("Windows Phone", "Windows Phone"), ("WPDesktop", "Windows Phone"),
        ("KAIOS", "KaiOS"), ("Tizen", "Tizen"), ("Web0S", "webOS"), ("webOS", "webOS"), ("hpwOS", "webOS"),
        ("OpenHarmony", "HarmonyOS"), ("HarmonyOS", "HarmonyOS"), ("Sailfish", "Sailfish OS"), ("CrOS ", "ChromeOS"),
        ("AppleTV", "tvOS"), ("Apple TV", "tvOS"), ("tvOS", "tvOS"),
        // Includes iPads: to a creator they are one system, and iPadOS has mostly not named itself.
        ("iPhone", Ios), ("iPad", Ios), ("iPod", Ios),
        ("Windows", "Windows"),
        // The reader says "like Android" but is not; tablets and headsets pose as a Linux desktop to get its pages.
        ("Kindle/", "Linux"), ("Android", Android), ("Silk/", Android), ("OculusBrowser/", Android), ("PicoBrowser/", Android),
        ("BB10", "BlackBerry"), ("BlackBerry", "BlackBerry"), ("PlayBook", "BlackBerry"),
        ("Symbian", "Symbian"), ("SymbOS", "Symbian"),
        ("Macintosh", "macOS"), ("Mac OS X", "macOS"),
        ("FreeBSD", "FreeBSD"), ("OpenBSD", "OpenBSD"), ("Linux", "Linux"));

    public static (string? Name, string? Version) Read(ReadOnlySpan<char> text)
    {
        // Their other claims are false, and so is the version in them.
        if (DeviceWords.PuffinEnding(text) is [.., var maker and ('A' or 'I'), 'P' or 'T'])
        {
            return (maker == 'A' ? Android : Ios, null);
        }

        if (DeviceWords.IsTabletAsMac(text))
        {
            return (Ios, After(text, "FBSV/"));
        }

        var name = Systems.FirstIn(text);
        return (name, name switch
        {
            Ios => IosVersion(text),
            Android => AndroidVersion(text),
            "Windows" => WindowsVersion(text),
            "macOS" => MacVersion(text),
            "Windows Phone" => After(text, "Windows Phone ") ?? After(text, "Windows Phone OS "),
            "KaiOS" => After(text, "KAIOS/"),
            "Tizen" => After(text, "Tizen "),
            "HarmonyOS" => After(text, "OpenHarmony ") ?? After(text, "HarmonyOS "),
            "Sailfish OS" => After(text, "Sailfish "),
            // ChromeOS sends one number for all versions; Linux, consoles and televisions send none that people would know.
            _ => null,
        });
    }

    // "CPU iPhone OS 17_5_1 like Mac OS X". Since iOS 26 this is frozen at 18_6 or 18_7, so for these another part must give the version:
    // Facebook's "FBSV/26.0", Instagram's "; iOS 26_0", or Safari, whose version is its system's.
    private static string? IosVersion(ReadOnlySpan<char> text)
    {
        var said = After(text, " OS ");
        if (said is not (['1', '8', '.', '6' or '7'] or ['1', '8', '.', '6' or '7', '.', ..]))
        {
            return said;
        }

        var other = After(text, "FBSV/") ?? After(text, "; iOS ") ?? After(text, "; iPadOS ") ?? After(text, "Version/");
        return other is ['1', '8', '.', ..] ? said : other;
    }

    // Chrome and browsers built on it send "Android 10; K" from every phone. "Android (34/14; …" is written by apps: SDK, then version.
    private static string? AndroidVersion(ReadOnlySpan<char> text)
    {
        var at = text.IndexOf("Android ", StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var rest = text[(at + "Android ".Length)..];
        if (rest.StartsWith("10; K)", StringComparison.Ordinal) || rest.StartsWith("10; K;", StringComparison.Ordinal))
        {
            return null;
        }

        var slash = rest.StartsWith('(') ? rest[..Math.Min(rest.Length, 5)].IndexOf('/') : -1;
        return Version(rest[(slash + 1)..]);
    }

    // Windows 11 sends 10.0 too; nothing in the text distinguishes them.
    private static string? WindowsVersion(ReadOnlySpan<char> text) => After(text, "Windows NT ") switch
    {
        "10.0" => "10",
        "6.3" => "8.1",
        "6.2" => "8",
        "6.1" => "7",
        "6.0" => "Vista",
        "5.1" or "5.2" => "XP",
        _ => null,
    };

    // Every Mac since 2020 sends 10.15 (for a while, some sent 10.16), whatever its version.
    private static string? MacVersion(ReadOnlySpan<char> text) =>
        After(text, "Mac OS X ") is { } version && !version.StartsWith("10.15", StringComparison.Ordinal)
            && !version.StartsWith("10.16", StringComparison.Ordinal)
            ? version
            : null;

    private static string? After(ReadOnlySpan<char> text, string word)
    {
        var at = text.IndexOf(word, StringComparison.Ordinal);
        return at < 0 ? null : Version(text[(at + word.Length)..]);
    }

    /// <summary>The digits, dots and underscores at the start of the text, as <c>17.5.1</c>.</summary>
    private static string? Version(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExcept(VersionCharacters);
        var version = (end < 0 ? text : text[..end]).TrimEnd("._");
        if (version.Length is 0 or > LongestVersion || !char.IsAsciiDigit(version[0]))
        {
            return null;
        }

        return version.ToString().Replace('_', '.');
    }
}
