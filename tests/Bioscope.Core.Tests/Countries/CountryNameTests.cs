using Xunit;

namespace Bioscope.Core.Tests.Countries;

public class CountryNameTests
{
    [Theory]
    [InlineData("US", "United States")]
    [InlineData("DE", "Germany")]
    [InlineData("TR", "Türkiye")]
    [InlineData("GB", "United Kingdom")]
    [InlineData("KR", "South Korea")]
    [InlineData("CZ", "Czechia")]
    [InlineData("XK", "Kosovo")]
    [InlineData("CI", "Côte d'Ivoire")]
    [InlineData("AD", "Andorra")]
    [InlineData("ZW", "Zimbabwe")]
    public void A_code_has_the_name_that_people_expect(string code, string name) => Assert.Equal(name, CountryName.Of(code));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("us")]
    [InlineData("USA")]
    [InlineData("??")]
    [InlineData("EU")]
    [InlineData("UK")]
    [InlineData("ZZ")]
    public void What_is_no_code_has_no_name(string? code) => Assert.Null(CountryName.Of(code));

    [Fact]
    public void There_are_the_249_of_the_standard_and_Kosovo_each_with_a_name_of_its_own()
    {
        Assert.Equal(250, CountryName.Codes.Count);
        Assert.All(CountryName.Codes, code => Assert.Matches("^[A-Z]{2}$", code));
        var names = CountryName.Codes.Select(CountryName.Of).ToList();
        Assert.Equal(250, names.Distinct().Count());
        Assert.All(names, name => Assert.True(name is { Length: > 3 and < 45 } && name.Trim() == name));
    }
}
