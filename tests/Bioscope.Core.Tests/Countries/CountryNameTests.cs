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
    public void A_country_code_has_its_common_English_name(string code, string name) => Assert.Equal(name, CountryName.Of(code));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("us")]
    [InlineData("USA")]
    [InlineData("??")]
    [InlineData("EU")]
    [InlineData("UK")]
    [InlineData("ZZ")]
    public void An_invalid_country_code_has_no_name(string? code) => Assert.Null(CountryName.Of(code));

    [Fact]
    public void All_249_ISO_countries_and_Kosovo_have_unique_names()
    {
        Assert.Equal(250, CountryName.Codes.Count);
        Assert.All(CountryName.Codes, code => Assert.Matches("^[A-Z]{2}$", code));
        var names = CountryName.Codes.Select(CountryName.Of).ToList();
        Assert.Equal(250, names.Distinct().Count());
        Assert.All(names, name => Assert.True(name is { Length: > 3 and < 45 } && name.Trim() == name));
    }
}
