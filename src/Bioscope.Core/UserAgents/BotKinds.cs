using System.Buffers;

namespace Bioscope.Core;

/// <summary>
/// Crawlers that are in no list, by the word for their kind: <c>SomeBot/1.0</c>, <c>my-spider</c>. The word must end there; case is
/// ignored.
/// </summary>
internal static class BotKinds
{
    private static readonly SearchValues<string> Kinds = SearchValues.Create(
        ["bot", "crawler", "spider"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Programs that fetch pages and whose user agent starts with their name; people do not browse with them.</summary>
    private static readonly string[] Programs = ["Dart/", "Deno/", "Java/", "PostmanRuntime/", "Ruby", "insomnia/", "node", "undici"];

    public static bool NameIn(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAny(Kinds) is var at and >= 0)
        {
            var end = at + (text[at] is 'b' or 'B' ? "bot" : text[at] is 'c' or 'C' ? "crawler" : "spider").Length;
            var endsTheWord = end == text.Length || !char.IsAsciiLetter(text[end]);
            // Cubot is a maker of phones.
            if (endsTheWord && !text[..end].EndsWith("cubot", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            text = text[end..];
        }
        return false;
    }

    public static bool IsProgram(ReadOnlySpan<char> text)
    {
        foreach (var program in Programs)
        {
            if (text.StartsWith(program, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
