using Xunit;

namespace Bioscope.Core.Tests.Sources;

public sealed class SourceListTests
{
    private const string Garden = "Garden | garden | Referral | garden.example app:com.garden";

    [Fact]
    public void A_source_is_found_by_each_of_its_items()
    {
        var list = new SourceList(
        [
            "Garden Club | - | Email | garden.example rose.* host:lily app:com.garden browser:com.fence tag:gc paid:gcads",
            "Fern | fern | Audio | fern.example tag:-",
        ]);

        var garden = new KnownSource("Garden Club", null, "Email");
        Assert.All(
            [
                list.Domains["GARDEN.example"], list.National["rose"], list.Hosts["lily"], list.Apps["com.garden"], list.Browsers["com.fence"],
                list.Tags["gc"], list.Tags["gardenclub"], list.PaidTags["gcads"], list.Names["garden club"],
            ],
            known => Assert.Equal(garden, known));
        Assert.Equal(new KnownSource("Fern", "fern", "Audio"), list.Domains["fern.example"]);
        Assert.Equal(["garden.example", "fern.example"], list.Domains.Keys.OrderDescending(StringComparer.Ordinal));
        Assert.Equal(["gardenclub", "gc"], list.Tags.Keys.Order(StringComparer.Ordinal)); // the name of Fern is no tag
    }

    // Which of the two it was would depend on the order.
    [Theory]
    [InlineData("GARDEN | - | Referral | fern.example", null)]
    [InlineData("Fern | - | Referral | Garden.example", "Fern has Garden.example, which is there already.")]
    [InlineData("Fern | - | Referral | app:com.garden", "Fern has app:com.garden, which is there already.")]
    [InlineData("Fern | - | Referral | tag:garden", "Fern has tag:garden, which is there already.")]
    [InlineData("Fern | - | Referral | word:garden", "Fern has word:garden, which is nothing that a source may have.")]
    public void A_list_that_has_something_twice_or_unknown_is_refused(string line, string? message)
    {
        var refused = Assert.ThrowsAny<Exception>(() => new SourceList([Garden, line]));

        Assert.Equal(message is null ? typeof(ArgumentException) : typeof(InvalidDataException), refused.GetType());
        Assert.True(message is null || message == refused.Message, refused.Message);
    }

    [Theory]
    [InlineData("Tik-Tok", "tiktok")]
    [InlineData(" My_Page 7! ", "mypage7")]
    [InlineData("ÄÖ", "äö")]
    [InlineData("...", "")]
    public void An_alias_is_compared_by_its_letters_and_digits(string text, string key) => Assert.Equal(key, SourceList.Key(text));
}
