using System.Reflection;
using System.Text.RegularExpressions;
using Bioscope.Server.Translations;
using Microsoft.AspNetCore.Http;

namespace Bioscope.Server.Tests;

/// <summary>The language files fit each other and the code.</summary>
public sealed partial class WordsTests
{
    /// <summary>Words that are the same as in English.</summary>
    private static readonly Dictionary<string, string[]> SameAsInEnglish = new()
    {
        ["de"] = ["BioPage.Links"],
        ["pt-BR"] = ["BioPage.Links"],
    };

    private static readonly Words English = Words.All[0];

    public static TheoryData<string> Translations { get; } = [.. Words.All.Skip(1).Select(words => words.Tag)];

    [Fact]
    public void Every_language_file_is_a_language()
    {
        Assert.Equal(["en", "es", "pt-BR", "fr", "de", "tr", "id", "ja", "hi", "ar"], Words.All.Select(words => words.Tag));
        Assert.Equal(
            Words.All.Select(words => $"Words/{words.Tag}.txt").Order(StringComparer.Ordinal),
            typeof(Words).Assembly.GetManifestResourceNames().Where(name => name.StartsWith("Words/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
        Assert.Equal(["ar"], Words.All.Where(words => words.Direction == "rtl").Select(words => words.Tag));
    }

    [Theory, MemberData(nameof(Translations))]
    public void Every_language_has_every_key_with_its_places(string tag)
    {
        var texts = Named(tag).Texts;

        Assert.Equal(English.Texts.Keys.Order(StringComparer.Ordinal), texts.Keys.Order(StringComparer.Ordinal));
        Assert.All(texts, text => Assert.Equal(PlacesOf(English.Texts[text.Key]), PlacesOf(text.Value)));
        Assert.Equal(
            SameAsInEnglish.GetValueOrDefault(tag, []),
            texts.Where(text => text.Value == English.Texts[text.Key]).Select(text => text.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_text_is_a_member_and_takes_its_values()
    {
        foreach (var words in Words.All)
        {
            var keys = new List<string>();
            foreach (var area in typeof(Words).Assembly.GetTypes().Where(type => type.BaseType == typeof(WordArea)))
            {
                var instance = Activator.CreateInstance(area, words);
                foreach (var member in area.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                {
                    var values = member.GetParameters().Select(parameter => $"<{parameter.Name}>").ToArray();
                    var text = Assert.IsType<string>(member.Invoke(instance, [.. values]));
                    Assert.DoesNotMatch("[{}]", text);
                    Assert.All(values, value => Assert.Contains(value, text, StringComparison.Ordinal));
                    keys.Add($"{area.Name[..^"Words".Length]}.{(member.IsSpecialName ? member.Name["get_".Length..] : member.Name)}");
                }
            }

            Assert.Equal(words.Texts.Keys.Order(StringComparer.Ordinal), keys.Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("", "en")]
    [InlineData("de", "de")]
    [InlineData("de-AT,de;q=0.9,en;q=0.8", "de")]
    [InlineData("pt-PT", "pt-BR")]
    [InlineData("ar-EG, ar;q=0.9", "ar")]
    [InlineData("JA-jp", "ja")]
    [InlineData("en;q=0.4, fr;q=0.7, *;q=0.1", "fr")]
    [InlineData("nl, sv;q=0.9, tr;q=0.2", "tr")]
    [InlineData("hi;q=0, es", "es")]
    [InlineData("zh-Hant-TW, nl", "en")]
    [InlineData("idx, deu, hil", "en")] // other languages, whose tags begin like ours
    [InlineData("*", "en")]
    [InlineData("-, ;;q=x, \u0001", "en")]
    public void The_first_language_that_we_have_is_chosen(string header, string expected)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.AcceptLanguage = header;
        http.Response.Headers.Vary = "Accept";

        Assert.Equal(expected, Words.Of(http).Tag);
        Assert.Equal("Accept,Accept-Language", http.Response.Headers.Vary);
    }

    private static Words Named(string tag) => Words.All.Single(words => words.Tag == tag);

    private static IEnumerable<string> PlacesOf(string text) =>
        Place().Matches(text).Select(match => match.Value).Order(StringComparer.Ordinal);

    [GeneratedRegex("{[^}]*}")]
    private static partial Regex Place();
}
