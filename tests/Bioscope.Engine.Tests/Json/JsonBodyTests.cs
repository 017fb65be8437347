using System.Globalization;
using System.Text;
using Bioscope.Engine.Json;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Json;

public sealed class JsonBodyTests
{
    private const string Id = "0189f7a3-5b7c-7d4e-8f90-1234567890ab";

    [Theory]
    [InlineData("", "The body is not valid JSON (line 1, byte 1).")]
    [InlineData("{\n  x}", "The body is not valid JSON (line 2, byte 3).")]
    [InlineData("{} {}", "The body is not valid JSON (line 1, byte 4).")]
    [InlineData("[]", "The body must be a JSON object.")]
    [InlineData("null", "The body must be a JSON object.")]
    [InlineData("\"{}\"", "The body must be a JSON object.")]
    public void What_is_no_JSON_object_is_refused(string json, string problem)
    {
        var (body, refusal) = JsonBody.Parse(Encoding.UTF8.GetBytes(json));

        Assert.Null(body);
        Assert.Equal(problem, refusal);
    }

    [Fact]
    public void What_is_no_UTF_8_is_refused() =>
        Assert.Equal((null, "The body is not valid UTF-8."), JsonBody.Parse(new byte[] { (byte)'{', 0xFF, (byte)'}' }));

    [Fact]
    public void A_byte_order_mark_is_ignored()
    {
        using var body = Parsed("\uFEFF{\"a\":\"b\"}");

        Assert.Equal("b", body.OptionalText("a", 10));
    }

    [Fact]
    public void Of_a_field_that_stands_twice_the_last_one_counts()
    {
        using var body = Parsed("""{"a":"first","a":"last"}""");

        Assert.Equal("last", body.OptionalText("a", 10));
    }

    [Fact]
    public void Absent_and_null_fields_are_the_same()
    {
        using var body = Parsed("""{"a":null}""");
        foreach (var field in (string[])["a", "b"])
        {
            Assert.Null(body.OptionalText(field, 1));
            Assert.Null(body.OptionalRawText(field));
            Assert.Null(body.OptionalUuid(field));
            Assert.Null(body.OptionalCount(field, 1));
            Assert.Null(body.OptionalNumber(field, 1));
            Assert.Null(body.OptionalBoolean(field));
        }

        Assert.Empty(body.Problems);
    }

    [Fact]
    public void Required_fields_that_are_not_there_are_named_once_each()
    {
        using var body = Parsed("""{"f":null}""");
        Assert.Equal("", body.RequiredText("a", 0, 9));
        Assert.Equal(Guid.Empty, body.RequiredUuid("b"));
        Assert.Equal(default, body.RequiredInstant("c"));
        Assert.Equal(0, body.RequiredNumber("d", 9));
        Assert.Empty(body.RequiredUuids("e"));
        Assert.Empty(body.RequiredUuids("f"));
        body.RequiredText("a", 0, 9);

        Assert.Equal(["a is required", "b is required", "c is required", "d is required", "e is required", "f is required"], body.Problems);
    }

