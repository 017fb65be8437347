using System.Runtime.CompilerServices;

namespace Bioscope.Engine.Counting;

/// <summary>Which rows of a block are looked at, by their places in ascending order.</summary>
internal static class RowNumbers
{
    // Shared by all who look at every row: 0, 1, 2, …
    private static int[] _all = [.. Enumerable.Range(0, 1 << 16)];

    /// <summary>All of so many rows.</summary>
    public static ReadOnlySpan<int> All(int count)
    {
        var all = _all;
        if (all.Length < count)
        {
            _all = all = [.. Enumerable.Range(0, Math.Max(count, all.Length * 2))];
        }

        return all.AsSpan(0, count);
    }

    /// <summary>Those of these rows that count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ArraySegment<int> Where(ReadOnlySpan<int> rows, ReadOnlySpan<bool> counts, Scratch scratch)
    {
        // Without a jump for each row: what does not count is overwritten by the next one.
        var (counting, kept) = (scratch.Array<int>(rows.Length + 1), 0);
        foreach (var row in rows)
        {
            counting[kept] = row;
            kept += counts[row] ? 1 : 0;
        }

        return new ArraySegment<int>(counting, 0, kept);
    }

    /// <summary>Those of these rows that have a number other than 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ReadOnlySpan<int> WithNumber(ReadOnlySpan<int> rows, ReadOnlySpan<int> numbers, Scratch scratch)
    {
        var (with, kept) = (scratch.Array<int>(rows.Length + 1), 0);
        foreach (var row in rows)
        {
            with[kept] = row;
            kept += numbers[row] != 0 ? 1 : 0;
        }

        return with.AsSpan(0, kept);
    }
}
