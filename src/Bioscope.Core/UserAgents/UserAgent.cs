namespace Bioscope.Core;

/// <summary>What the text of a <c>User-Agent</c> header says about its sender.</summary>
/// <remarks>
/// All methods accept any text, well-formed or not, never throw, allocate nothing (except the text of a version), and read only the first
/// 1,024 characters, so that a hostile header costs no more than an ordinary long one. The first call of <see cref="IsBot"/> loads an
/// embedded list, which takes a few milliseconds: a server calls it once in the background, before a visitor waits for it.
/// </remarks>
public static class UserAgent
{
    // The longest of 36,000 browsers examined has 387 characters, the longest listed crawler 285.
    private const int LookedAt = 1_024;

    /// <summary>Whether the sender identifies itself as a crawler, a link preview, a monitor or a program.</summary>
    /// <param name="userAgent">The header as received.</param>
    /// <returns>False for an ordinary browser and for the browser inside an app; also for null and for an empty text, which claim
    /// nothing. A crawler that copies a browser's text cannot be detected.</returns>
    public static bool IsBot(string? userAgent) => BotWords.Name(FirstPart(userAgent));

    /// <summary>The kind of device, or null when the text does not tell.</summary>
    /// <param name="userAgent">The header as received.</param>
    /// <returns>Null also for televisions, consoles and headsets, which are none of the three. Since iPadOS 13 an iPad sends the text of
    /// a Mac unless an app adds to it, and an Android phone that requests the desktop site sends that of a Linux desktop: both are <see
    /// cref="DeviceClass.Desktop"/> here.</returns>
    public static DeviceClass? Device(string? userAgent) => DeviceWords.Read(FirstPart(userAgent));

    /// <summary>
    /// Everything the text says about a person's device, system and browser. For crawlers, it is what they pretend to be.
    /// </summary>
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
