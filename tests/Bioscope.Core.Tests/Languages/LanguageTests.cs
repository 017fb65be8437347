using System.Globalization;
using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests.Languages;

public sealed class LanguageTests
{
    private static readonly DateOnly Day = new(2026, 11, 24);

    [Theory]
    [InlineData("en", "1,234,567", "27.70%", "Nov 24", "Tue, Nov 24, 2026", "3:06 PM")]
    [InlineData("en-GB", "1,234,567", "27.70%", "24 Nov", "Tue, 24 Nov 2026", "15:06")]
    [InlineData("de", "1.234.567", "27,70 %", "24. Nov.", "Di., 24. Nov. 2026", "15:06")]
    [InlineData("fr", "1\u202f234\u202f567", "27,70 %", "24 nov.", "mar. 24 nov. 2026", "15:06")]
    [InlineData("hi", "12,34,567", "27.70%", "24 नव॰", "मंगल, 24 नव॰ 2026", "3:06 pm")]
    [InlineData("tr", "1.234.567", "%27,70", "24 Kas", "24 Kas 2026 Sal", "15:06")]
    [InlineData("ja", "1,234,567", "27.70%", "11月24日", "2026年11月24日(火)", "15:06")]
    [InlineData("ar-EG", "١٬٢٣٤٬٥٦٧", "٢٧٫٧٠٪\u061c", "٢٤ نوفمبر", "الثلاثاء، ٢٤ نوفمبر ٢٠٢٦", "٣:٠٦ م")]
    public void Numbers_and_dates_follow_the_language(string tag, string number, string percent, string day, string longDay, string time)
    {
        var language = Language.Of([tag]);

        Assert.Equal(number, language.Number(1_234_567));
        Assert.Equal(percent, language.Percent(27.7, 2).Replace('\u00a0', ' ').Replace('\u202f', ' '));
        Assert.Equal(day, language.Day(Day));
        Assert.Equal(longDay, language.LongDay(Day));
        Assert.Equal(time, language.Time(new TimeOnly(15, 6)).Replace('\u202f', ' '));
    }

    [Theory]
    [InlineData("en", "Nov 24, 2026")]
    [InlineData("de", "24. Nov. 2026")]
    [InlineData("ja", "2026年11月24日")]
    [InlineData("ar-EG", "٢٤ نوفمبر ٢٠٢٦")]
    public void A_day_has_its_year_where_the_language_has_it(string tag, string day) => Assert.Equal(day, Language.Of([tag]).YearDay(Day));

    [Theory]
    [InlineData("es", 1234, "1234")]
    [InlineData("es", 12345, "12.345")]
    [InlineData("es", -1234, "-1234")]
    [InlineData("en", -1234, "-1,234")]
    [InlineData("en", -123, "-123")]
    [InlineData("en", 999, "999")]
    [InlineData("hi", 123456789012, "1,23,45,67,89,012")]
    [InlineData("en", long.MinValue, "-9,223,372,036,854,775,808")]
    public void Digit_groups_follow_the_language(string tag, long number, string text) =>
        Assert.Equal(text, Language.Of([tag]).Number(number));

    [Theory]
    [InlineData("en", 0, 5, "12:05 AM")]
    [InlineData("en", 11, 59, "11:59 AM")]
    [InlineData("en", 12, 0, "12:00 PM")]
    [InlineData("en", 13, 1, "1:01 PM")]
    [InlineData("en", 23, 59, "11:59 PM")]
    [InlineData("ja", 9, 5, "9:05")]
    public void Times_follow_the_language(string tag, int hour, int minute, string text) =>
        Assert.Equal(text, Language.Of([tag]).Time(new TimeOnly(hour, minute)).Replace('\u202f', ' '));

    [Theory]
    [InlineData("en", 1234.5, 0, "1,235")] // half away from zero
    [InlineData("en", -1234.5, 0, "-1,235")]
    [InlineData("en", 0.125, 2, "0.13")]
    [InlineData("de", 12345.678, 1, "12.345,7")]
    [InlineData("de", 7, 2, "7,00")]
    public void Decimals_follow_the_language(string tag, double number, int decimals, string text) =>
        Assert.Equal(text, Language.Of([tag]).Number(number, decimals));

    [Theory]
    [InlineData("de-LU", "de")]
    [InlineData("DE-ch", "de-CH")]
    [InlineData("en-US", "en")]
    [InlineData("zh-Hant-TW", "zh-TW")]
    [InlineData("zh-Hans-CN", "zh")]
    [InlineData("sr-Latn-RS", "sr-Latn")]
    [InlineData("tlh,fr-CA", "fr-CA")]
    [InlineData("tlh", "en-GB")]
    [InlineData("", "en-GB")]
    [InlineData("-", "en-GB")]
    [InlineData("*", "en-GB")]
    public void The_first_supported_language_is_used(string tags, string tag) => Assert.Equal(tag, Language.Of(tags.Split(',')).Tag);

    [Fact]
    public void No_language_loses_digits_or_leaves_placeholders()
    {
        Language[] languages = [.. Language.All];
        Gen.Select(Gen.Int[0, languages.Length - 1], Gen.Long).Sample((index, number) =>
        {
            var language = languages[index];
            var digits = string.Concat(language.Number(number).Where(char.IsDigit).Select(digit => (int)char.GetNumericValue(digit)));
            Assert.Equal(Int128.Abs(number).ToString(CultureInfo.InvariantCulture), digits);
            var texts = new[] { language.Percent(12.34, 2), language.Day(Day), language.LongDay(Day), language.YearDay(Day), language.Time(new TimeOnly(0, 5)),
                language.Time(new TimeOnly(12, 59)) };
            Assert.All(texts, text => Assert.False(text.Contains('{') || text.Contains('}')));
        });
    }
}
