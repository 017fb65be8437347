using Bioscope.Engine.Counting;
using Bioscope.Engine.Tests.Counting.Model;
using CsCheck;
using NodaTime;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class CountScanTests
{
    private const int Iterations = 4_000;
    private const long HalfAnHour = 30 * 60_000;

    [Fact]
    public void Blocks_are_counted_like_a_recount_of_their_rows() => ModelCases.All.Sample(
        sample => AssertEqualToRecount(sample, ModelBlocks.Sealed(sample.Page, sample.Cuts)), iter: Iterations);

    [Fact]
    public void Columns_that_a_question_does_not_need_need_not_be_there() => ModelCases.All.Sample(
        sample => AssertEqualToRecount(sample, ModelBlocks.Lean(ModelBlocks.Sealed(sample.Page, sample.Cuts), sample.Query)),
            iter: Iterations);

    [Fact]
    public void One_block_of_raw_rows_is_counted_like_a_recount() => ModelCases.All.Sample(
        sample => AssertEqualToRecount(sample, ModelBlocks.Raw(sample.Page, sample.Query)), iter: Iterations);

    [Fact]
    public void What_was_asked_before_changes_no_answer() => ModelCases.Several.Sample(
        samples =>
        {
            var rows = ModelBlocks.Sealed(samples[0].Page, samples[0].Cuts);
            foreach (var sample in samples)
            {
                AssertEqualToRecount(sample, ModelBlocks.Lean(rows, sample.Query));
            }
        },
        iter: Iterations / 4);

    [Fact]
    public void A_question_asked_again_is_counted_from_its_checkpoint_like_a_recount() => ModelCases.Several.Sample(
        samples =>
        {
            var rows = ModelBlocks.Sealed(samples[0].Page, samples[0].Cuts);
            foreach (var sample in samples.Where(sample => sample.Cuts is not []))
            {
                AssertResumed(sample, rows);
            }
        },
        iter: Iterations / 2);

    [Theory]
    [InlineData("city")]
    [InlineData("os", "link")]
    [InlineData("hour", "city")]
    [InlineData("hourOfDay", "link")]
    [InlineData]
    public void A_large_page_is_counted_from_a_checkpoint_like_a_recount(params string[] dimensions)
    {
        Metric[] metrics = [Metric.Visits, Metric.Clicks, Metric.Clickers, .. dimensions.Contains("link") ? [] : new[] { Metric.Visitors }];
        var sample = ModelCases.Large(Query("2026-04-10T07:00:00Z", "2027-01-01T00:00:00Z", metrics, dimensions));

        AssertResumed(sample, ModelBlocks.Sealed(sample.Page, sample.Cuts));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "city", "os")]
    [InlineData("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "hour", "city")]
    [InlineData("2026-04-10T07:00:00Z", "2026-06-20T09:00:00Z", "day", "visitorKind")]
    [InlineData("1900-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "hour", "os")] // more hours than a table has room for
    [InlineData("1900-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "city", "hour")]
    [InlineData("1900-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "hour")]
    public void A_large_page_is_counted_like_a_recount(string from, string until, params string[] dimensions)
    {
        Metric[] metrics = [Metric.Visitors, Metric.Visits, Metric.Clickers, Metric.Clicks, Metric.ViewsPerVisit, Metric.VisitDuration];
        var sample = ModelCases.Large(Query(from, until, metrics, dimensions));

        AssertEqualToRecount(sample, ModelBlocks.Sealed(sample.Page, sample.Cuts));
    }

    // Clicks are of sessions up to 80 blocks before: what is known of those was dropped meanwhile.
    [Theory]
    [InlineData("city")]
    [InlineData("os", "link")]
    [InlineData("visitorKind")]
    public void A_page_of_many_blocks_is_counted_like_a_recount(params string[] dimensions)
    {
        Metric[] metrics = [Metric.Visits, Metric.Clicks, Metric.Clickers, .. dimensions.Contains("link") ? [] : new[] { Metric.Visitors }];
        var sample = ModelCases.Large(Query("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", metrics, dimensions));
        var cuts = Enumerable.Range(1, 4 * 48).Select(i => sample.Page.Sessions[0].StartedAt + (i * HalfAnHour));

        AssertEqualToRecount(sample, ModelBlocks.Sealed(sample.Page, [.. cuts]));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "link", "city")]
    [InlineData("2026-04-10T07:00:00Z", "2026-06-20T09:00:00Z", "os", "link")]
    [InlineData("1900-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "link", "hour")]
    public void Links_of_a_large_page_are_counted_like_a_recount(string from, string until, params string[] dimensions)
    {
        var sample = ModelCases.Large(Query(from, until, [Metric.Visits, Metric.Clicks, Metric.Clickers, Metric.Share], dimensions));

        AssertEqualToRecount(sample, ModelBlocks.Sealed(sample.Page, sample.Cuts));
    }

    // Both hold for a click; a session passes by either of its clicks for each.
    [Theory]
    [InlineData(FilterOperator.Contains, "1", FilterOperator.IsNot, "link 1")]
    [InlineData(FilterOperator.IsNot, "link 1", FilterOperator.Contains, "1")]
    [InlineData(FilterOperator.Contains, "1", FilterOperator.Contains, "2")]
    [InlineData(FilterOperator.ContainsNot, "1", FilterOperator.ContainsNot, "2")]
    public void Two_filters_of_links_are_counted_like_a_recount(FilterOperator one, string value, FilterOperator other, string otherValue)
    {
        var link = Dimension.Named("link")!;
        var query = Query("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", [Metric.Visits, Metric.Clicks, Metric.Clickers], []) with
        {
            Filters = [new Filter(one, link, [value]), new Filter(other, link, [otherValue])],
        };
        foreach (var dimensions in new EquatableList<Dimension>[] { [], [link], [Dimension.Named("os")!] })
        {
            var sample = ModelCases.Large(query with { Dimensions = dimensions });

            AssertEqualToRecount(sample, ModelBlocks.Sealed(sample.Page, sample.Cuts));
        }
    }

    // The second time, what each block comes to is known.
    [Theory]
    [InlineData("link")]
    [InlineData("link", "city")]
    [InlineData("hourOfDay", "link")]
    public void Clicks_on_links_asked_again_are_counted_like_a_recount(params string[] dimensions)
    {
        var sample = ModelCases.Large(Query("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", [Metric.Clicks, Metric.Clickers], dimensions));
        var rows = ModelBlocks.Sealed(sample.Page, sample.Cuts);

        AssertEqualToRecount(sample, rows);
        AssertEqualToRecount(sample, rows);
    }

    // A visit of a lasting block may have its click after it.
    [Theory]
    [InlineData(FilterOperator.IsNotNull, "")]
    [InlineData(FilterOperator.Contains, "1", "city")]
    [InlineData(FilterOperator.Contains, "1", "hourOfDay")]
    [InlineData(FilterOperator.Contains, "2", "link", "os")]
    public void Visits_with_later_clicks_are_counted_from_a_checkpoint_like_a_recount(FilterOperator @operator, string value, params string[] dimensions)
    {
        Metric[] metrics = [Metric.Visits, Metric.Clicks, Metric.Clickers, .. dimensions.Contains("link") ? [] : new[] { Metric.Visitors, Metric.BounceRate }];
        var query = Query("2026-04-10T07:00:00Z", "2027-01-01T00:00:00Z", metrics, dimensions) with
        {
            Filters =
            [
                new Filter(@operator, Dimension.Named("link")!, @operator == FilterOperator.IsNotNull ? [] : [value]),
                new Filter(FilterOperator.IsNot, Dimension.Named("os")!, ["os 1"]),
            ],
        };
        var sample = ModelCases.Large(query);

        Assert.True(AssertResumed(sample, ModelBlocks.Sealed(sample.Page, sample.Cuts)));
    }

    // Kept when the page had no rows after its lasting blocks, and when the range ended elsewhere after them.
    private static bool AssertResumed(ModelCase sample, PageRows rows)
    {
        var (query, until) = (sample.Query, sample.Cuts[^1]);
        var lean = ModelBlocks.Lean(rows, query);
        if (Checkpoint.QuestionOf(query, until) is not { } question || lean.Blocks.Count < 2)
        {
            return false;
        }

        var before = query.Range.Until < until ? query : query with { Range = query.Range with { Until = until + 1 } };
        Assert.Equal(question, Checkpoint.QuestionOf(before, until));
        var first = lean with { Blocks = [.. lean.Blocks.SkipLast(1)], VisitorCount = lean.Blocks[^1].FirstVisitor };
        var isKept = false;
        foreach (var (asked, there) in new[] { (before, first), (query, lean), (query with { Range = question.Range }, lean) })
        {
            Checkpoint? kept = null;
            AssertEqual(InMemory.Count(asked, there), InMemory.Count(asked, there with { KeepCheckpoint = made => kept = made }));
            if (kept is not null)
            {
                isKept = true;
                AssertEqualToRecount(sample, ModelBlocks.AfterCheckpoint(lean, kept));
                // Fewer visitors than when it was kept.
                AssertEqual(InMemory.Count(before, first), InMemory.Count(before, ModelBlocks.AfterCheckpoint(first, kept)));
            }
        }

        return isKept;
    }

    private static CountQuery Query(string from, string until, Metric[] metrics, string[] dimensions) => CountQuery.Canonical(
        Guid.Empty,
        new InstantRange(LocalTime.Ms(from), LocalTime.Ms(until)),
        DateTimeZoneProviders.Tzdb["Europe/Berlin"],
        [.. dimensions.Select(name => Dimension.Named(name)!)],
        [],
        metrics);

    private static void AssertEqual(CountResult expected, CountResult actual)
    {
        Assert.Equal(expected.Totals, actual.Totals);
        Assert.Equal(expected.Rows.ToHashSet(), actual.Rows.ToHashSet());
    }

    private static void AssertEqualToRecount(ModelCase sample, PageRows rows)
    {
        var (result, recount) = (InMemory.Count(sample.Query, rows), new Recount(sample.Page, sample.Query));
        var totals = MetricsOf(result.Totals);
        var counted = result.Rows.ToDictionary(row => Recount.Key(row.Values.Select(value => value.Text)), row => MetricsOf(row.Tally));

        Assert.Equal(Shown(recount.Totals()), Shown(totals));
        Assert.Equal(
            sample.Query.Dimensions.Count == 0 ? [$" → {Shown(recount.Totals())}"] : Lines(recount.Rows()),
            Lines(counted));

        double[] MetricsOf(Tally tally) => [.. sample.Query.Metrics.Select(metric => tally.Of(metric, result.Totals.Visits))];
    }

    private static string[] Lines(Dictionary<string, double[]> rows) =>
        [.. rows.Select(row => $"{row.Key} → {Shown(row.Value)}").Order(StringComparer.Ordinal)];

    private static string Shown(double[] metrics) => string.Join(", ", metrics);
}
