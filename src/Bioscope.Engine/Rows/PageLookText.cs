using System.Globalization;
using Bioscope.Core;

namespace Bioscope.Engine.Rows;

/// <summary>
/// How a page looks, as the API and imports name it: each name as it is stored, or null, and the rule for the one who gave it.
/// </summary>
internal static class PageLookText
{
    /// <summary>The maximum of profiles in the row of icons: two rows on a phone.</summary>
    public const int MaxIcons = 12;

    private const int MaxUrl = 2_048;

    public static string ThemeRule { get; } = OneOf(PageTheme.All.Select(theme => theme.Name));

    public static string FontRule { get; } = OneOf(PageFont.All.Select(font => font.Name));

    public static string ColourRule => "must be a colour such as #3b6e9e";

    public static string? Theme(string name) => PageTheme.Named(name)?.Name;

    public static string? Font(string name) => PageFont.Named(name)?.Name;

    public static string? Colour(string name) => Rgb.Parse(name)?.ToString();

    /// <summary>Why these cannot be the addresses of a page's profiles; null when they can.</summary>
    public static string? ProblemOfIcons(IReadOnlyCollection<string> icons) =>
        icons.Count > MaxIcons ? string.Create(CultureInfo.InvariantCulture, $"must have at most {MaxIcons} addresses")
        : icons.Any(icon => icon.Length > MaxUrl || !OutboundUrl.IsAllowed(icon))
            ? "must contain only web addresses that start with http:// or https://, without a user name in them"
        : null;

    private static string OneOf(IEnumerable<string> names) => "must be one of " + string.Join(", ", names);
}
