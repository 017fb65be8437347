using System.Runtime.CompilerServices;
using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>Adds up how sessions went: their page views, bounces and durations, see <see cref="Outcome"/>.</summary>
internal static class OutcomeSums
{
    /// <summary>Adds the outcomes of sessions to their groups.</summary>
    /// <param name="block">The block that has them.</param>
    /// <param name="rows">Which sessions.</param>
    /// <param name="groups">The group of each session of the block; empty where there is one only.</param>
    /// <param name="tallies">By group, what was counted so far.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(RowBlock block, ReadOnlySpan<int> rows, ReadOnlySpan<int> groups, Span<Tally> tallies)
    {
        using var scratch = new Scratch();
        var pageViews = scratch.Copy(block[BlockColumn.PageViews]);
        var durations = scratch.Copy(block[BlockColumn.Duration]);
        if (groups.IsEmpty)
        {
            tallies[0].Add(OutcomesOf(rows, pageViews, durations));
            return;
        }

        foreach (var row in rows)
        {
            ref var tally = ref tallies[groups[row]];
            var (views, seconds) = (pageViews[row], durations[row]);
            tally.PageViews += OrZero(views);
            tally.Bounces += IsBounce(views);
            tally.Timed += seconds > 0 ? 1 : 0;
            tally.Seconds += OrZero(seconds);
        }
    }

    // The same with sums that stay in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Tally OutcomesOf(ReadOnlySpan<int> rows, ReadOnlySpan<int> pageViews, ReadOnlySpan<int> durations)
    {
        var (views, bounces, timed, seconds) = (0L, 0L, 0L, 0L);
        foreach (var row in rows)
        {
            views += OrZero(pageViews[row]);
            bounces += IsBounce(pageViews[row]);
            timed += durations[row] > 0 ? 1 : 0;
            seconds += OrZero(durations[row]);
        }

        return new Tally { PageViews = views, Bounces = bounces, Timed = timed, Seconds = seconds };
    }

    // Without a jump, which a processor cannot foresee: what is unknown is less than zero, and as an unsigned number the largest.
    private static int OrZero(int number) => number & ~(number >> 31);

    private static int IsBounce(int pageViews) => unchecked((uint)pageViews) < 2 ? 1 : 0;
}
