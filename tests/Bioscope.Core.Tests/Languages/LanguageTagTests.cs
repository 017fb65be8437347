using Xunit;

namespace Bioscope.Core.Tests;

public sealed class LanguageTagTests
{
    [Theory]
    [InlineData("de", "de")]
    [InlineData("DE-at", "de-AT")]
    [InlineData("pt_br", "pt-BR")]
    [InlineData("zh-hant-tw", "zh-Hant-TW")]
    [InlineData("es-419", "es-419")]
    [InlineData(" fil ", "fil")]
    [InlineData("de-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd", "de-aaaaaaaa-bbbbbbbb-cccccccc")]
    [InlineData("de-aaaaaaaa-bbbbbbbb-cccccccc-ddddd", "de-aaaaaaaa-bbbbbbbb-cccccccc-ddddd")] // 35 characters
    [InlineData("de-aaaaaaaa-bbbbbbbb-cccccccc-dddddd", "de-aaaaaaaa-bbbbbbbb-cccccccc")]
    [InlineData("de-aaaaaaaaa", null)]
    [InlineData("de-a!", null)]
    [InlineData("*", null)]
    [InlineData("d", null)]
    [InlineData("german", null)]
    [InlineData("de--AT", null)]
    [InlineData("d3", null)]
    [InlineData("de<script>", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_language_tag_gets_its_usual_case(string? tag, string? normal) => Assert.Equal(normal, LanguageTag.Normalize(tag));

    [Theory]
    [InlineData("de-AT,de;q=0.9,en;q=0.8", "de-AT")]
    [InlineData("en;q=0.8, fr;q=0.9", "fr")]
    [InlineData("en;q=0.5, fr;q=0.5", "en")]
    [InlineData("*, nl;q=0.1", "nl")]
    [InlineData("en;q=0, fr;q=x", null)]
    [InlineData(",;q=1,", null)]
    [InlineData(null, null)]
    public void The_language_with_the_highest_weight_is_preferred(string? header, string? tag) => Assert.Equal(tag, LanguageTag.OfHeader(header));

    [Fact]
    public void A_text_of_over_1000_characters_is_no_tag()
    {
        Assert.Equal("de", LanguageTag.Normalize("de".PadRight(1_000)));
        Assert.Null(LanguageTag.Normalize("de".PadRight(1_001)));
    }
}
