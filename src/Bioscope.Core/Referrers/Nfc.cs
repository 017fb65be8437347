using System.Runtime.InteropServices;

namespace Bioscope.Core;

/// <summary>Normalization Form C (Unicode Standard, 3.11). .NET's <c>Normalize</c> does nothing in invariant mode.</summary>
internal static class Nfc
{
    // Hangul syllables: arithmetic instead of tables (3.12).
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, LCount = 19, VCount = 21, TCount = 28;
    private const int SCount = LCount * VCount * TCount;

    /// <returns>The normalized code points, in a new array.</returns>
    public static int[] Normalize(ReadOnlySpan<int> text)
    {
        var decomposed = new List<int>(text.Length);
        foreach (var codePoint in text)
        {
            Decompose(codePoint, decomposed);
        }

        var codePoints = CollectionsMarshal.AsSpan(decomposed);
        Reorder(codePoints);
        return codePoints[..Compose(codePoints)].ToArray();
    }

    private static void Decompose(int codePoint, List<int> output)
    {
        var syllable = codePoint - SBase;
        if (syllable is >= 0 and < SCount)
        {
            output.Add(LBase + (syllable / (VCount * TCount)));
            output.Add(VBase + (syllable / TCount % VCount));
            if (syllable % TCount != 0)
            {
                output.Add(TBase + (syllable % TCount));
            }

            return;
        }

        var decomposition = IdnaTable.Decomposition(codePoint);
        if (decomposition.IsEmpty)
        {
            output.Add(codePoint);
        }

        foreach (var rune in decomposition.EnumerateRunes())
        {
            output.Add(rune.Value);
        }
    }

    /// <summary>Canonical ordering: a stable sort of each run of marks by their class.</summary>
    private static void Reorder(Span<int> text)
    {
        for (var start = 0; start < text.Length; start++)
        {
            var end = start;
            var previous = 0;
            var isOrdered = true;
            while (end < text.Length && IdnaTable.Properties(text[end]).CombiningOrder is > 0 and int order)
            {
                isOrdered &= previous <= order;
                previous = order;
                end++;
            }

            if (!isOrdered)
            {
                SortByClass(text[start..end]);
            }

            start = end; // the code point there has class 0
        }
    }

    /// <summary>Sorts in n log n, because a referrer may be one run of thousands of marks.</summary>
    private static void SortByClass(Span<int> marks)
    {
        var keys = new long[marks.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = ((long)IdnaTable.Properties(marks[i]).CombiningOrder << 32) | (long)i; // the index makes each key unique
        }

        keys.AsSpan().Sort(marks);
    }

    /// <summary>Canonical composition, in place.</summary>
    /// <returns>How many code points remain.</returns>
    private static int Compose(Span<int> text)
    {
        var length = 0;
        var starter = -1;
        var previousOrder = 0;
        foreach (var codePoint in text)
        {
            var order = IdnaTable.Properties(codePoint).CombiningOrder;
            // A mark in between blocks a mark with the same class or a lower one, and any mark in between blocks a starter.
            var isBlocked = starter < 0 || (starter != length - 1 && previousOrder >= order);
            if (!isBlocked && Composite(text[starter], codePoint) is not 0 and int composite)
            {
                text[starter] = composite;
                continue;
            }

            if (order == 0)
            {
                starter = length;
            }

            previousOrder = order;
            text[length++] = codePoint;
        }

        return length;
    }

    private static int Composite(int first, int second)
    {
        if (first - LBase is >= 0 and < LCount && second - VBase is >= 0 and < VCount)
        {
            return SBase + (((((first - LBase) * VCount) + second) - VBase) * TCount);
        }

        var isSyllableWithoutTail = first - SBase is >= 0 and < SCount && (first - SBase) % TCount == 0;
        return isSyllableWithoutTail && second - TBase is > 0 and < TCount ? first + second - TBase : IdnaTable.Composite(first, second);
    }
}
