using System.Globalization;

namespace Bioscope.Core;

/// <summary>The language that a browser prefers, as a tag of BCP 47: <c>de</c>, <c>pt-BR</c>, <c>zh-Hant-TW</c>.</summary>
public static class LanguageTag
{
    /// <summary>The longest tag that is kept; longer ones are cut at a subtag.</summary>
    public const int MaxLength = 35;

    private const int MaxHeaderLength = 1_000;

    /// <summary>
    /// The tag in its usual case: language in lower case, script with one capital, region in capitals. Only its form is looked at.
    /// </summary>
    /// <returns>Null when it is no tag.</returns>
    public static string? Normalize(string? tag)
    {
        if (string.IsNullOrWhiteSpace(tag) || tag.Length > MaxHeaderLength)
        {
            return null;
        }

        var parts = tag.Trim().Replace('_', '-').Split('-');
        if (parts[0].Length is < 2 or > 3 || Array.Exists(parts, part => part.Length is 0 or > 8 || !part.All(char.IsAsciiLetterOrDigit))
            || !parts[0].All(char.IsAsciiLetter))
        {
            return null;
        }

        var normal = parts[0].ToLowerInvariant();
        foreach (var part in parts.Skip(1).Select(Normal).TakeWhile(part => normal.Length + 1 + part.Length <= MaxLength))
        {
            normal += "-" + part;
        }

        return normal;
    }

    /// <summary>The tag with the highest weight in an <c>Accept-Language</c> header, of equal ones the first (RFC 9110, 12.5.4).</summary>
    /// <returns>Null when there is none.</returns>
    public static string? OfHeader(string? header)
    {
        var (best, bestWeight) = ((string?)null, 0m);
        foreach (var item in (header?[..Math.Min(header.Length, MaxHeaderLength)] ?? "").Split(','))
        {
            var fields = item.Split(';', StringSplitOptions.TrimEntries);
            if (Weight(fields) is var weight && weight > bestWeight && Normalize(fields[0]) is { } tag)
            {
                (best, bestWeight) = (tag, weight);
            }
        }

        return best;
    }

    private static string Normal(string part) => part.Length switch
    {
        2 => part.ToUpperInvariant(),
        4 when char.IsAsciiLetter(part[0]) => char.ToUpperInvariant(part[0]) + part[1..].ToLowerInvariant(),
        _ => part.ToLowerInvariant(),
    };

    private static decimal Weight(string[] fields)
    {
        var weight = Array.Find(fields, field => field.StartsWith("q=", StringComparison.OrdinalIgnoreCase));
        return weight is null ? 1 : decimal.TryParse(
            weight.AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
