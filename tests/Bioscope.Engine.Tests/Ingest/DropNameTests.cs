using Bioscope.Engine.Rows;
using Xunit;

namespace Bioscope.Engine.Tests.Ingest;

/// <summary>Names of drops, which stand in rows, exports and metrics.</summary>
public sealed class DropNameTests
{
    // In databases and in people's alerts: another name needs a migration.
    [Fact]
    public void Reasons_have_the_names_that_are_stored() => Assert.Equal(
        "consent unanswered bot token session link throttle overload storage",
        string.Join(' ', Enum.GetValues<DropReason>().Select(PageDrop.NameOf)));

    [Fact]
    public void Each_reason_is_measured_under_its_name_also_without_drops()
    {
        var counts = new long[Enum.GetValues<DropReason>().Length];
        counts[(int)DropReason.Bot] = 7;

        var measured = EnumMeasurements.Of<DropReason>(counts, "reason").ToList();

        Assert.Equal(
            Enum.GetValues<DropReason>().Select(reason => (PageDrop.NameOf(reason), reason == DropReason.Bot ? 7L : 0)),
            measured.Select(one => ((string)one.Tags[0].Value!, one.Value)));
        Assert.All(measured, one => Assert.Equal("reason", Assert.Single(one.Tags.ToArray()).Key));
    }
}
