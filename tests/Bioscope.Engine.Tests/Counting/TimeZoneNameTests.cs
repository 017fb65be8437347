using Bioscope.Engine.Counting;
using NodaTime;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class TimeZoneNameTests
{
    [Theory]
    [InlineData("Europe/Berlin", "Europe/Berlin")]
    [InlineData("europe/BERLIN", "Europe/Berlin")]
    [InlineData("asia/calcutta", "Asia/Calcutta")]
    [InlineData("America/argentina/buenos_aires", "America/Argentina/Buenos_Aires")]
    [InlineData("utc", "UTC")]
    [InlineData("Etc/gmt+5", "Etc/GMT+5")]
    public void IANA_names_are_found_in_any_case(string name, string id) => Assert.Equal(id, TimeZoneName.Find(name)?.Id);

    [Theory]
    [InlineData("UTC+05:30")]
    [InlineData("UTC+00")]
    [InlineData("+05:30")]
    [InlineData("Z")]
    [InlineData("Mars/Olympus")]
    [InlineData(" UTC")]
    [InlineData("Europe/Berlin ")]
    [InlineData("")]
    public void Other_names_are_not_found(string name) => Assert.Null(TimeZoneName.Find(name));

    [Fact]
    public void The_same_name_is_the_same_zone() => Assert.Equal(TimeZoneName.Find("europe/berlin"), TimeZoneName.Find("Europe/Berlin"));

    [Fact]
    public void A_linked_zone_name_has_the_clock_of_its_target()
    {
        var instant = Instant.FromUtc(2026, 4, 1, 0, 0);

        Assert.Equal(Offset.FromHoursAndMinutes(5, 30), TimeZoneName.Find("Asia/Calcutta")!.GetUtcOffset(instant));
        Assert.All(TimeZoneName.All, name => Assert.NotNull(TimeZoneName.Find(name.ToUpperInvariant())));
    }
}
