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
        Assert.Equal(name, NearestName.Of(text, Dimension.All.Select(dimension => dimension.Name)));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "acb", 1)]
    [InlineData("abc", "ac", 1)]
    [InlineData("abc", "abxc", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Edits_are_counted(string from, string to, int edits) => Assert.Equal(edits, NearestName.Edits(from, to));

    [Fact]
    public void Edit_distance_is_symmetric() =>
        Gen.Select(Gen.Char["abc"].Array[0, 8], Gen.Char["abc"].Array[0, 8]).Sample((one, other) =>
            NearestName.Edits(new string(one), new string(other)) == NearestName.Edits(new string(other), new string(one)));

    [Fact]
    public void A_very_long_name_has_no_nearest_name() =>
        Assert.Null(NearestName.Of(new string('a', 1_000_000), [new string('a', 999_999)]));
}
