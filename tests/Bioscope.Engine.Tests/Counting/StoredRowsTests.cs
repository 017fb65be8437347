using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

/// <summary>The tables that sealing writes: each value goes into its own column.</summary>
public sealed class StoredRowsTests
{
    private static readonly Guid Page = Guid.NewGuid(), Id = Guid.NewGuid(), Session = Guid.NewGuid();

    private static readonly DateTimeOffset From = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), Until = From.AddHours(30);

    [Fact]
    public void The_state_of_a_page_is_written_to_its_columns() => Assert.Equal(
        "RollupPage: bioPageId=<page>, version=3, sealedFrom=<from>, sealedUntil=<until>, visitors=5, shardBits=2, segmentedUntil=<from>",
        Written(PageState.Table, new PageState(Page, 3, From, Until, 5, 2) { SegmentedUntil = From }));

    [Fact]
    public void A_shard_of_visitors_is_written_to_its_columns() => Assert.Equal(
        "RollupVisitors: bioPageId=<page>, shard=7, visitors=<bytes>", Written(VisitorShard.Table, new VisitorShard(Page, 7, [1, 2])));

    [Fact]
    public void A_change_of_an_outcome_is_written_to_its_columns() => Assert.Equal(
        "OutcomeChange: bioPageId=<page>, id=<id>, sessionId=<session>, startedAt=<from>, bounces=1, timed=2, seconds=3, pageViews=4",
        Written(OutcomeChange.Table, new OutcomeChange(Page, Id, Session, From, 1, 2, 3, 4)));

    private static string Written<T>(Table<T> table, T row)
    {
        return $"{table.Name}: {string.Join(", ", table.Columns.Select(column => $"{column.Name}={Shown(column.Value(row))}"))}";

        static string Shown(object? value) => value switch
        {
            Guid id => id == Page ? "<page>" : id == Id ? "<id>" : id == Session ? "<session>" : "another id",
            DateTimeOffset at => at == From ? "<from>" : at == Until ? "<until>" : "another time",
            byte[] => "<bytes>",
            _ => $"{value}",
        };
    }
}
