using System.Collections.Frozen;
using Bioscope.Core;
using Microsoft.Net.Http.Headers;

namespace Bioscope.Server.Translations;

/// <summary>
/// Our own texts in one language, from its embedded file: <c>Key = text with {places}</c> under the <c>[Area]</c> of the product. Pages
/// get them as typed members of a <c>WordArea</c>.
/// </summary>
internal sealed class Words
{
    // The first one is for browsers that prefer none of them. Portuguese and the rest serve every region of their language.
    private static readonly string[] Tags = ["en", "es", "pt-BR", "fr", "de", "tr", "id", "ja", "hi", "ar"];

    private Words(string tag, FrozenDictionary<string, string> texts, Language language) => (Tag, Texts, Language) = (tag, texts, language);

    public static IReadOnlyList<Words> All { get; } = [.. Tags.Select(tag => new Words(tag, Read(tag), Language.Of([tag])))];

    /// <summary>English with the numbers of <see cref="Language.Default"/>: for who has chosen nothing.</summary>
    public static Words Default { get; } = Of([]);

    /// <summary>The language with one of our own tags, as it was kept; <see cref="Default"/> for English and for every other text.</summary>
    public static Words Named(string? tag) => All.Skip(1).FirstOrDefault(words => words.Tag == tag) ?? Default;

    /// <summary>The BCP 47 tag, for <c>lang</c>.</summary>
    public string Tag { get; }

    /// <summary>A text with a capital letter at its beginning, as a heading or the start of a sentence has it.</summary>
    public string Capital(string text) => text switch
    {
        "" => "",
        // Turkish has a dotted capital letter.
        ['i', ..] when Tag == "tr" => "İ" + text[1..],
        _ => char.ToUpperInvariant(text[0]) + text[1..],
    };

    /// <summary>For <c>dir</c>.</summary>
    public string Direction => Tag == "ar" ? "rtl" : "ltr";

    /// <summary>How numbers and dates are written among the texts: as in the reader's own region.</summary>
    public Language Language { get; }

    /// <summary>The texts by <c>Area.Key</c>, and by <c>Area.Key.form</c> where they depend on a number.</summary>
    public FrozenDictionary<string, string> Texts { get; }

    /// <summary>The language for a response. The response then varies by it, so that a shared cache does not mix languages.</summary>
    public static Words Of(HttpContext http)
    {
        http.Response.Headers.AppendCommaSeparatedValues(HeaderNames.Vary, HeaderNames.AcceptLanguage);
        return Of(BrowserLanguage.Tags(http.Request));
    }

    /// <summary>
    /// The first of the languages that we have, whatever its region or script: Swiss readers get German texts with Swiss numbers. Otherwise
    /// English texts, with the numbers of the first language.
    /// </summary>
    public static Words Of(IEnumerable<string> tags)
    {
        var preferred = tags.ToList();
        foreach (var tag in preferred)
        {
            if (All.FirstOrDefault(words => LanguageOf(words.Tag).Equals(LanguageOf(tag), StringComparison.OrdinalIgnoreCase)) is { } found)
            {
                return new Words(found.Tag, found.Texts, Language.Of([tag]));
            }
        }

        return new Words(All[0].Tag, All[0].Texts, Language.Of(preferred));
    }

    private static ReadOnlySpan<char> LanguageOf(string tag) => tag.AsSpan(0, tag.IndexOf('-') is >= 0 and var dash ? dash : tag.Length);

    private static FrozenDictionary<string, string> Read(string tag)
    {
        var (texts, area) = (new Dictionary<string, string>(), "");
        foreach (var line in EmbeddedText.Lines(typeof(Words).Assembly, $"Words/{tag}.txt"))
        {
            if (line[0] == '[')
            {
                area = line.Trim('[', ']');
                continue;
            }

            var parts = line.Split(" = ", 2);
            texts.Add($"{area}.{parts[0]}", parts[1]);
        }

        return texts.ToFrozenDictionary();
    }
}
