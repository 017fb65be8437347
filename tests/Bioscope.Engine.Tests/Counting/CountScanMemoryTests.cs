using Bioscope.Engine.Counting;
using Bioscope.Engine.Tests.Counting.Model;
using NodaTime;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class CountScanMemoryTests
{
    private const int Count = 1_000;

    private static readonly long Start = LocalTime.Ms("2026-04-01T00:00:00Z");

    // A thousand visitors with a session and a click each.
    private static readonly PageModel Page = new(
        [.. Enumerable.Range(0, Count).Select(i => new ModelSession(Start + (i * 1_000), i, 1, 0, new Dictionary<string, string?> { ["city"] = $"{i % 3}" }))],
        [.. Enumerable.Range(0, Count).Select(i => new ModelView(Start + (i * 1_000), i, $"link {i % 5}"))]);

    public static TheoryData<Metric[], string[], long> Questions { get; } = new()
    {
        { [Metric.Visits, Metric.Clicks], [], 0 },
        { [Metric.Visits, Metric.Clicks], ["city"], 0 },
        { [Metric.Clicks], ["link"], 0 },
        // A bit for each visitor.
        { [Metric.Visitors], [], Count / 8 },
        { [Metric.Clickers], [], Count / 8 },
        { [Metric.Visitors, Metric.Clickers], [], 2 * Count / 8 },
        // Two numbers of groups for each.
        { [Metric.Visitors], ["city"], 4 * Count },
        { [Metric.Clickers], ["city"], 4 * Count },
        { [Metric.Visitors, Metric.Clickers], ["day", "city"], 8 * Count },
        { [Metric.Clickers], ["link"], 4 * Count },
        { [Metric.Visits], ["link"], 4 * Count },
        { [Metric.Visits, Metric.Clickers], ["link", "city"], 8 * Count },
    };

    [Theory]
    [MemberData(nameof(Questions))]
    public void Counting_takes_memory_for_distinct_members_and_gives_it_back(Metric[] metrics, string[] dimensions, long bytes)
    {
        var (taken, most) = (0L, 0L);
        var rows = ModelBlocks.Sealed(Page, [Start + (500 * 1_000)]) with
        {
            Take = more => (taken, most) = (taken + more, Math.Max(most, taken + more)),
        };

        InMemory.Count(Query(metrics, dimensions), rows);

        Assert.Equal((bytes, 0), (most, taken));
    }

    [Fact]
    public void Counting_stops_where_memory_is_refused()
    {
        var rows = ModelBlocks.Sealed(Page, []) with { Take = bytes => Refuse(bytes > 4 * Count) };

        InMemory.Count(Query([Metric.Visitors], ["city"]), rows);
        // Each visitor in 24 groups: the first two stand beside the visitor, others do not.
        var hours = ModelBlocks.Sealed(InEachHour(), []) with { Take = bytes => Refuse(bytes > 4 * Count) };
        Assert.Throws<QueryTooLargeException>(() => InMemory.Count(Query([Metric.Visitors], ["hourOfDay"]), hours));
    }

    // Their arrays go back to the pool when more blocks are counted, and at the end. Others may take from the pool too: the least counts.
    [Theory]
    [InlineData(80, 2_000)]
    [InlineData(4, 20_000)]
    public void What_is_known_of_sessions_shares_its_memory(int blocks, int sessions)
    {
        int[] visitors = [.. Enumerable.Range(0, sessions)];
        var all = Enumerable.Range(0, blocks).Select(number => SmallBlocks.Of(number, number * sessions, visitors));
        var rows = new PageRows([.. all], new PageValues(), sessions);
        var query = SmallBlocks.Query(0, blocks * 100, [Metric.Visits, Metric.Visitors], "city");

        Assert.InRange(Enumerable.Range(0, 3).Min(_ => Allocated(query, rows)), 0, 300_000);
    }

    private static long Allocated(CountQuery query, PageRows rows)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        InMemory.Count(query, rows);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static PageModel InEachHour() => new(
        [.. Enumerable.Range(0, 24 * Count).Select(i => new ModelSession(Start + (i * 3_600), i % Count, 1, 0, new Dictionary<string, string?>()))], []);

    private static void Refuse(bool isTooMuch)
    {
        if (isTooMuch)
        {
            throw new QueryTooLargeException();
        }
    }

    private static CountQuery Query(Metric[] metrics, string[] dimensions) => CountQuery.Canonical(
        Guid.Empty,
        new InstantRange(Start, Start + 86_400_000),
        DateTimeZone.Utc,
        [.. dimensions.Select(name => Dimension.Named(name)!)],
        [],
        metrics);
}
