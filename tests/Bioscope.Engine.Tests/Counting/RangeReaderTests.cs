using System.Text.Json;
using Bioscope.Engine.Counting;
using CsCheck;
using NodaTime;
using NodaTime.Text;
using Xunit;
using static Bioscope.Engine.Tests.Counting.LocalTime;

namespace Bioscope.Engine.Tests.Counting;

public sealed class RangeReaderTests
{
    private static readonly OffsetDateTimePattern Written = OffsetDateTimePattern.CreateWithInvariantCulture(
        "uuuu-MM-dd'T'HH:mm:ss.fffo<+HH:mm>");

    [Theory]
    [InlineData("2026-04-01T00:00Z", "2026-04-01T00:00:00Z")]
    [InlineData("2026-04-01T23:59Z", "2026-04-01T23:59:00Z")]
    [InlineData("2026-04-01T23:59:59Z", "2026-04-01T23:59:59Z")]
    [InlineData("2026-04-01T12:00:00.5Z", "2026-04-01T12:00:00.5Z")]
    [InlineData("2026-04-01T12:00:00.05Z", "2026-04-01T12:00:00.05Z")]
    [InlineData("2026-04-01T12:00:00.1239Z", "2026-04-01T12:00:00.123Z")] // cut, not rounded
    [InlineData("2026-04-01T12:00:00.1234567890123456789012345678901234567890Z", "2026-04-01T12:00:00.123Z")]
    [InlineData("2026-04-01T12:00:00+02:00", "2026-04-01T10:00:00Z")]
    [InlineData("2026-04-01T12:00:00-02:30", "2026-04-01T14:30:00Z")]
    [InlineData("2026-04-01T12:00:00+00:00", "2026-04-01T12:00:00Z")]
    [InlineData("2026-04-01T12:00:00+18:00", "2026-03-31T18:00:00Z")]
    [InlineData("2026-04-01T12:00:00-18:00", "2026-04-02T06:00:00Z")]
    [InlineData("2026-04-01T12:00:00+17:59", "2026-03-31T18:01:00Z")]
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z")]
    [InlineData("9999-12-30T23:59:59.999Z", "9999-12-30T23:59:59.999Z")]
    public void An_instant_is_read_to_the_millisecond(string text, string instant)
    {
        var range = Assert.IsType<RangeRequest.Instants>(Range($"[\"{text}\",\"{text}\"]"));

        Assert.Equal((instant, instant), (Text(range.Range.From), Text(range.Range.Until)));
    }

