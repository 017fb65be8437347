using System.Globalization;

namespace Bioscope.Core;

/// <summary>
/// How many days a report looks back: the <c>days</c> query parameter, read as JavaScript's <c>parseInt</c> reads
/// decimal text, because that is how the published API reads it. Never an error: text without a number is the default.
/// </summary>
public static class Days
{
    /// <summary>What an absent, empty or unreadable <c>days</c> means.</summary>
    public const int Default = 30;

    /// <summary>The fewest days; smaller numbers are raised to it.</summary>
    public const int Min = 1;

    /// <summary>The most days; larger numbers are lowered to it.</summary>
    public const int Max = 365;

    /// <summary>
    /// Reads leading blanks, an optional sign and digits, and ignores the rest: <c>" 7abc"</c> is 7, <c>"1e3"</c> is 1.
    /// The answer is always from <see cref="Min"/> to <see cref="Max"/>.
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

        // More digits than an int holds are certainly over the cap, unless they are leading zeros.
        digits = digits.TrimStart('0');
        if (digits.Length > 3)
        {
            return Max;
        }

        var number = digits.IsEmpty ? 0 : int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        return Math.Clamp(number, Min, Max);
    }

    /// <summary>
    /// The first instant of the window of <paramref name="days"/> × 24 hours that ends at <paramref name="now"/>,
    /// to the millisecond (<paramref name="now"/> is cut to the millisecond first, as JavaScript's clock is).
    /// The window includes it and has no upper end.
    /// </summary>
    public static DateTimeOffset Since(DateTimeOffset now, int days) =>
        now.TruncateToMillisecond() - TimeSpan.FromDays(days);

    // ECMAScript's white space and line terminators are .NET's, plus the byte order mark and minus U+0085.
    private static ReadOnlySpan<char> TrimBlanks(ReadOnlySpan<char> text)
    {
        while (text is [var first, ..] && first != '\u0085' && (char.IsWhiteSpace(first) || first == '\uFEFF'))
        {
            text = text[1..];
        }

        return text;
    }
}
