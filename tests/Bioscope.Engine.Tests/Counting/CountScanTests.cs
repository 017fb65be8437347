using Bioscope.Engine.Counting;
using Bioscope.Engine.Tests.Counting.Model;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class CountScanTests
{
    private const int Iterations = 4_000;

    [Fact]
    public void Blocks_are_counted_like_a_recount_of_their_rows() => ModelCases.All.Sample(
        sample => AssertEqualToRecount(sample, ModelBlocks.Sealed(sample.Page, sample.Cuts)), iter: Iterations);

    [Fact]
    public void Columns_that_a_question_does_not_need_need_not_be_there() => ModelCases.All.Sample(
        sample => AssertEqualToRecount(sample, ModelBlocks.Lean(ModelBlocks.Sealed(sample.Page, sample.Cuts), sample.Query)), iter: Iterations);

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

    private static void AssertEqualToRecount(ModelCase sample, PageRows rows)
    {
        var (result, recount) = (CountScan.Run(sample.Query, rows), new Recount(sample.Page, sample.Query));
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