    [Theory]
    [InlineData("2026-04-01T24:00:00Z", "a time of day that does not exist")]
    [InlineData("2026-04-01T23:60:00Z", "a time of day that does not exist")]
    [InlineData("2026-04-01T23:59:60Z", "a time of day that does not exist")] // no leap seconds
    [InlineData("2026-04-01T12:00:00+18:01", "an offset that does not exist")]
    [InlineData("2026-04-01T12:00:00-19:00", "an offset that does not exist")]
    [InlineData("2026-04-01T12:00:00+02:60", "an offset that does not exist")]
    [InlineData("2026-02-29T12:00:00Z", "a date that does not exist")]
    [InlineData("2026-04-31", "a date that does not exist")]
    [InlineData("2026-00-01", "a date that does not exist")]
    [InlineData("0000-01-01", "a date that does not exist")]
    [InlineData("2026-04-01T12:00:00", "without a zone")]
    [InlineData("2026-04-01T12:00", "without a zone")]
    [InlineData("2026-04-01T12:00:00.5", "without a zone")]
    [InlineData("2026-04-01T12Z", "neither a date nor an instant")]
    [InlineData("2026-04-01 12:00:00Z", "neither a date nor an instant")]
    [InlineData("2026-04-01T12:00:00z", "neither a date nor an instant")]
    [InlineData("2026-04-01T12:00:00.Z", "neither a date nor an instant")]
    [InlineData("2026-04-01T12:00:00+0200", "neither a date nor an instant")]
    [InlineData("2026-4-1", "neither a date nor an instant")]
    [InlineData("2026-04-01\\n", "neither a date nor an instant")]
    [InlineData("٢٠٢٦-04-01", "neither a date nor an instant")]
    [InlineData("", "neither a date nor an instant")]
    public void What_is_no_end_of_a_range_is_refused(string text, string problem)
    {
        Assert.Contains(problem, Problem($"[\"{text}\",\"2026-04-30\"]"), StringComparison.Ordinal);
        Assert.Contains(problem, Problem($"[\"2026-04-30\",\"{text}\"]"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "must be [from, until]")]
    [InlineData("[\"2026-04-01\"]", "must be [from, until]")]
    [InlineData("[\"2026-04-01\",\"2026-04-02\",\"2026-04-03\"]", "must be [from, until]")]
    [InlineData("[\"2026-04-01\",2]", "must be [from, until]")]
    [InlineData("[null,\"2026-04-01\"]", "must be [from, until]")]
    [InlineData("[\"2026-04-01\",\"2026-04-01T00:00:00Z\"]", "mixes a date and an instant")]
    [InlineData("[\"2026-04-01T00:00:00Z\",\"2026-04-01\"]", "mixes a date and an instant")]
    [InlineData("[\"2026-04-02\",\"2026-04-01\"]", "begins after it ends")]
    [InlineData("[\"2026-04-01T00:00:00.001Z\",\"2026-04-01T00:00:00Z\"]", "begins after it ends")]
    [InlineData("30", "must be one of today, ")]
    [InlineData("{}", "must be one of today, ")]
    [InlineData("\"30D\"", "has no range \"30D\"")]
    [InlineData("\"lastmonth\"", "Did you mean \"lastMonth\"?")]
    public void What_is_no_range_is_refused(string json, string problem) =>
        Assert.Contains(problem, Problem(json), StringComparison.Ordinal);

    [Fact]
    public void Dates_may_be_one_day_or_all_of_them()
    {
        Assert.Equal(new RangeRequest.Dates(new LocalDate(2026, 4, 1), new LocalDate(2026, 4, 1)), Range("""["2026-04-01","2026-04-01"]"""));
        Assert.Equal(new RangeRequest.Dates(new LocalDate(1970, 1, 1), new LocalDate(9999, 12, 31)), Range("""["1970-01-01","9999-12-31"]"""));
    }

    [Fact]
    public void Every_named_range_is_read_by_its_name()
    {
        Assert.Equal(
            ["today", "yesterday", "7d", "30d", "90d", "365d", "24h", "week", "month", "year", "lastMonth", "lastYear", "all"],
            RangeName.All);
        Assert.Equal(Enum.GetValues<NamedRange>(), RangeName.All.Select(name => ((RangeRequest.Named)Range($"\"{name}\"")!).Name));
    }

    [Theory]
    [InlineData("\"previous\"", ComparisonKind.Previous)]
    [InlineData("\"lastYear\"", ComparisonKind.LastYear)]
    public void A_comparison_has_a_name(string json, ComparisonKind kind) => Assert.Equal(new ComparisonRequest(kind), Comparison(json));

    [Fact]
    public void A_comparison_may_have_ends() => Assert.Equal(
        new ComparisonRequest(ComparisonKind.Range, new RangeRequest.Dates(new LocalDate(2025, 4, 1), new LocalDate(2025, 4, 30))),
        Comparison("""["2025-04-01","2025-04-30"]"""));

    [Theory]
    [InlineData("\"lastMonth\"", "has no comparison \"lastMonth\"; allowed are previous, lastYear, or [from, until]")]
    [InlineData("\"Previous\"", "Did you mean \"previous\"?")]
    [InlineData("true", "must be one of previous, lastYear, or [from, until]")]
    [InlineData("[\"2025-04-02\",\"2025-04-01\"]", "begins after it ends")]
    public void What_is_no_comparison_is_refused(string json, string problem) =>
        Assert.Contains(problem, Details($$"""{"metrics":["visits"],"compare":{{json}}}""", "compare"), StringComparison.Ordinal);

    [Fact]
    public void Any_instant_is_read_as_it_was_written() =>
        Gen.Select(Gen.Long[Ms("1971-01-01T00:00:00Z"), Ms("9998-01-01T00:00:00Z")], Gen.Int[-18 * 60, 18 * 60]).Sample((ms, minutes) =>
        {
            var text = Written.Format(Instant.FromUnixTimeMilliseconds(ms).WithOffset(Offset.FromSeconds(minutes * 60)));
            var range = Assert.IsType<RangeRequest.Instants>(Range($"[\"{text}\",\"{text}\"]"));

            Assert.Equal(new InstantRange(ms, ms), range.Range);
        });

    [Fact]
    public void A_long_text_is_shown_cut()
    {
        var problem = Problem($"[\"{new string('x', 39)}😀{new string('x', 500)}\",\"2026-04-01\"]");

        Assert.StartsWith($"has \"{new string('x', 39)}…\", which", problem, StringComparison.Ordinal);
        Assert.StartsWith($"has \"{new string('x', 40)}…\", which", Problem($"[\"{new string('x', 41)}\",\"2026-04-01\"]"),
            StringComparison.Ordinal);
        Assert.StartsWith($"has \"{new string('x', 40)}\", which", Problem($"[\"{new string('x', 40)}\",\"2026-04-01\"]"),
            StringComparison.Ordinal);
    }

    private static RangeRequest? Range(string json) => Read($$"""{"metrics":["visits"],"range":{{json}}}""").Request?.Range;

    private static ComparisonRequest? Comparison(string json) => Read($$"""{"metrics":["visits"],"compare":{{json}}}""").Request?.Comparison;

    private static string Problem(string range) => Details($$"""{"metrics":["visits"],"range":{{range}}}""", "range");

    private static string Details(string json, string field)
    {
        var detail = Assert.Single(Read(json).Details);
        Assert.Equal(field, detail.Field);
        return detail.Message;
    }

    private static QueryReading Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return QueryReader.Read(document.RootElement);
    }
}
