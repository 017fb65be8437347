using Bioscope.Engine.Counting;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("contry", "country")]
    [InlineData("Country", "country")]
    [InlineData("utm_source", "utmSource")]
    [InlineData("utmsuorce", "utmSource")]
    [InlineData("brwoser", "browser")]
    [InlineData("refererDomain", "referrerDomain")]
    [InlineData("o", "os")]
    [InlineData("shoeSize", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_found_where_one_is_near(string text, string? name) =>
        Assert.Equal(name, NearestName.Of(text, Dimension.All.Select(dimension => dimension.Name).ToList()));

    [Theory]
    [InlineData("visit:source", "source")]
    [InlineData("visit:utm_source", "utmSource")]
    [InlineData("event:page", "page")]
    [InlineData("domain", "referrerDomain")]
    [InlineData("campaign", "utmCampaign")]
    [InlineData("operating_system", "os")]
    [InlineData("date", "day")]
    [InlineData("utm", null)] // too short for a part of a name
    public void A_part_or_another_word_of_a_name_finds_it(string text, string? name) =>
        Assert.Equal(name, NearestName.Of(text, Dimension.All.Select(dimension => dimension.Name).ToList()));

    [Theory]
    [InlineData("pageviews", "views")]
    [InlineData("page_views", "views")]
    [InlineData("uniqueVisitors", "visitors")]
    [InlineData("sessions", "visits")]
    [InlineData("users", "visitors")]
    [InlineData("ctr", "clickRate")]
    [InlineData("bounce_rate", "bounceRate")]
    [InlineData("duration", "visitDuration")]
    [InlineData("percentage", "share")]
    [InlineData("revenue", null)]
    public void Metrics_of_other_tools_find_ours(string text, string? name) => Assert.Equal(name, NearestName.Of(text, MetricName.All));

    [Fact]
    public void A_word_of_another_kind_of_names_finds_none() => Assert.Null(NearestName.Of("equals", MetricName.All));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "acb", 1)]
    [InlineData("abc", "ac", 1)]
    [InlineData("abc", "abxc", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Edits_are_counted(string from, string to, int edits) => Assert.Equal(edits, NearestName.Edits(from, to));

    [Theory]
    [InlineData("abcd", "abcdef", true)] // two of the longer one's six letters
    [InlineData("abc", "abcdef", false)]
    [InlineData("abcdxy", "abcdef", true)]
    [InlineData("abcxyz", "abcdef", false)]
    [InlineData("abxy", "ab", false)]
    [InlineData("x", "a", true)] // one letter always
    [InlineData("x", "ab", false)]
    public void Up_to_a_third_of_the_letters_may_differ(string text, string name, bool isFound) =>
        Assert.Equal(isFound ? name : null, NearestName.Of(text, [name]));

    [Fact]
    public void The_nearest_name_is_the_first_of_those_that_are_equally_near()
    {
        Assert.Equal("abc", NearestName.Of("abd", ["abc", "abe"]));
        Assert.Equal("utmSource", NearestName.Of("utmSourc", ["utmScoure", "utmSource"]));
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void Names_of_more_than_60_letters_are_not_looked_for(int letters, bool isFound)
    {
        var name = new string('a', letters - 1) + "b";

        Assert.Equal(isFound ? name : null, NearestName.Of(new string('a', letters), [name]));
    }

    [Fact]
    public void Edit_distance_is_symmetric() =>
        Gen.Select(Gen.Char["abc"].Array[0, 8], Gen.Char["abc"].Array[0, 8]).Sample((one, other) =>
            NearestName.Edits(new string(one), new string(other)) == NearestName.Edits(new string(other), new string(one)));

    [Fact]
    public void A_very_long_name_has_no_nearest_name() =>
        Assert.Null(NearestName.Of(new string('a', 1_000_000), [new string('a', 999_999)]));
}