    [Fact]
    public void A_required_field_that_was_refused_is_not_said_to_be_missing()
    {
        using var body = Parsed("""{"a":1,"aa":true,"b":"x","c":"yesterday","d":"1"}""");
        body.RequiredText("aa", 0, 9);
        body.RequiredText("a", 0, 9);
        body.RequiredUuid("b");
        body.RequiredInstant("c");
        body.RequiredNumber("d", 9);

        Assert.Equal(
            [
                "aa must be a string", "a must be a string", "b must be a UUID",
                    "c must be an instant since 1970, such as 2026-04-01T00:00:00.000Z",
                "d must be a number from 0 to 9",
            ],
            body.Problems);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("ab", true)]
    [InlineData("abc", true)]
    [InlineData("abcd", false)]
    public void A_required_text_has_a_length_within_its_bounds(string text, bool fits)
    {
        using var body = Parsed($$"""{"a":"{{text}}"}""");

        Assert.Equal(text, body.RequiredText("a", 2, 3));
        Assert.Equal(fits ? [] : ["a must have 2 to 3 characters"], body.Problems);
    }

    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("abcd", "abc")]
    [InlineData("ab😀", "ab")] // a surrogate pair is never cut apart
    [InlineData("a😀b", "a😀")]
    public void An_optional_text_is_cut(string text, string cut)
    {
        using var body = Parsed($$"""{"a":"{{text}}"}""");

        Assert.Equal(cut, body.OptionalText("a", 3));
        Assert.Empty(body.Problems);
    }

    [Fact]
    public void A_null_character_is_refused_but_in_raw_texts()
    {
        using var body = Parsed("""{"a":"x\u0000"}""");

        Assert.Equal("x\0", body.OptionalRawText("a"));
        Assert.Null(body.OptionalText("a", 10));
        Assert.Equal(["a must not contain the character U+0000"], body.Problems);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_no_text()
    {
        using var body = Parsed("""{"a":"\uD83D"}""");

        Assert.Null(body.OptionalRawText("a"));
        Assert.Equal(["a must be well-formed Unicode"], body.Problems);
    }

    [Fact]
    public void A_field_name_that_is_no_Unicode_refuses_the_body()
    {
        using var body = Parsed("""{"\uD83D":1,"b":2}""");
        body.OptionalCount("a", 1);
        body.Refuse("b", "is wrong");

        Assert.Equal(["The body has a field name that is not well-formed Unicode."], body.Problems);
    }

    [Theory]
    [InlineData("2026-04-01T00:00:00.000Z", "2026-04-01T00:00:00.000")]
    [InlineData("2026-04-01T00:00:00Z", "2026-04-01T00:00:00.000")]
    [InlineData("2026-04-01T00:00Z", "2026-04-01T00:00:00.000")]
    [InlineData("2026-04-01T02:30:00+02:30", "2026-04-01T00:00:00.000")]
    [InlineData("2026-04-01T00:00:00.1239999Z", "2026-04-01T00:00:00.123")]
    [InlineData("2026-04-01T00:00:00", "2026-04-01T00:00:00.000")] // without a zone it is UTC
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000")]
    [InlineData("2999-12-31T23:59:59Z", "2999-12-31T23:59:59.000")]
    [InlineData("3000-01-01T00:00:00Z", null)]
    [InlineData("1969-12-31T23:59:59Z", null)]
    [InlineData("2026-04-01", null)]
    [InlineData("2026-04-01 00:00:00Z", null)]
    [InlineData("2026-02-29T00:00:00Z", null)]
    [InlineData("1775001600", null)]
    [InlineData("", null)]
    public void An_instant_is_ISO_8601_since_1970(string text, string? instant)
    {
        using var body = Parsed($$"""{"a":"{{text}}"}""");
        var read = body.RequiredInstant("a");

        Assert.Equal(instant is null, body.Problems.Count == 1);
        Assert.Equal(instant ?? "0001-01-01T00:00:00.000", read.ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture));
        Assert.Equal(TimeSpan.Zero, read.Offset);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("9", 9)]
    [InlineData("10", null)]
    [InlineData("-1", null)]
    [InlineData("1.5", null)]
    [InlineData("99999999999", null)]
    [InlineData("\"1\"", null)]
    [InlineData("true", null)]
    public void A_count_is_a_whole_number_within_its_bounds(string json, int? count)
    {
        using var body = Parsed($$"""{"a":{{json}}}""");

        Assert.Equal(count, body.OptionalCount("a", 9));
        Assert.Equal(count is null ? ["a must be a whole number from 0 to 9"] : [], body.Problems);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("8.99", 8)]
    [InlineData("9", 9)]
    [InlineData("1e0", 1)]
    [InlineData("9.01", null)]
    [InlineData("-0.5", null)]
    [InlineData("1e400", null)]
    [InlineData("\"1\"", null)]
    public void The_fraction_of_a_number_is_cut_off(string json, int? number)
    {
        using var body = Parsed($$"""{"a":{{json}}}""");

        Assert.Equal(number, body.OptionalNumber("a", 9));
        Assert.Equal(number is null ? ["a must be a number from 0 to 9"] : [], body.Problems);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("1", null)]
    [InlineData("\"true\"", null)]
    public void A_boolean_is_true_or_false(string json, bool? value)
    {
        using var body = Parsed($$"""{"a":{{json}}}""");

        Assert.Equal(value, body.OptionalBoolean("a"));
        Assert.Equal(value is null ? ["a must be true or false"] : [], body.Problems);
    }

    [Theory]
    [InlineData("[]", 0, null)]
    [InlineData($"[\"{Id}\",\"{Id}\"]", 2, null)]
    [InlineData($"[\"{Id}\",1]", 1, "a must contain only UUIDs")]
    [InlineData("[\"{0189f7a3-5b7c-7d4e-8f90-1234567890ab}\"]", 0, "a must contain only UUIDs")]
    [InlineData("[\"\\uD83D\"]", 0, "a must contain only UUIDs")]
    [InlineData("{}", 0, "a must be a list of UUIDs")]
    [InlineData("\"x\"", 0, "a must be a list of UUIDs")]
    public void A_list_of_UUIDs_has_nothing_else(string json, int count, string? problem)
    {
        using var body = Parsed($$"""{"a":{{json}}}""");

        Assert.Equal(count, body.RequiredUuids("a").Count);
        Assert.Equal(problem is null ? [] : [problem], body.Problems);
    }

    [Theory]
    [InlineData("[]", "", null)]
    [InlineData("[\"x\",\"\"]", "x,", null)]
    [InlineData("null", null, null)]
    [InlineData("[\"x\",1]", null, "a must contain only well-formed strings")]
    [InlineData("[null]", null, "a must contain only well-formed strings")]
    [InlineData("[\"\\uD83D\"]", null, "a must contain only well-formed strings")]
    [InlineData("{}", "", "a must be a list of strings")]
    [InlineData("\"x\"", "", "a must be a list of strings")]
    public void A_list_of_texts_has_nothing_else(string json, string? texts, string? problem)
    {
        using var body = Parsed($$"""{"a":{{json}}}""");

        Assert.Equal(texts, body.OptionalTexts("a") is { } list ? string.Join(',', list) : null);
        Assert.Equal(problem is null ? [] : [problem], body.Problems);
    }

    [Theory]
    [InlineData("""{"b":1}""", true, null)]
    [InlineData("{}", true, null)]
    [InlineData("null", false, null)]
    [InlineData("[]", false, "a must be an object")]
    [InlineData("\"{}\"", false, "a must be an object")]
    public void An_object_within_the_body_is_one(string json, bool isObject, string? problem)
    {
        using var body = Parsed($$"""{"a":{{json}}}""");

        Assert.Equal(isObject, body.OptionalObject("a").ValueKind == System.Text.Json.JsonValueKind.Object);
        Assert.Equal(problem is null ? [] : [problem], body.Problems);
        Assert.Equal(System.Text.Json.JsonValueKind.Undefined, body.OptionalObject("absent").ValueKind);
    }

    // Larger than 32 bits, unlike other numbers.
    [Theory]
    [InlineData("5", 5L)]
    [InlineData("1000000000000", 1_000_000_000_000L)]
    [InlineData("4", null)]
    [InlineData("1000000000001", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("5.5", null)]
    [InlineData("\"5\"", null)]
    [InlineData("null", null)]
    public void A_large_count_is_a_whole_number_within_its_bounds(string json, long? count)
    {
        using var body = Parsed($$"""{"a":{{json}}}""");

        Assert.Equal(count ?? 5, body.RequiredCount("a", 5, 1_000_000_000_000));
        Assert.Equal(count is null ? ["a must be a whole number from 5 to 1000000000000"] : [], body.Problems);
    }

    [Theory]
    [InlineData("""{"a":1}""", true, false)]
    [InlineData("""{"a":null}""", true, true)]
    [InlineData("""{"A":1}""", false, false)]
    public void Null_is_there_and_is_not_a_value(string json, bool has, bool hasNull)
    {
        using var body = Parsed(json);

        Assert.Equal((has, hasNull), (body.Has("a"), body.HasNull("a")));
    }

    [Fact]
    public void Any_text_comes_back_as_it_was() => Gen.String.Sample(text =>
    {
        var stored = string.Concat(text.EnumerateRunes()); // without half of a surrogate pair
        using var body = Parsed($$"""{"a":"{{System.Text.Json.JsonEncodedText.Encode(stored)}}"}""");

        Assert.Equal(stored, body.OptionalRawText("a"));
    });

    private static JsonBody Parsed(string json)
    {
        var (body, problem) = JsonBody.Parse(Encoding.UTF8.GetBytes(json));
        Assert.Null(problem);
        return body!;
    }
}
