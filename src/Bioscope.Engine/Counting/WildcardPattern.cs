namespace Bioscope.Engine.Counting;

/// <summary>
/// A pattern for a whole text, case-sensitive, in which <c>*</c> stands for any run of characters, including none; nothing else is
/// special, and there is no escape. Each part between two stars is searched once, from the end of the part before it, so that no pattern
/// is slow.
/// </summary>
public sealed class WildcardPattern(string pattern)
{
    private readonly string[] _parts = pattern.Split('*');

    /// <summary>Whether the whole text matches the pattern.</summary>
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

        // The earliest match is best for every middle part: it leaves the most text to the parts after it.
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
