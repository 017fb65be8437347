using System.Text.Json;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage.Sqlite;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class RollupTests
{
    [Fact]
    public void Rollups_of_two_times_add_up_by_measure()
    {
        var (one, other) = (new Rollup(), new Rollup());
        one[RollupColumn.Devices].Add("mobile", 2);
        other[RollupColumn.Devices].Add("mobile", 3);
        other[RollupColumn.Views].Add("20000", 4);
        one.Add(other);

        Assert.Equal(5, one[RollupColumn.Devices].Total);
        Assert.Equal(4, one[RollupColumn.Views].Total);
        Assert.True(one[RollupColumn.Clicks].IsEmpty);
        Assert.Equal(7, other.Rows);
    }

    [Fact]
    public void A_rollup_stands_for_its_sessions_and_page_views()
    {
        var rollup = new Rollup();
        foreach (var column in RollupColumn.All)
        {
            rollup[column].Add("x", 1);
        }

        Assert.Equal(2, rollup.Rows);
    }

    [Theory]
    [InlineData("views", "0", true)]
    [InlineData("views", "2932896", true)] // the last day of the year 9999
    [InlineData("views", "2932897", false)]
    [InlineData("clicks", "2932896", true)]
    [InlineData("clicks", "-1", false)]
    [InlineData("views", " 1", false)]
    [InlineData("views", "x", false)]
    [InlineData("links", "0189f7a3-5b7c-7d4e-8f90-1234567890ab", true)]
    [InlineData("links", "0189f7a35b7c7d4e8f901234567890ab", false)]
    [InlineData("links", "", false)]
    [InlineData("outcomes", "bounces", true)]
    [InlineData("outcomes", "pageViews", true)]
    [InlineData("outcomes", "pageviews", false)]
    [InlineData("returns", "490000", true)]
    [InlineData("returns", "-1", false)]
    [InlineData("sources", "anything", true)]
    public void A_column_knows_what_cannot_be_one_of_its_values(string name, string value, bool isValue)
    {
        var rule = name == "returns" ? RollupColumn.IsReturn : RollupColumn.All.Single(column => column.Name == name).IsValue;

        Assert.Equal(isValue, rule(value));
    }

    [Fact]
    public void Clicks_on_what_is_no_link_are_left_out_of_links()
    {
        var counts = new Counts();
        RollupColumn.Links.Add(counts, "not a link", 3);
        RollupColumn.Links.Add(counts, "0189f7a3-5b7c-7d4e-8f90-1234567890ab", 2);
        RollupColumn.Devices.Add(counts, "mobile", 4);

        Assert.Equal(6, counts.Total);
    }

    [Theory]
    [InlineData("sources", "AnalyticsSession", "startedAt", "referrerDomain", false)]
    [InlineData("countries", "AnalyticsSession", "startedAt", "country", false)]
    [InlineData("devices", "AnalyticsSession", "startedAt", "device", false)]
    [InlineData("outcomes", "AnalyticsSession", "startedAt", "pageViews", false)]
    [InlineData("views", "AnalyticsPageView", "enteredAt", "dayOfEnteredAt", false)]
    [InlineData("clicks", "AnalyticsPageView", "enteredAt", "dayOfEnteredAt", true)]
    [InlineData("links", "AnalyticsPageView", "enteredAt", "linkClicked", true)]
    public void A_column_counts_rows_of_a_table_by_a_value(string name, string table, string time, string value, bool onlyClicks)
    {
        var raw = RollupColumn.All.Single(column => column.Name == name).Raw;

        Assert.Equal((table, time, onlyClicks), (raw.Table, raw.Time, raw.OnlyClicks));
        Assert.Contains(value, raw.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_rows_are_selected_by_their_own_time()
    {
        Assert.Equal(
            """
            SELECT "country" AS c FROM "AnalyticsSession" AS "raw" WHERE "bioPageId" = @page AND "startedAt" >= @since AND {startedAtIsInstant}
            """,
            RollupColumn.Countries.Raw.Select("\"country\" AS c", "{time} >= @since"));
        Assert.Equal(
            """
            SELECT {hourOfEnteredAt}, CAST("linkClicked" AS {text}) FROM "AnalyticsPageView" AS "raw" WHERE "bioPageId" = @page AND 1 AND {enteredAtIsInstant} AND "linkClicked" IS NOT NULL
            """,
            RollupColumn.Links.Raw.Select("{hour}, {value}", "1"));
        Assert.StartsWith("SELECT \"startedAt\", COALESCE(", RawValue.Visitors.Select("{time}, {value}", "1"), StringComparison.Ordinal);
        Assert.StartsWith("SELECT {hourOfStartedAt} ", RollupColumn.Devices.Raw.Select("{hour}", "1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Visitors_of_a_shard_are_read_back_as_they_were() =>
        Gen.Dictionary(Gen.Select(Gen.ULong, Gen.UInt, (high, low) => new VisitorKey(high, low)), Gen.Int[0, 1_000_000])[0, 20]
        .Sample(visitors =>
        {
            var shard = VisitorShard.Of(Guid.Empty, 7, visitors);

            Assert.Equal(16 * visitors.Count, shard.Visitors.Length);
            Assert.Equal(visitors.Select(pair => (pair.Key, pair.Value)), VisitorShard.Entries(shard.Visitors));
        });

    [Fact]
    public void Bytes_that_are_no_visitors_are_refused() =>
        Assert.Contains("17", Assert.Throws<FormatException>(() => VisitorShard.Entries(new byte[17]).ToList()).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_damaged_page_is_noted_once_per_version()
    {
        var damaged = new DamagedPages(NullLogger<DamagedPages>.Instance);
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());
        damaged.Add(one, 1, new FormatException());
        damaged.Add(one, 1, new FormatException());
        damaged.Add(other, 1, new FormatException());
        damaged.Add(one, 2, new FormatException());

        Assert.Equal([one, other, one], Taken(damaged));
        Assert.False(damaged.TryTake(out _));
    }

    [Fact]
    public void Only_so_many_damaged_pages_are_remembered()
    {
        var damaged = new DamagedPages(NullLogger<DamagedPages>.Instance);
        for (var i = 0; i < 10_010; i++)
        {
            damaged.Add(Guid.NewGuid(), 1, new FormatException());
        }

        Assert.Equal(10_000, Taken(damaged).Count());
    }

    [Fact]
    public void What_cannot_be_understood_is_damage_and_what_cannot_be_reached_is_not()
    {
        Exception[] damages =
        [
            new FormatException(), new OverflowException(), new InvalidCastException(), new InvalidOperationException(),
            new ArgumentException(), new JsonException(),
            new KeyNotFoundException(), new Microsoft.Data.Sqlite.SqliteException("", 20),
        ];
        Exception[] others =
        [
            new ObjectDisposedException("x"), new OperationCanceledException(), new IOException(), new QueryTooLargeException(),
            new Microsoft.Data.Sqlite.SqliteException("", 5),
        ];

        Assert.All(damages, failure => Assert.True(DamagedPages.IsDamage(failure, new SqliteDialect()), failure.GetType().Name));
        Assert.All(others, failure => Assert.False(DamagedPages.IsDamage(failure, new SqliteDialect()), failure.GetType().Name));
    }

    private static IEnumerable<Guid> Taken(DamagedPages damaged)
    {
        while (damaged.TryTake(out var page))
        {
            yield return page;
        }
    }
}
