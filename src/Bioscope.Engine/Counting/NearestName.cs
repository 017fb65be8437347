namespace Bioscope.Engine.Counting;

/// <summary>Finds the name that a misspelt one was meant to be.</summary>
public static class NearestName
{
    // Longer texts are not misspelt names, and the work grows with the length.
    private const int MaxLength = 60;

    /// <summary>
    /// The name with the fewest edits (a letter added, removed or replaced, or two neighbours swapped; ignoring case), the first in case
    /// of a tie; null when even that needs more than a third of the letters changed.
    /// </summary>
    public static string? Of(string text, IEnumerable<string> names)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return null;
        }

        var lower = text.ToLowerInvariant();
        var nearest = (Name: (string?)null, Edits: int.MaxValue);
        foreach (var name in names)
        {
            var most = Math.Max(1, Math.Max(name.Length, text.Length) / 3);
            if (Math.Abs(name.Length - text.Length) <= most
                && Edits(lower, name.ToLowerInvariant()) is var edits
                && edits <= most
                && edits < nearest.Edits)
            {
                nearest = (name, edits);
            }
        }

        return nearest.Name;
    }

    /// <summary>The optimal string alignment distance: like Levenshtein's, with a swap of two neighbours as one edit.</summary>
    public static int Edits(string from, string to)
    {
        var (twoBack, back, row) = (new int[to.Length + 1], new int[to.Length + 1], new int[to.Length + 1]);
        for (var j = 0; j <= to.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= from.Length; i++)
        {
            (twoBack, back, row) = (back, row, twoBack);
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = back[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                row[j] = Math.Min(changed, 1 + Math.Min(back[j], row[j - 1]));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    row[j] = Math.Min(row[j], twoBack[j - 2] + 1);
                }
            }
        }

        return row[to.Length];
    }
}
