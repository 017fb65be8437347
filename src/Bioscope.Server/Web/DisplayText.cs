using System.Globalization;
using System.Text;
using Bioscope.Engine.Json;
using Bioscope.Engine.Rows;

namespace Bioscope.Server.Web;

/// <summary>Reads the texts of a body that people will see on a page.</summary>
internal static class DisplayText
{
    /// <summary>A single-line text for display, trimmed; null when it is absent or blank.</summary>
    public static string? Line(JsonBody body, string field) => Text(body, field, BioPageRow.MaxTitle, mayBreak: false);

    /// <summary>Like <see cref="Line"/>, refused when it is absent or blank.</summary>
    public static string RequiredLine(JsonBody body, string field)
    {
        var known = body.Problems.Count;
        var line = Line(body, field);
        if (line is null && body.Problems.Count == known)
        {
            body.Refuse(field, "is required");
        }

        return line ?? "";
    }

    /// <summary>A text for display, trimmed; null when it is absent or blank.</summary>
    public static string? Text(JsonBody body, string field, int max, bool mayBreak)
    {
        var text = body.OptionalText(field, int.MaxValue)?.ReplaceLineEndings("\n").Trim();
        if (text is null)
        {
            return null;
        }

        if (text.Length > max)
        {
            body.Refuse(field, string.Create(CultureInfo.InvariantCulture, $"must have at most {max} characters"));
        }
        else if (text.Any(c => char.IsControl(c) && !(mayBreak && c == '\n')))
        {
            body.Refuse(field, "must not contain control characters");
        }

        return text.EnumerateRunes().Any(IsVisible) ? text : null;
    }

    // A link with nothing but zero-width characters would be invisible.
    private static bool IsVisible(Rune rune) =>
        !Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format);
}
