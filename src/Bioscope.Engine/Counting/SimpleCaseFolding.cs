using System.Text;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Case folding of text by Unicode's simple case folding: one code point maps to one, independently of language. .NET's OrdinalIgnoreCase
/// differs: it compares upper case, in which "ſ" and "s", or the Kelvin sign and "k", differ.
/// </summary>
public static class SimpleCaseFolding
{
    private const int RunLength = 4;

    /// <summary>The representative of this code point and of all that differ from it only in case.</summary>
    public static int Fold(int codePoint)
    {
        if (codePoint < 0x80)
        {
            return codePoint is >= 'A' and <= 'Z' ? codePoint + ('a' - 'A') : codePoint;
        }

        // The last run that does not begin after the code point.
        var runs = CaseFoldingTable.Runs;
        var (low, high) = (0, (runs.Length / RunLength) - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = runs[middle * RunLength] <= codePoint ? (middle, high) : (low, middle - 1);
        }

        var run = runs.Slice(low * RunLength, RunLength);
        return codePoint <= run[1] && (codePoint - run[0]) % run[2] == 0 ? codePoint + run[3] : codePoint;
    }

    /// <summary>The text with each code point folded, with the same length. A surrogate without its partner is left unchanged.</summary>
    public static string Fold(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.AsSpan().ContainsAnyInRange('A', 'Z') ? text.ToLowerInvariant() : text;
        }

        return string.Create(text.Length, text, static (folded, text) =>
        {
            for (var i = 0; i < folded.Length; i++)
            {
                if (Rune.TryGetRuneAt(text, i, out var rune))
                {
                    i += new Rune(Fold(rune.Value)).EncodeToUtf16(folded[i..]) - 1;
                }
                else
                {
                    folded[i] = text[i];
                }
            }
        });
    }
}
