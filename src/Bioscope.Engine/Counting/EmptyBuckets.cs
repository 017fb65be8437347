namespace Bioscope.Engine.Counting;

/// <summary>
/// The buckets of a range that have no row, in order: forward or backward in time, as nothing else tells them apart. Only their number is
/// known, since a range may have millions.
/// </summary>
/// <param name="taken">The numbers of the buckets that have rows, ascending.</param>
/// <param name="buckets">How many buckets there are.</param>
/// <param name="isBackward">Whether the last bucket comes first.</param>
internal sealed class EmptyBuckets(int[] taken, int buckets, bool isBackward)
{
    /// <summary>How many there are.</summary>
    public int Count => buckets - taken.Length;

    /// <summary>The number of the bucket at a place in the order, from 0.</summary>
    public int At(int place)
    {
        var nth = isBackward ? Count - 1 - place : place;
        // It comes after those taken ones that have at most as many empty ones before them.
        return nth + FirstNot(taken.Length, i => taken[i] - i <= nth);
    }

    /// <summary>How many come before the bucket with this number.</summary>
    public int CountBefore(int number)
    {
        var earlier = number - FirstNot(taken.Length, i => taken[i] < number);
        return isBackward ? Count - earlier : earlier;
    }

    // Of the numbers from 0 the first one for which the condition does not hold.
    private static int FirstNot(int end, Func<int, bool> holds)
    {
        var start = 0;
        while (start < end)
        {
            var middle = start + ((end - start) / 2);
            (start, end) = holds(middle) ? (middle + 1, end) : (start, middle);
        }

        return start;
    }
}
