namespace Bioscope.Core;

/// <summary>How a visitor came to a page, from the parameters of the page's own URL. Null where the URL has none.</summary>
/// <remarks>
/// The five parameters are matched in lower case, exactly, as browsers' <c>URLSearchParams</c>, Google Analytics and link builders do. Of
/// several with the same name the first counts, even if it is empty. A name that begins with <c>amp;</c> is read without it: such a URL
/// was escaped for HTML once too often. Values are decoded as browsers do, without U+0000 and lone
/// surrogates (which PostgreSQL cannot hold), trimmed, and truncated to <see cref="MaxLength"/>.
/// </remarks>
/// <param name="UtmSource">The sender, such as <c>newsletter</c>.</param>
/// <param name="UtmMedium">The medium, such as <c>email</c>.</param>
/// <param name="UtmCampaign">The campaign.</param>
/// <param name="UtmTerm">The keyword.</param>
/// <param name="UtmContent">Which of several links.</param>
/// <param name="ClickId">The network that put a click id into the URL: the name of the parameter, such as <c>gclid</c>, never the
/// id.</param>
public sealed record Attribution(
    string? UtmSource, string? UtmMedium, string? UtmCampaign, string? UtmTerm, string? UtmContent, string? ClickId)
{
    /// <summary>
    /// The parameter <c>source</c>, else <c>ref</c>, which some sites and link builders add instead of <c>utm_source</c>; null where that
    /// is there.
    /// </summary>
    public string? Ref { get; init; }

    /// <summary>The maximum of UTF-16 units stored per field; a surrogate pair is never split.</summary>
    public const int MaxLength = 255;

    /// <summary>How many characters of a URL are read.</summary>
    public const int LookedAt = 8_192;

    /// <summary>The result for a URL without such parameters.</summary>
    public static readonly Attribution None = new(null, null, null, null, null, null);

    private static readonly string[] Fields = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "source", "ref"];

    private const string EscapedAmpersand = "amp;";

    /// <summary>
    /// Reads a page's URL: any text, including a path or something that is not a URL. Only the text between the first <c>?</c> and the
    /// first <c>#</c> is read.
    /// </summary>
    public static Attribution Of(string? url)
    {
        var text = url is { Length: > LookedAt } ? url[..LookedAt] : url ?? "";
        // The URL standard removes these anywhere, and characters below a space at both ends.
        if (text.AsSpan().ContainsAny('\t', '\n', '\r'))
        {
            text = text.Replace("\t", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Replace(
                "\r", "", StringComparison.Ordinal);
        }

        var rest = text.AsSpan();
        while (rest is [.., <= ' '])
        {
            rest = rest[..^1];
        }

        var fragment = rest.IndexOf('#');
        rest = fragment < 0 ? rest : rest[..fragment];
        var question = rest.IndexOf('?');
        return question < 0 ? None : OfQuery(rest[(question + 1)..]);
    }

    private static Attribution OfQuery(ReadOnlySpan<char> query)
    {
        var fields = new string?[Fields.Length];
        var bestClickId = ClickIds.None;
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            var equals = parameter.IndexOf('=');
            var name = QueryText.Name(equals < 0 ? parameter : parameter[..equals]);
            var value = equals < 0 ? [] : parameter[(equals + 1)..];
            while (name is not null && name.StartsWith(EscapedAmpersand, StringComparison.Ordinal))
            {
                name = name[EscapedAmpersand.Length..];
            }

            var field = Array.IndexOf(Fields, name);
            if (field >= 0)
            {
                fields[field] ??= Clean(QueryText.Decode(value));
            }
            else if (!value.IsEmpty)
            {
                bestClickId = Math.Min(bestClickId, ClickIds.Rank(name));
            }
        }

        var clickId = ClickIds.ByRank(bestClickId);
        return clickId is null && fields.All(string.IsNullOrEmpty)
            ? None
            : new Attribution(Kept(fields[0]), Kept(fields[1]), Kept(fields[2]), Kept(fields[3]), Kept(fields[4]), clickId)
            {
                Ref = Kept(fields[0]) is null ? Kept(fields[5]) ?? Kept(fields[6]) : null,
            };
    }

    private static string? Kept(string? field) => string.IsNullOrEmpty(field) ? null : field;

    private static string Clean(string value)
    {
        var kept = new char[value.Length];
        var length = 0;
        for (var i = 0; i < value.Length; i++)
        {
            var pair = char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]);
            if (pair)
            {
                kept[length++] = value[i++];
            }

            if (pair || (value[i] != '\0' && !char.IsSurrogate(value[i])))
            {
                kept[length++] = value[i];
            }
        }

        var text = kept.AsSpan(0, length).Trim();
        if (text.Length > MaxLength)
        {
            text = text[..(char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength)].TrimEnd();
        }

        return text.ToString();
    }
}
