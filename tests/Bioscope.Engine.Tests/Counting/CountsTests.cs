using System.Text.Json;
using Bioscope.Engine.Counting;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class CountsTests
{
    private static readonly Gen<Dictionary<string, long>> Values =
        Gen.Dictionary(Gen.String[Gen.Char["aé\"\\\n😀"], 0, 3].Where(text => !text.Any(char.IsSurrogate)),
            Gen.Long[1, 1_000_000_000_000_000])[0, 8];

    [Fact]
    public void Counts_of_one_value_add_up()
    {
        var counts = new Counts();
        counts.Add("DE", 2);
        counts.Add("AT", 1);
        counts.Add("DE", 3);

        Assert.Equal([("AT", 1), ("DE", 5)], Sorted(counts));
        Assert.Equal(6, counts.Total);
        Assert.False(counts.IsEmpty);
    }

    [Fact]
    public void A_value_that_comes_to_nothing_is_not_there()
    {
        var counts = new Counts();
        counts.Add("DE", 2);
        counts.Add("DE", -2);
        counts.Add("AT", 0);

        Assert.True(counts.IsEmpty);
        Assert.Null(counts.ToJson());
        Assert.Equal(0, counts.Total);
    }

    [Fact]
    public void A_value_may_be_less_than_nothing_for_a_while()
    {
        var counts = new Counts();
        counts.Add("bounces", -1);

        Assert.Equal([("bounces", -1)], Sorted(counts));
    }

    [Fact]
    public void A_copy_changes_on_its_own()
    {
        var counts = new Counts();
        counts.Add("DE", 1);
        var copy = new Counts(counts);
        copy.Add("DE", 1);

        Assert.Equal((1, 2), (counts.Total, copy.Total));
    }

    [Fact]
    public void Counts_of_two_times_are_those_of_both_together() => Gen.Select(Values, Values).Sample((one, other) =>
    {
        var sum = Of(one);
        sum.Add(Of(other));

        Assert.Equal(one.Concat(other).GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value)),
            sum.ByValue);
    });

    [Fact]
    public void Stored_counts_are_read_back_as_they_were() => Values.Sample(values =>
    {
        var json = Of(values).ToJson();

        Assert.Equal(values, Counts.FromJson(json).ByValue);
        Assert.Equal(values.Count == 0, json is null);
    });

    [Fact]
    public void The_stored_text_has_values_in_order_and_letters_as_they_are()
    {
        var counts = new Counts();
        counts.Add("Zürich", 2);
        counts.Add("Basel", 1);

        Assert.Equal("""{"Basel":1,"Zürich":2}""", counts.ToJson());
    }

    [Fact]
    public void Several_stored_counts_add_up()
    {
        var counts = Counts.FromJson("""{"a":1,"b":2}""");
        counts.AddJson("""{"b":3}""");

        Assert.Equal([("a", 1), ("b", 5)], Sorted(counts));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("""{"a":-1}""")]
    [InlineData("""{"a":1000000000000001}""")]
    [InlineData("""{"a":1.5}""")]
    [InlineData("""{"a":"1"}""")]
    [InlineData("""{"a":null}""")]
    [InlineData("""{"a":{"b":1}}""")]
    [InlineData("""{"a":99999999999999999999}""")]
    public void What_cannot_be_counts_is_refused(string json) => Assert.Throws<FormatException>(() => Counts.FromJson(json));

    [Fact]
    public void What_is_no_object_is_said() =>
        Assert.Equal("Counts must be a JSON object.", Assert.Throws<FormatException>(() => Counts.FromJson("[1]")).Message);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"a":1""")]
    [InlineData("""{"a":1} x""")]
    [InlineData("""{"a":1}{"b":1}""")]
    public void What_is_no_JSON_is_refused(string json) => Assert.ThrowsAny<JsonException>(() => Counts.FromJson(json));

    [Fact]
    public void The_largest_count_and_zero_are_read()
    {
        Assert.Equal([("a", 1_000_000_000_000_000)], Sorted(Counts.FromJson("""{"a":1000000000000000,"b":0}""")));
        Assert.True(Counts.FromJson("{}").IsEmpty);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("b", false)]
    public void Values_that_cannot_be_are_refused(string value, bool isRead)
    {
        var counts = new Counts();
        var failure = Record.Exception(() => counts.AddJson($$"""{"{{value}}":1}""", text => text == "a"));

        Assert.Equal(isRead, failure is null);
        Assert.Contains(isRead ? "" : $"'{value}'", failure?.Message ?? "", StringComparison.Ordinal);
    }

    private static Counts Of(Dictionary<string, long> values)
    {
        var counts = new Counts();
        foreach (var (value, count) in values)
        {
            counts.Add(value, count);
        }

        return counts;
    }

    private static (string, long)[] Sorted(Counts counts) =>
        [.. counts.ByValue.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value))];
}
