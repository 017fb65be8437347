namespace Bioscope.Core;

/// <summary>How a visitor came to a page, from the parameters of the page's own URL. Null where the URL has none.</summary>
/// <remarks>
/// The five are the parameters of that name in lower case, exactly, as browsers' <c>URLSearchParams</c>, Google Analytics and link
/// builders read them. Of several with the same name the first counts, even if it is empty. They are decoded as browsers do, without
/// U+0000 and lone surrogates (which PostgreSQL cannot hold), trimmed, and cut to <see cref="MaxLength"/>.
/// </remarks>
/// <param name="UtmSource">Who sent the visitor: <c>newsletter</c>.</param>
/// <param name="UtmMedium">By what means: <c>email</c>.</param>
/// <param name="UtmCampaign">For which campaign.</param>
/// <param name="UtmTerm">For which keyword.</param>
/// <param name="UtmContent">By which of several links.</param>
/// <param name="ClickId">Which network put a click id into the URL: the name of its parameter, such as <c>gclid</c>, never the id.</param>
public sealed record Attribution(
    string? UtmSource, string? UtmMedium, string? UtmCampaign, string? UtmTerm, string? UtmContent, string? ClickId)
{
    /// <summary>The most UTF-16 units that are kept of a field; a surrogate pair is never cut apart.</summary>
    public const int MaxLength = 255;

    /// <summary>How many characters of a URL are read.</summary>
    public const int LookedAt = 8_192;

    /// <summary>The result for a URL without such parameters.</summary>
    public static readonly Attribution None = new(null, null, null, null, null, null);

    private static readonly string[] Fields = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];

    /// <summary>
    /// Reads a page's URL: any text, also a path or no URL at all. Only the text between the first <c>?</c> and the first <c>#</c> is
    /// read.
    /// </summary>
    public static Attribution Of(string? url)
    {
        var text = url is { Length: > LookedAt } ? url[..LookedAt] : url ?? "";
        // The URL standard removes these wherever they stand, and what is below a space at both ends.
        if (text.AsSpan().ContainsAny('\t', '\n', '\r'))
        {
            text = text.Replace("\t", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
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
            : new Attribution(Kept(fields[0]), Kept(fields[1]), Kept(fields[2]), Kept(fields[3]), Kept(fields[4]), clickId);
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
