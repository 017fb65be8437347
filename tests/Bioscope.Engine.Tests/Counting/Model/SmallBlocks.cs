using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using NodaTime;

namespace Bioscope.Engine.Tests.Counting.Model;

/// <summary>
/// Blocks of 100 milliseconds that a person can count: a session every 10 milliseconds, in city A or B by turns, each with one page view,
/// which is a click on link x in city B. A block's key is its number.
/// </summary>
internal static class SmallBlocks
{
    /// <summary>A block.</summary>
    /// <param name="number">Its rows are from 100 times this millisecond on.</param>
    /// <param name="firstSession">The number of its first session.</param>
    /// <param name="visitors">By session, the number of its visitor.</param>
    /// <param name="firstVisitor">How many visitors there were before.</param>
    /// <param name="isLasting">Whether it is there for other questions too.</param>
    public static RowBlock Of(int number, int firstSession, int[] visitors, int firstVisitor = 0, bool isLasting = true)
    {
        var sessions = Enumerable.Range(0, visitors.Length).ToArray();
        long[] times = [.. sessions.Select(i => (number * 100L) + (i * 10))];
        var block = NotRead(number, firstSession, visitors.Length, firstVisitor, isLasting);
        block[BlockColumn.StartedAt] = block[BlockColumn.EnteredAt] = NumberColumn.Of<long>(times);
        block[BlockColumn.Visitor] = NumberColumn.Of<int>(visitors);
        block[BlockColumn.Place] = block[BlockColumn.Link] = NumberColumn.Of<int>([.. sessions.Select(i => i % 2)]);
        block[BlockColumn.Session] = NumberColumn.Of<int>([.. sessions.Select(i => firstSession + i)]);
        block[BlockColumn.PageViews] = block[BlockColumn.Duration] = NumberColumn.Of<int>([.. sessions.Select(_ => 1)]);
        return block;
    }

    /// <summary>The same block without its columns.</summary>
    public static RowBlock NotRead(int number, int firstSession, int sessions, int firstVisitor = 0, bool isLasting = true)
    {
        var block = new RowBlock
        {
            Key = number,
            IsLasting = isLasting,
            From = number * 100,
            Until = (number * 100) + 100,
            FirstSession = firstSession,
            SessionCount = sessions,
            ViewCount = sessions,
            FirstVisitor = firstVisitor,
            Links = [null, "x"],
        };
        block.Facts[FactSet.Place] = [[null, null, null, "A"], [null, null, null, "B"]];
        return block;
    }

    /// <summary>A question.</summary>
    public static CountQuery Query(long from, long until, Metric[] metrics, params string[] dimensions) => CountQuery.Canonical(
        Guid.Empty, new InstantRange(from, until), DateTimeZone.Utc, [.. dimensions.Select(name => Dimension.Named(name)!)], [], metrics);
}
