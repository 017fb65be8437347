using System.Text;
using System.Text.Json;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Import;
using Bioscope.Engine.Json;
using Bioscope.Engine.Rows;
using Xunit;

namespace Bioscope.Engine.Tests.Import;

/// <summary>What a creator chose, as an export has it, and the names that she gives to pages and placements.</summary>
public sealed class ImportedChoicesTests
{
    private const string Rules = """{"rules":[{"match":["is","utmSource",["zine"]],"name":"Zine"}]}""";

    [Fact]
    public void What_is_not_said_is_left_open_and_a_page_is_published()
    {
        var (choices, problems) = Read("{}");

        Assert.Empty(problems);
        Assert.Equal(PageChoices.None, choices);
        Assert.True(choices.Published);
        Assert.Null(choices.ShowsReferrerSpam);
    }

    [Fact]
    public void All_choices_are_read_in_the_form_in_which_they_are_stored()
    {
        var theme = PageTheme.All[^1].Name;
        var font = PageFont.All[^1].Name;
        var (choices, problems) = Read($$"""
            {"timeZone":"europe/berlin","theme":"{{theme}}","colour":"#3B6E9E","font":"{{font}}","icons":["https://a.example/"],"published":false,
             "showsReferrerSpam":true,"sourceRules":{{JsonSerializer.Serialize(Rules)}}}
            """);

        Assert.Empty(problems);
        Assert.Equal(("Europe/Berlin", theme, "#3b6e9e", font), (choices.TimeZone, choices.Theme, choices.Colour, choices.Font));
        Assert.Equal(["https://a.example/"], choices.Icons);
        Assert.Equal((false, true, Rules), (choices.Published, choices.ShowsReferrerSpam, choices.SourceRules));
    }

    [Theory]
    [InlineData("\"timeZone\":\"Mars/Olympus\"", "timeZone must be the IANA name of a time zone")]
    [InlineData("\"timeZone\":7", "timeZone must be a string")]
    [InlineData("\"colour\":\"blue\"", "colour must be a colour such as #3b6e9e")]
    [InlineData("\"colour\":\"#3b6e9\"", "colour must be a colour such as #3b6e9e")]
    [InlineData("\"published\":\"no\"", "published must be true or false")]
    [InlineData("\"icons\":[\"mailto:a@b.example\"]", "icons must contain only web addresses that start with http:// or https://, without a user name in them")]
    [InlineData("\"icons\":7", "icons must be a list of strings")]
    [InlineData("\"sourceRules\":\"{\"", "sourceRules must be rules for sources as JSON")]
    [InlineData("\"sourceRules\":\"[]\"", "sourceRules must be rules for sources as JSON")]
    [InlineData("\"sourceRules\":\"{\\\"rules\\\":[{}]}\"", "sourceRules must be rules for sources as JSON")]
    [InlineData("\"sourceRules\":\"{\\\"rules\\\":[{\\\"\\\\ud800\\\":1}]}\"", "sourceRules must be rules for sources as JSON")]
    public void A_choice_that_cannot_be_is_a_problem_of_its_field(string field, string problem) =>
        Assert.Equal([problem], Read($"{{{field}}}").Problems);

    [Fact]
    public void A_theme_and_a_font_are_known_ones()
    {
        var problems = Read("""{"theme":"nonsense","font":"nonsense"}""").Problems;

        Assert.StartsWith($"theme must be one of {PageTheme.All[0].Name}, ", problems[0], StringComparison.Ordinal);
        Assert.StartsWith($"font must be one of {PageFont.All[0].Name}, ", problems[1], StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_at_most_twelve_icons_of_up_to_2048_characters()
    {
        string[] Icons(int count) => [.. Enumerable.Repeat("https://a.example/", count)];
        var longest = "https://a.example/" + new string('a', 2_048 - 18);

        Assert.Null(PageLookText.ProblemOfIcons(Icons(12)));
        Assert.Equal("must have at most 12 addresses", PageLookText.ProblemOfIcons(Icons(13)));
        Assert.Null(PageLookText.ProblemOfIcons([longest]));
        Assert.NotNull(PageLookText.ProblemOfIcons([longest + "a"]));
        Assert.NotNull(PageLookText.ProblemOfIcons(["https://a.example/", "https://user@a.example/"]));
    }

    [Theory]
    [InlineData("@Anna", "anna")]
    [InlineData("  @@anna ", "anna")]
    [InlineData("An.na_7-x", "an.na_7-x")]
    [InlineData("ANNA I", "anna i")]
    public void A_handle_is_stored_in_one_spelling(string text, string handle) => Assert.Equal(handle, Handle.Normalize(text));

    [Theory]
    [InlineData("a", true, true)]
    [InlineData("anna-7_x", true, true)]
    [InlineData("an.na", true, false)] // only handles have dots
    [InlineData("Anna", false, false)]
    [InlineData("änna", false, false)]
    [InlineData("an na", false, false)]
    [InlineData("anna/", false, false)]
    [InlineData("", false, false)]
    public void Handles_and_slugs_have_letters_digits_and_few_signs(string text, bool isHandle, bool isSlug) =>
        Assert.Equal((isHandle, isSlug), (Handle.IsValid(text), Slug.IsValid(text)));

    [Fact]
    public void A_handle_has_30_characters_at_most_and_a_slug_40() => Assert.Equal(
        [true, false, true, false],
        [
            Handle.IsValid(new string('a', 30)), Handle.IsValid(new string('a', 31)),
            Slug.IsValid(new string('a', 40)), Slug.IsValid(new string('a', 41)),
        ]);

    private static (PageChoices Choices, IReadOnlyList<string> Problems) Read(string json)
    {
        using var body = JsonBody.Parse(Encoding.UTF8.GetBytes(json)).Body!;
        return (ImportedChoices.Read(body), body.Problems);
    }
}
