using System.Text;

namespace Bioscope.Core;

/// <summary>
/// Punycode (RFC 3492) without a limit on the length of a label, as the URL standard requires, in n log n instead of the RFC's n².
/// </summary>
internal static class Punycode
{
    private const int Base = 36, TMin = 1, TMax = 26, Skew = 38, Damp = 700, InitialBias = 72;
    private const int InitialCodePoint = 0x80, MaxCodePoint = 0x10FFFF;

    /// <param name="label">Code points.</param>
    /// <param name="output">Receives the encoded label, without <c>xn--</c>.</param>
    public static void Encode(ReadOnlySpan<int> label, StringBuilder output)
    {
        var handled = new RankTree(label.Length, taken: false);
        var others = new List<long>();
        var count = 0;
        for (var i = 0; i < label.Length; i++)
        {
            if (label[i] >= InitialCodePoint)
            {
                others.Add(((long)label[i] << 32) | (long)i);
                continue;
            }

            output.Append((char)label[i]);
            handled.Take(i);
            count++;
        }

        if (count > 0)
        {
            output.Append('-');
        }

        // The RFC scans the label once per distinct code point, smallest first. Sorting gives the same order; the length of a scan
        // follows from how many of the code points handled so far precede each.
        others.Sort();
        int bias = InitialBias, codePoint = InitialCodePoint, next = 0;
        var isFirst = true;
        foreach (var other in others)
        {
            var place = (int)(other & int.MaxValue);
            var index = handled.TakenBefore(place);
            var delta = (((other >> 32) - codePoint) * (count + 1)) + index - next;
            AppendNumber(delta, bias, output);
            bias = Adapt(delta, ++count, isFirst);
            isFirst = false;
            handled.Take(place);
            codePoint = (int)(other >> 32);
            next = index + 1;
        }
    }

    /// <param name="text">ASCII, lower-case, without <c>xn--</c>.</param>
    /// <returns>The code points, or null when the text is not Punycode.</returns>
    public static int[]? Decode(ReadOnlySpan<int> text)
    {
        var basic = Math.Max(text.LastIndexOf('-'), 0); // a leading hyphen is not a delimiter
        if (Insertions(text[(basic == 0 ? 0 : basic + 1)..], basic) is not { } insertions)
        {
            return null;
        }

        // An index counts from the front of the label at the time of the insertion. Processed from the last insertion to the first, it is
        // a rank among the positions still free, and nothing has to be moved.
        var label = new int[basic + insertions.Count];
        var open = new RankTree(label.Length, taken: true);
        for (var i = insertions.Count - 1; i >= 0; i--)
        {
            label[open.FreeByRank(insertions[i].Index)] = insertions[i].CodePoint;
        }

        var next = 0;
        foreach (var codePoint in text[..basic])
        {
            while (label[next] != 0)
            {
                next++;
            }

            label[next++] = codePoint;
        }

        return label;
    }

    private static List<(int CodePoint, int Index)>? Insertions(ReadOnlySpan<int> digits, int length)
    {
        var insertions = new List<(int, int)>();
        var bias = InitialBias;
        long codePoint = InitialCodePoint, index = 0;
        while (!digits.IsEmpty)
        {
            // No code point is beyond this; the limit also keeps the sums far from overflow.
            var limit = (MaxCodePoint + 1L) * ++length;
            if (!TryReadNumber(ref digits, bias, limit, out var delta))
            {
                return null;
            }

            index += delta;
            codePoint += index / length;
            index %= length;
            if (codePoint > MaxCodePoint)
            {
                return null;
            }

            bias = Adapt(delta, length, insertions.Count == 0);
            insertions.Add(((int)codePoint, (int)index));
            index++;
        }

        return insertions;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<int> digits, int bias, long limit, out long number)
    {
        number = 0;
        long weight = 1;
        for (var k = Base; !digits.IsEmpty; k += Base)
        {
            var digit = digits[0] switch
            {
                >= 'a' and <= 'z' => digits[0] - 'a',
                >= '0' and <= '9' => digits[0] - '0' + 26,
                _ => -1,
            };
            digits = digits[1..];
            number += digit * weight;
            if (digit < 0 || number > limit)
            {
                return false;
            }

            var threshold = Threshold(k, bias);
            if (digit < threshold)
            {
                return true;
            }

            weight *= Base - threshold;
        }

        return false; // ends in the middle of a number
    }

    private static void AppendNumber(long number, int bias, StringBuilder output)
    {
        for (var k = Base; ; k += Base)
        {
            var threshold = Threshold(k, bias);
            if (number < threshold)
            {
                output.Append(Digit((int)number));
                return;
            }

            number -= threshold;
            output.Append(Digit(threshold + (int)(number % (Base - threshold))));
            number /= Base - threshold;
        }
    }

    private static char Digit(int value) => (char)(value < 26 ? 'a' + value : '0' + value - 26);

    private static int Threshold(int k, int bias) => Math.Clamp(k - bias, TMin, TMax);

    /// <summary>Bias adaptation, RFC 3492, section 6.1.</summary>
    private static int Adapt(long delta, int length, bool isFirst)
    {
        delta = isFirst ? delta / Damp : delta / 2;
        delta += delta / length;
        var k = 0;
        for (; delta > (Base - TMin) * TMax / 2; k += Base)
        {
            delta /= Base - TMin;
        }

        return k + (int)((Base - TMin + 1) * delta / (delta + Skew));
    }
}
