using System.Buffers;

namespace Bioscope.Core;

/// <summary>Words, each with a name. If a text contains several of them, the first in the list counts.</summary>
/// <remarks>One pass over the text, whose cost hardly depends on the number of words: few texts contain more than two of them.</remarks>
internal sealed class NamedWords
{
    private const char WordEnd = '|';

    private readonly (string Word, string Name)[] _words;
    private readonly SearchValues<string> _any;
    private readonly StringComparison _comparison;
    private readonly bool _atStart;

    /// <summary>Words in exactly this case, anywhere in the text.</summary>
    public NamedWords(params (string Word, string Name)[] words)
        : this(words, StringComparison.Ordinal, false)
    {
    }

    private NamedWords((string Word, string Name)[] words, StringComparison comparison, bool atStart)
    {
        (_words, _comparison, _atStart) = (words, comparison, atStart);
        _any = SearchValues.Create([.. words.Select(pair => pair.Word.TrimEnd(WordEnd))], comparison);
    }

    /// <summary>
    /// Words in any case, where no letter or digit stands before: "Line/" is not in "Offline/". After a word that ends in <c>|</c> no small
    /// letter may stand: "Nextdoor|" is in "NextdoorIOS", "Discord|" not in "Discordbot".
    /// </summary>
    public static NamedWords AtStart(params (string Word, string Name)[] words) => new(words, StringComparison.OrdinalIgnoreCase, true);

    /// <summary>The name of every word.</summary>
    public IEnumerable<string> Names => _words.Select(pair => pair.Name);

    public string? FirstIn(ReadOnlySpan<char> text)
    {
        var first = _words.Length;
        for (var start = 0; first > 0 && text[start..].IndexOfAny(_any) is var at and >= 0; start++)
        {
            start += at;
            if (_atStart && start > 0 && char.IsAsciiLetterOrDigit(text[start - 1]))
            {
                continue;
            }

            var rest = text[start..];
            for (var i = 0; i < first; i++)
            {
                if (StartsWith(rest, _words[i].Word))
                {
                    first = i;
                }
            }
        }

        return first < _words.Length ? _words[first].Name : null;
    }

    private bool StartsWith(ReadOnlySpan<char> text, ReadOnlySpan<char> word)
    {
        var bare = word.TrimEnd(WordEnd);
        return text.StartsWith(bare, _comparison)
            && (bare.Length == word.Length || text.Length == bare.Length || !char.IsAsciiLetterLower(text[bare.Length]));
    }
}
