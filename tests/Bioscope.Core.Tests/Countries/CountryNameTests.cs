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

    [Theory]
    [InlineData("DE", "de", "Deutschland")]
    [InlineData("GB", "fr", "Royaume-Uni")]
    [InlineData("US", "ja", "アメリカ合衆国")]
    [InlineData("BR", "pt-BR", "Brasil")]
    [InlineData("EG", "ar", "مصر")]
    [InlineData("DE", "en", "Germany")]
    [InlineData("DE", "nl", "Germany")]
    public void A_country_has_a_name_in_the_readers_language(string code, string tag, string name) =>
        Assert.Equal(name, CountryName.Of(code, tag));

    [Theory]
    [InlineData("es"), InlineData("pt-BR"), InlineData("fr"), InlineData("de"), InlineData("tr"), InlineData("id"), InlineData("ja")]
    [InlineData("hi"), InlineData("ar")]
    public void Every_country_has_a_name_in_every_language(string tag)
    {
        Assert.All(CountryName.Codes, code => Assert.False(string.IsNullOrWhiteSpace(CountryName.Of(code, tag))));
        Assert.Null(CountryName.Of("ZZ", tag));
        Assert.Null(CountryName.Of(null, tag));
    }

    [Fact]
    public void All_249_ISO_countries_and_Kosovo_have_unique_names()
    {
        Assert.Equal(250, CountryName.Codes.Count);
        Assert.All(CountryName.Codes, code => Assert.Matches("^[A-Z]{2}$", code));
        var names = CountryName.Codes.Select(code => CountryName.Of(code)).ToList();
        Assert.Equal(250, names.Distinct().Count());
        Assert.All(names, name => Assert.True(name is { Length: > 3 and < 45 } && name.Trim() == name));
    }
}
