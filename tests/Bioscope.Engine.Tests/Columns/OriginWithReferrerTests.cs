using Bioscope.Engine.Columns;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Columns;

public sealed class OriginWithReferrerTests
{
    private static readonly string?[] Sources = [null, "zine", "letter"];
    private static readonly string?[] Addresses = [null, "https://a.example/x", "https://a.example/y", "https://b.example/"];

    // Two picks for each session; one of which only page views tell has none.
    private static readonly Gen<(int Source, int Referrer)?[]> Sessions = Gen.Select(Gen.Int[-1, 2], Gen.Int[0, 3],
        (source, referrer) => source < 0 ? ((int, int)?)null : (source, referrer)).Array[0, 60];

    [Fact]
    public void Each_session_has_its_origin_and_then_its_referrer() => Sessions.Sample(sessions =>
    {
        var block = Block(sessions);
        var joined = OriginWithReferrer.Join(block);

        var entries = joined.Facts[FactSet.Origin];
        foreach (var (number, session) in Numbers(joined, BlockColumn.Origin).Zip(sessions))
        {
            Assert.Equal(
                session is { } known ? [.. Origin(known.Source), HostAndPath(known.Referrer)] : (string?[])[],
                entries[number]);
        }

        Assert.Equal(sessions.Distinct().Count(), entries.Count); // one for each pair
    });

    [Fact]
    public void A_pair_gets_the_next_number_when_it_comes_first()
    {
        var joined = OriginWithReferrer.Join(Block([(1, 1), (1, 2), (2, 1), (1, 1), null, (1, 2), null]));

        Assert.Equal([0, 1, 2, 0, 3, 1, 3], Numbers(joined, BlockColumn.Origin));
    }

    [Fact]
    public void The_block_itself_and_its_other_columns_stay()
    {
        var block = Block([(1, 1), (2, 3), (1, 2)]);
        var (origins, facts) = (Numbers(block, BlockColumn.Origin), block.Facts[FactSet.Origin]);
        var joined = OriginWithReferrer.Join(block);

        Assert.Equal(origins, Numbers(block, BlockColumn.Origin));
        Assert.Same(facts, block.Facts[FactSet.Origin]);
        Assert.Equal(
            (block.Key, true, block.SessionCount, block.FirstVisitor),
            (joined.Key, joined.IsLasting, joined.SessionCount, joined.FirstVisitor));
        Assert.Same(block[BlockColumn.Referrer], joined[BlockColumn.Referrer]);
        Assert.Same(block[BlockColumn.StartedAt], joined[BlockColumn.StartedAt]);
        Assert.Same(block.Facts[FactSet.Referrer], joined.Facts[FactSet.Referrer]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_block_without_one_of_both_stays_as_it_is(bool hasOrigin)
    {
        var block = new RowBlock { Key = 1, SessionCount = 1, ViewCount = 0 };
        block[hasOrigin ? BlockColumn.Origin : BlockColumn.Referrer] = NumberColumn.Of<int>([0]);

        Assert.Same(block, OriginWithReferrer.Join(block));
    }

    // What a lasting block's numbers stand for is not read again where it is known: the numbers must be the same ones.
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Without_what_numbers_stand_for_there_are_numbers_alone(bool hasOrigins, bool hasReferrers)
    {
        var block = Block([(1, 1), (2, 3), (1, 1), null]);
        var known = Numbers(OriginWithReferrer.Join(block), BlockColumn.Origin);
        if (!hasOrigins)
        {
            block.Facts.Remove(FactSet.Origin);
        }

        if (!hasReferrers)
        {
            block.Facts.Remove(FactSet.Referrer);
        }

        var joined = OriginWithReferrer.Join(block);

        Assert.Equal(known, Numbers(joined, BlockColumn.Origin));
        Assert.False(joined.Facts.ContainsKey(FactSet.Origin));
    }

    private static RowBlock Block((int Source, int Referrer)?[] sessions)
    {
        var builder = new RowBlockBuilder([FactSet.Origin, FactSet.Referrer]);
        foreach (var session in sessions)
        {
            if (session is not { } known)
            {
                builder.AddSessionNotStored();
                continue;
            }

            builder.AddSession(1_000, 0, 1, 0);
            builder.AddFacts(0, [.. Origin(known.Source)]);
            builder.AddFacts(1, [Addresses[known.Referrer], null]);
        }

        var built = builder.Build();
        var block = new RowBlock { Key = built.Key, IsLasting = true, SessionCount = built.SessionCount, ViewCount = 0, FirstVisitor = 7 };
        foreach (var column in (BlockColumn[])[BlockColumn.Origin, BlockColumn.Referrer, BlockColumn.StartedAt])
        {
            block[column] = built[column];
        }

        foreach (var (set, entries) in built.Facts)
        {
            block.Facts[set] = entries;
        }

        return block;
    }

    private static IEnumerable<string?> Origin(int source) =>
        FactSet.Origin.Columns.Select(column => column == "utmSource" ? Sources[source] : null);

    private static string? HostAndPath(int referrer) => Referrers.HostAndPath(Addresses[referrer], null);

    private static int[] Numbers(RowBlock block, BlockColumn column)
    {
        var numbers = new int[block.SessionCount];
        block[column].CopyTo(numbers.AsSpan());
        return numbers;
    }
}
