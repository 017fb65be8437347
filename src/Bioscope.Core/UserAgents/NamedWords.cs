using System.Buffers;

namespace Bioscope.Core;

/// <summary>Words, each with a name. If a text contains several of them, the first in the list counts.</summary>
/// <remarks>One pass over the text, whose cost hardly depends on the number of words: few texts contain more than two of them.</remarks>
internal sealed class NamedWords(params (string Word, string Name)[] words)
{
    private readonly SearchValues<string> _any = SearchValues.Create([.. words.Select(pair => pair.Word)], StringComparison.Ordinal);

    public string? FirstIn(ReadOnlySpan<char> text)
    {
        var first = words.Length;
        while (first > 0 && text.IndexOfAny(_any) is var at and >= 0)
        {
            text = text[at..];
            for (var i = 0; i < first; i++)
            {
                if (text.StartsWith(words[i].Word, StringComparison.Ordinal))
                {
                    first = i;
                }
            }

            text = text[1..];
        }

        return first < words.Length ? words[first].Name : null;
    }
}
