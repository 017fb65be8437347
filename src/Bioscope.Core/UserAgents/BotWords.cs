using System.Buffers;

namespace Bioscope.Core;

/// <summary>The words by which crawlers identify themselves, from the embedded <c>bots.txt</c>.</summary>
/// <remarks>
/// All words that may occur anywhere are searched in one pass, whose cost hardly depends on their number. The same list as one regular
/// expression takes a thousand times as long.
/// </remarks>
internal static class BotWords
{
    // Loaded on first use, not at start-up.
    private static readonly Dictionary<string, string[]> Sections = ReadSections();

    private static readonly SearchValues<string> Anywhere = SearchValues.Create(Sections["anywhere"], StringComparison.Ordinal);
    private static readonly string[] AtStart = Sections["start"];
    private static readonly string[] AtEnd = Sections["end"];
    private static readonly string[][] InOrder = [.. Sections["in order"].Select(words => words.Split('*'))];

    /// <summary>Whether the text contains a crawler's name outside the parts written by phones and browsers.</summary>
    public static bool Name(ReadOnlySpan<char> text) =>
        StartOf(text) || EndOf(text) || (IsNamedIn(text) && IsNamedOutsideOfBrowserNames(text)) || InOrderIn(text)
            || BotKinds.IsProgram(text);

    private static bool IsNamedIn(ReadOnlySpan<char> text) => text.ContainsAny(Anywhere) || BotKinds.NameIn(text);

    // Searches the text between the parts in which browsers describe themselves. Rare: most texts contain no word of the list.
    private static bool IsNamedOutsideOfBrowserNames(ReadOnlySpan<char> text)
    {
        while (BrowserNames.TryFindFirst(text, out var start, out var end))
        {
            if (IsNamedIn(text[..start]))
            {
                return true;
            }

            text = text[end..];
        }
        return IsNamedIn(text);
    }

    private static bool StartOf(ReadOnlySpan<char> text)
    {
        foreach (var word in AtStart)
        {
            if (text.StartsWith(word, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool EndOf(ReadOnlySpan<char> text)
    {
        foreach (var word in AtEnd)
        {
            if (text.EndsWith(word, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool InOrderIn(ReadOnlySpan<char> text)
    {
        foreach (var words in InOrder)
        {
            var first = text.IndexOf(words[0], StringComparison.Ordinal);
            if (first >= 0 && text[(first + words[0].Length)..].Contains(words[1], StringComparison.Ordinal))
            {
                return true;
            }
        }
        return false;
    }

    private static Dictionary<string, string[]> ReadSections()
    {
        Dictionary<string, List<string>> sections = [];
        List<string> current = [];
        foreach (var line in EmbeddedText.Lines(typeof(BotWords).Assembly, "bots.txt"))
        {
            if (line[0] == '[')
            {
                sections.Add(line[1..^1], current = []);
            }
            else
            {
                current.Add(line.Replace('␣', ' '));
            }
        }
        return sections.ToDictionary(section => section.Key, section => section.Value.ToArray());
    }
}
