using System.Globalization;

namespace Bioscope.Core;

/// <summary>
/// How many days a report looks back: the <c>days</c> query parameter. It is read like decimal text in JavaScript's <c>parseInt</c>,
/// because the published API does so. It is never an error: text without a number means the default.
/// </summary>
public static class Days
{
    /// <summary>The value for an absent, empty or unreadable <c>days</c>.</summary>
    public const int Default = 30;

    /// <summary>The minimum; smaller numbers are raised to it.</summary>
    public const int Min = 1;

    /// <summary>The maximum; larger numbers are lowered to it.</summary>
    public const int Max = 365;

    /// <summary>
    /// Reads leading white space, an optional sign and digits, and ignores the rest: <c>" 7abc"</c> is 7, <c>"1e3"</c> is 1. The result
    /// is always from <see cref="Min"/> to <see cref="Max"/>.
    /// </summary>
    public static int Parse(string? text)
    {
        var rest = TrimBlanks(text);
        var negative = rest is ['-', ..];
        if (negative || rest is ['+', ..])
        {
            rest = rest[1..];
        }

        var digits = rest.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? rest[..end] : rest;
        if (digits.IsEmpty)
        {
            return Default;
        }

        if (negative)
        {
            return Min;
        }

        // More digits than an int holds are above the maximum, unless they are leading zeros.
        digits = digits.TrimStart('0');
        if (digits.Length > 3)
        {
            return Max;
        }

        var number = digits.IsEmpty ? 0 : int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        return Math.Clamp(number, Min, Max);
    }

    /// <summary>
    /// The start of the window of <paramref name="days"/> × 24 hours that ends at <paramref name="now"/>, to the millisecond (<paramref
    /// name="now"/> is truncated to the millisecond first, as JavaScript's clock is). The window includes its start and has no upper end.
    /// </summary>
    public static DateTimeOffset Since(DateTimeOffset now, int days) =>
        now.TruncateToMillisecond() - TimeSpan.FromDays(days);

    // ECMAScript's white space and line terminators are .NET's, plus the byte order mark, minus U+0085.
    private static ReadOnlySpan<char> TrimBlanks(ReadOnlySpan<char> text)
    {
        while (text is [var first, ..] && first != '\u0085' && (char.IsWhiteSpace(first) || first == '\uFEFF'))
        {
            text = text[1..];
        }

        return text;
    }
}
