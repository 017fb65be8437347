namespace Bioscope.Engine.Counting;

/// <summary>
/// A pattern for a whole text, exact in case, in which <c>*</c> is any run of characters, also none; nothing else is special and nothing
/// escapes. Each part between two stars is looked for once, from where the one before it ended, so that no pattern takes long.
/// </summary>
public sealed class WildcardPattern(string pattern)
{
    private readonly string[] _parts = pattern.Split('*');

    /// <summary>Whether the whole text is what the pattern describes.</summary>
    public bool Matches(ReadOnlySpan<char> text)
    {
        var (first, last) = (_parts[0], _parts[^1]);
        if (_parts.Length == 1)
        {
            return text.SequenceEqual(first);
        }

        if (text.Length < first.Length + last.Length || !text.StartsWith(first) || !text.EndsWith(last))
        {
            return false;
        }

        // The earliest place is the best one for every part in the middle: it leaves most to those after it.
        var rest = text[first.Length..^last.Length];
        foreach (var part in _parts.AsSpan(1..^1))
        {
            var place = rest.IndexOf(part);
            if (place < 0)
            {
                return false;
            }

            rest = rest[(place + part.Length)..];
        }

        return true;
    }
}
