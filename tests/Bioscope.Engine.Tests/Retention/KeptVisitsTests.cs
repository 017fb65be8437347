using System.Globalization;
using Bioscope.Engine.Retention;
using Bioscope.Engine.Tests.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Retention;

public sealed class KeptVisitsTests
{
    // The running month and so many before it are kept, whatever the day.
    [Theory]
    [InlineData("2026-03-31T23:59:59Z", 1, "2026-02-01T00:00:00Z")]
    [InlineData("2026-03-01T00:00:00Z", 1, "2026-02-01T00:00:00Z")]
    [InlineData("2026-02-28T12:00:00Z", 14, "2024-12-01T00:00:00Z")]
    [InlineData("2026-01-15T00:00:00+02:00", 12, "2025-01-01T00:00:00Z")]
    [InlineData("2026-01-01T00:30:00+02:00", 1, "2025-11-01T00:00:00Z")] // it is still December in UTC
    public void Whole_months_are_kept_besides_the_running_one(string now, int months, string since) =>
        Assert.Equal(At(since), KeptVisits.SinceOf(At(now), months));

    [Fact]
    public void A_question_about_earlier_visits_is_told_since_when_they_are_kept()
    {
        var refusal = new NotKeptException("compare", LocalTime.Ms("2025-12-31T23:59:59.999Z"), At("2026-01-01T00:00:00Z"));

        Assert.Equal(
            "compare begins at 2025-12-31T23:59:59Z, but visits are kept since 2026-01-01T00:00:00Z only (Retention:Months).",
            refusal.Message);
        Assert.Equal(At("2026-01-01T00:00:00Z"), refusal.Since);
    }

    private static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);
}
