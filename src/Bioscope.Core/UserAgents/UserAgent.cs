namespace Bioscope.Core;

/// <summary>What the text of a <c>User-Agent</c> header tells about its sender.</summary>
/// <remarks>
/// All questions take any text, well-formed or not, never throw, allocate nothing (but the text of a version), and look at the
/// first 1,024 characters only, so that a hostile header costs no more than a long one.
/// The first <see cref="IsBot"/> reads an embedded list, which takes some milliseconds: a server asks once in the
/// background, before a visitor waits for it.
/// </remarks>
public static class UserAgent
{
    // The longest of 36,000 browsers looked at while making this sends 387 characters, the longest listed crawler 285.
    private const int LookedAt = 1_024;

    /// <summary>Whether the sender names itself as a crawler, a link preview, a monitor or a program.</summary>
    /// <param name="userAgent">The header as received.</param>
    /// <returns>
    /// False for an ordinary browser and for the browser inside an app; also for null and for an empty text, which claim
    /// nothing. A crawler that copies a browser's text cannot be told from one.
    /// </returns>
    public static bool IsBot(string? userAgent) => BotWords.Name(FirstPart(userAgent));

    /// <summary>The kind of device, or null when the text does not tell.</summary>
    /// <param name="userAgent">The header as received.</param>
    /// <returns>
    /// Null also for televisions, consoles and headsets, which are none of the three.
    /// An iPad since iPadOS 13 sends the text of a Mac unless an app adds to it, and an Android phone that asks for the
    /// desktop site sends that of a Linux desktop: both are <see cref="DeviceClass.Desktop"/> here.
    /// </returns>
    public static DeviceClass? Device(string? userAgent) => DeviceWords.Read(FirstPart(userAgent));

    /// <summary>All that the text tells of a person's device, system and browser. Of crawlers it says what they pretend.</summary>
    /// <param name="userAgent">The header as received.</param>
    public static UserAgentFacts Facts(string? userAgent)
    {
        var text = FirstPart(userAgent);
        var app = AppNames.Read(text);
        var (os, version) = SystemWords.Read(text);
        return new UserAgentFacts(DeviceWords.Read(text), app ?? BrowserWords.Read(text), os, version, app);
    }

    private static ReadOnlySpan<char> FirstPart(ReadOnlySpan<char> text) => text.Length > LookedAt ? text[..LookedAt] : text;
}
