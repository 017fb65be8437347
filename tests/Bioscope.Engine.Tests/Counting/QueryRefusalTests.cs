using System.Text.Json;
using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class QueryRefusalTests
{
    // The field replaced in a valid query and its new value, the field that the detail names, and a part of its text.
    public static TheoryData<string, string, string> Wrong { get; } = new()
    {
        { "\"metric\": []", "metric", "is no key of a query; allowed are range, timeZone, metrics" },
        { "\"metric\": []", "metric", "Did you mean \"metrics\"?" },
        { "\"timezone\": \"UTC\"", "timezone", "Did you mean \"timeZone\"?" },
        { "\"range\": \"7d\", \"range\": \"7d\"", "range", "more than once" },
        { "\"\\ud800\": 1", "body", "has a key that is not well-formed Unicode" },
        { "\"\": 1", "body", "has a key without a name; allowed are range, " },

        { "\"range\": 7", "range", "must be one of today, yesterday, 7d" },
        { "\"range\": \"lastmonth\"", "range", "has no range \"lastmonth\"; allowed are today, yesterday" },
        { "\"range\": \"lastmonth\"", "range", "Did you mean \"lastMonth\"?" },
        { "\"range\": \"8d\"", "range", "or [from, until]" },
        { "\"range\": {}", "range", "must be" },
        { "\"range\": []", "range", "must be [from, until]" },
        { "\"range\": [\"2026-04-01\"]", "range", "must be [from, until]" },
        { "\"range\": [\"2026-04-01\", 5]", "range", "must be [from, until]" },
        { "\"range\": [\"2026-04-02\", \"2026-04-01\"]", "range", "begins after it ends" },
        { "\"range\": [\"2026-04-01T00:00:00.001Z\", \"2026-04-01T00:00:00Z\"]", "range", "begins after it ends" },
        { "\"range\": [\"2026-02-30\", \"2026-04-01\"]", "range", "\"2026-02-30\", a date that does not exist" },
        { "\"range\": [\"2025-02-29\", \"2026-04-01\"]", "range", "does not exist" },
        { "\"range\": [\"2026-13-01\", \"2026-14-01\"]", "range", "does not exist" },
        { "\"range\": [\"2026-02-30T00:00Z\", \"2026-04-01T00:00Z\"]", "range", "does not exist" },
        { "\"range\": [\"2026-04-01T24:00Z\", \"2026-04-02T00:00Z\"]", "range", "a time of day that does not exist" },
        { "\"range\": [\"2026-04-01T00:00:60Z\", \"2026-04-02T00:00Z\"]", "range", "a time of day that does not exist" },
        { "\"range\": [\"2026-04-01T00:00+19:00\", \"2026-04-02T00:00Z\"]", "range", "an offset that does not exist" },
        { "\"range\": [\"2026-04-01T00:00:00\", \"2026-04-02T00:00:00\"]", "range", "without a zone" },
        { "\"range\": [\"2026-04-01\", \"2026-04-02T00:00:00Z\"]", "range", "mixes a date and an instant" },
        { "\"range\": [\"2026-04-01T00:00:00Z\", \"2026-04-02\"]", "range", "mixes a date and an instant" },
        { "\"range\": [\"0000-12-31\", \"2026-04-02\"]", "range", "does not exist" },
        { "\"range\": [\"10000-01-01\", \"10000-01-02\"]", "range", "neither a date nor an instant" },
        { "\"range\": [\"2026-4-1\", \"2026-04-02\"]", "range", "neither a date nor an instant" },
        { "\"range\": [\"2026-04-01\\n\", \"2026-04-02\"]", "range", "neither a date nor an instant" },
        { "\"range\": [\"٢٠٢٦-04-01\", \"2026-04-02\"]", "range", "neither a date nor an instant" },
        { "\"range\": \"\\udc00\"", "range", "well-formed Unicode" },

        { "\"timeZone\": 1", "timeZone", "must be the name of an IANA time zone" },
        { "\"timeZone\": \"Europe/Berln\"", "timeZone", "Did you mean \"Europe/Berlin\"?" },
        { "\"timeZone\": \"UTC+05:30\"", "timeZone", "not \"UTC+05:30\"" },
        { "\"timeZone\": \"\"", "timeZone", "must be the name" },

        { "\"metrics\": null", "metrics", "must be a list of at least one of visits, visitors" },
        { "\"metrics\": []", "metrics", "at least one" },
        { "\"metrics\": \"visits\"", "metrics", "must be a list" },
        { "\"metrics\": [\"visits\", \"vistors\"]", "metrics[1]", "has no metric \"vistors\"; allowed are visits, visitors" },
        { "\"metrics\": [\"visits\", \"vistors\"]", "metrics[1]", "Did you mean \"visitors\"?" },
        { "\"metrics\": [\"Visits\"]", "metrics[0]", "Did you mean \"visits\"?" },
        { "\"metrics\": [1]", "metrics[0]", "must be the name of a metric" },
        { "\"metrics\": [\"visits\", \"clicks\", \"visits\"]", "metrics[2]", "has the metric visits again" },

        { "\"dimensions\": \"source\"", "dimensions", "must be a list of up to 2 of source" },
        { "\"dimensions\": [\"source\", \"country\", \"os\"]", "dimensions", "up to 2" },
        { "\"dimensions\": [\"source\", \"source\"]", "dimensions[1]", "has the dimension source again" },
        { "\"dimensions\": [\"contry\"]", "dimensions[0]", "Did you mean \"country\"?" },
        { "\"dimensions\": [null]", "dimensions[0]", "must be the name of a dimension" },
        { "\"dimensions\": [\"link\"], \"metrics\": [\"clicks\", \"views\"]", "metrics[1]", "allowed are visits, clicks, clickers, share" },

        { "\"filters\": {}", "filters", "must be a list of [operator, dimension, [values]]" },
        { "\"filters\": [{}]", "filters[0]", "must be [operator, dimension, [values]]" },
        { "\"filters\": [[\"is\"]]", "filters[0]", "must be [operator, dimension, [values]]" },
        { "\"filters\": [[\"is\", \"os\", [\"x\"], 1]]", "filters[0]", "must be [operator, dimension, [values]]" },
        { "\"filters\": [[\"isnot\", \"os\", [\"x\"]]]", "filters[0]", "has no operator \"isnot\"; allowed are is, isNot, contains" },
        { "\"filters\": [[\"isnot\", \"os\", [\"x\"]]]", "filters[0]", "Did you mean \"isNot\"?" },
        { "\"filters\": [[1, \"os\", [\"x\"]]]", "filters[0]", "begin with the name of an operator" },
        { "\"filters\": [[\"is\", \"os\", [\"x\"]], [\"is\", \"browsr\", [\"x\"]]]", "filters[1]", "Did you mean \"browser\"?" },
        { "\"filters\": [[\"is\", 1, [\"x\"]]]", "filters[0]", "with the name of a dimension" },
        { "\"filters\": [[\"is\", \"os\", \"x\"]]", "filters[0]", "with the values in a list" },
        { "\"filters\": [[\"is\", \"os\", null]]", "filters[0]", "with the values in a list" },
        { "\"filters\": [[\"is\", \"os\"]]", "filters[0]", "must have 1 to 100 values for is, not 0" },
        { "\"filters\": [[\"matches\", \"os\", []]]", "filters[0]", "must have 1 to 100 values for matches, not 0" },
        { "\"filters\": [[\"is\", \"os\", [\"x\", 5]]]", "filters[0]", "value 2 is none" },
        { "\"filters\": [[\"is\", \"os\", [null]]]", "filters[0]", "value 1 is none" },
        { "\"filters\": [[\"is\", \"os\", [\"\\ud83d\"]]]", "filters[0]", "well-formed Unicode" },
        { "\"filters\": [[\"isNull\", \"os\", [\"x\"]]]", "filters[0]", "isNull takes none" },
        { "\"filters\": [[\"isNotNull\", \"os\", [\"x\"]]]", "filters[0]", "isNotNull takes none" },

        { "\"filters\": [[\"equals\", \"os\", [\"x\"]]]", "filters[0]", "Did you mean \"is\"?" },
        { "\"filters\": [[\"!=\", \"os\", [\"x\"]]]", "filters[0]", "Did you mean \"isNot\"?" },
        { "\"filters\": [[\"does not contain\", \"os\", [\"x\"]]]", "filters[0]", "Did you mean \"containsNot\"?" },
        { "\"filters\": [[\"starts_with\", \"os\", [\"x\"]]]", "filters[0]", "Did you mean \"matches\"?" },

        { "\"range\": [\"9999-12-31\", \"9999-12-31\"]", "range", "has no day that can be counted; allowed are 0001-01-04 to 9999-12-29." },
        { "\"range\": [\"9999-12-30\", \"9999-12-31\"]", "range", "has no day that can be counted" },
        { "\"range\": [\"0001-01-01\", \"0001-01-03\"]", "range", "has no day that can be counted" },
        { "\"range\": [\"9999-12-31T00:00Z\", \"9999-12-31T01:00Z\"]", "range", "allowed are 0001-01-03T00:00:00.000Z to 9999-12-31T00:00:00.000Z." },
        { "\"range\": [\"0001-01-01T00:00Z\", \"0001-01-03T00:00Z\"]", "range", "has no instant that can be counted" },
        { "\"compare\": [\"9999-12-31\", \"9999-12-31\"]", "compare", "has no day that can be counted" },
        { "\"timeZone\": \"Berlin\"", "timeZone", "Did you mean \"Europe/Berlin\"?" },
        { "\"metrics\": [\"pageviews\"]", "metrics[0]", "Did you mean \"views\"?" },
        { "\"sort\": []", "sort", "Did you mean \"orderBy\"?" },

        { "\"compare\": true", "compare", "must be one of previous, lastYear" },
        { "\"compare\": \"previos\"", "compare", "Did you mean \"previous\"?" },
        { "\"compare\": [\"2026-04-02\", \"2026-04-01\"]", "compare", "begins after it ends" },
        { "\"compare\": \"previous\", \"range\": \"all\"", "compare", "must be absent with the range all" },

        { "\"orderBy\": \"visits\"", "orderBy", "must be a list of" },
        { "\"orderBy\": [\"visits\"]", "orderBy[0]", "must be [metric or dimension" },
        { "\"orderBy\": [[\"visits\"]]", "orderBy[0]", "must be [metric or dimension" },
        { "\"orderBy\": [[\"visits\", 1]]", "orderBy[0]", "must be [metric or dimension" },
        { "\"orderBy\": [[\"visits\", \"DESC\"]]", "orderBy[0]", "no direction \"DESC\"; allowed are asc, desc. Did you mean \"desc\"?" },
        { "\"orderBy\": [[\"clicks\", \"desc\"]]", "orderBy[0]", "has clicks, which the query does not ask; allowed are visits." },
        { "\"orderBy\": [[\"day\", \"desc\"]]", "orderBy[0]", "has day, which the query does not ask" },
        { "\"orderBy\": [[\"visit\", \"desc\"]]", "orderBy[0]", "has no metric or dimension \"visit\"; allowed are visits. Did you mean" },
        { "\"orderBy\": [[\"visits\", \"desc\"], [\"visits\", \"asc\"]]", "orderBy", "at most once" },
        { "\"dimensions\": [\"os\"], \"orderBy\": [[\"visits\", \"desc\"], [\"visits\", \"asc\"]]", "orderBy[1]", "again" },

        { "\"limit\": 0", "limit", "must be a whole number from 1 to 10000" },
        { "\"limit\": 10001", "limit", "from 1 to 10000" },
        { "\"limit\": 1.5", "limit", "from 1 to 10000" },
        { "\"limit\": \"5\"", "limit", "from 1 to 10000" },
        { "\"limit\": 1e400", "limit", "from 1 to 10000" },
        { "\"offset\": -1", "offset", "must be a whole number from 0 to 2147483647" },
        { "\"offset\": 2147483648", "offset", "from 0 to" },
        { "\"offset\": 0.1", "offset", "from 0 to" },

        { "\"fill\": 1", "fill", "must be true or false" },
        { "\"fill\": true", "fill", "needs exactly one dimension, and one of hour, day, week, month, hourOfDay, weekday" },
        { "\"fill\": true, \"dimensions\": [\"source\"]", "fill", "needs exactly one dimension" },
        { "\"fill\": true, \"dimensions\": [\"day\", \"source\"]", "fill", "needs exactly one dimension" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Each_problem_is_reported_once_at_its_field(string members, string field, string says)
    {
        var metrics = members.Contains("\"metrics\"", StringComparison.Ordinal) ? "" : "\"metrics\": [\"visits\"], ";
        var detail = Assert.Single(Details($"{{ {metrics}{members} }}"));

        Assert.Equal(field, detail.Field);
        Assert.Contains(says, detail.Message, StringComparison.Ordinal);
        Assert.Matches("[.?]$", detail.Message);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"visits\"")]
    [InlineData("5")]
    public void A_query_must_be_an_object(string json) =>
        Assert.Equal("body must be a JSON object.", Assert.Single(Details(json)).ToString());

    [Fact]
    public void A_long_key_is_shown_cut() =>
        Assert.Equal(new string('k', 40) + "…", Assert.Single(Details($$"""{"metrics":["visits"],"{{new string('k', 100_000)}}":1}""")).Field);

    [Fact]
    public void A_query_without_metrics_is_refused() => Assert.Equal("metrics", Assert.Single(Details("{}")).Field);

    [Fact]
    public void All_problems_are_reported_at_once()
    {
        var details = Details("""
            { "range": "8d", "timeZone": "Nowhere", "metrics": ["visits", "hits"], "dimensions": ["planet"], "colour": 1,
              "filters": [["is", "os", ["x"]], ["like", "os", ["x"]], ["is", "os", []]], "compare": "never",
              "orderBy": [["hits", "down"]], "limit": 0, "offset": -1, "fill": "yes" }
            """);

        Assert.Equal(
            [
                "colour", "range", "timeZone", "metrics[1]", "dimensions[0]", "filters[1]", "filters[2]", "compare", "orderBy[0]", "limit",
                "offset", "fill",
            ],
            details.Select(detail => detail.Field));
    }

    [Fact]
    public void A_problem_elsewhere_hides_none_of_the_order_and_of_fill()
    {
        var details = Details("""{ "range": "8d", "metrics": ["visits"], "orderBy": [["clicks", "desc"]], "fill": true }""");

        Assert.Equal(["range", "orderBy[0]", "fill"], details.Select(detail => detail.Field));
    }

    [Fact]
    public void An_invalid_dimension_causes_no_problem_of_fill()
    {
        var details = Details("""{ "metrics": ["visits"], "dimensions": ["planet"], "fill": true }""");

        Assert.Equal("dimensions[0]", Assert.Single(details).Field);
    }

    [Fact]
    public void What_can_be_ordered_by_is_listed()
    {
        var details = Details("""{ "metrics": ["visitors"], "dimensions": ["day"], "orderBy": [["visits", "desc"]] }""");

        // Not a misspelt name: nothing is suggested.
        Assert.Equal("orderBy[0] has visits, which the query does not ask; allowed are visitors, day.", Assert.Single(details).ToString());
    }

    [Fact]
    public void A_problem_of_a_filter_says_what_is_wrong_with_it()
    {
        var details = Details($$"""
            { "metrics": ["visits"],
              "filters": [["is", "browsr", ["x"]], ["is", "os", ["x", "{{new string('x', 2_049)}}"]], ["near", "os", ["x"]]] }
            """);

        Assert.StartsWith("filters[0] has no dimension \"browsr\"; allowed are source, channel,", details[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("filters[1] must have values of up to 2048 characters; value 2 has 2049.", details[1].ToString());
        Assert.StartsWith(
            "filters[2] has no operator \"near\"; allowed are is, isNot, contains, containsNot, matches, isNull, isNotNull.",
            details[2].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_invalid_metric_causes_no_problem_of_the_order()
    {
        var details = Details("""{ "metrics": ["vistors"], "orderBy": [["visitors", "desc"]] }""");

        Assert.Equal("metrics[0]", Assert.Single(details).Field);
    }

    [Theory]
    [InlineData(20, 100, 2048, null)]
    [InlineData(21, 1, 1, "filters")]
    [InlineData(1, 101, 1, "filters[0]")]
    [InlineData(1, 1, 2049, "filters[0]")]
    public void Filters_are_bounded(int filters, int values, int length, string? field)
    {
        var filter = $"[\"is\", \"os\", [{string.Join(", ", Enumerable.Repeat($"\"{new string('x', length)}\"", values))}]]";
        var json = $$"""{ "metrics": ["visits"], "filters": [{{string.Join(", ", Enumerable.Repeat(filter, filters))}}] }""";

        Assert.Equal(field is null ? [] : [field], Details(json).Select(detail => detail.Field));
    }

    [Fact]
    public void Huge_invalid_queries_get_bounded_details()
    {
        var keys = string.Join(", ", Enumerable.Range(0, 10_000).Select(i => $"\"key{i}\": {i}"));
        var names = string.Join(", ", Enumerable.Repeat("\"nonsense\"", 10_000));
        var details = Details($$"""
            { {{keys}}, "metrics": [{{names}}], "dimensions": [{{names}}], "filters": [{{names}}], "orderBy": [{{names}}],
              "range": "{{new string('x', 10_000)}}" }
            """);

        Assert.Equal(25, details.Count);
        Assert.All(details, detail => Assert.InRange(detail.Message.Length, 1, 500));
    }

    private static EquatableList<QueryDetail> Details(string json)
    {
        using var document = JsonDocument.Parse(json);
        var reading = QueryReader.Read(document.RootElement);
        Assert.Equal(reading.Details.Count == 0, reading.Request is not null);
        return reading.Details;
    }
}
