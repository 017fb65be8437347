using System.Reflection;
using System.Text.RegularExpressions;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http;

namespace Bioscope.Server.Tests;

/// <summary>The language files fit each other and the code.</summary>
public sealed partial class WordsTests
{
    /// <summary>Words that are the same as in English.</summary>
    private static readonly Dictionary<string, string[]> SameAsInEnglish = new()
    {
        ["es"] =
        [
            "Dimension.App", "Mails.Webhooks", "Team.Editor", "VisitFigures.Minutes", "VisitFigures.Seconds", "Webhooks.Heading",
            "Webhooks.Title",
        ],
        ["pt-BR"] =
        [
            "Account.Email", "BioPage.Links", "Channel.Sms", "Dimension.App", "Dimension.Link", "Dimension.Links",
            "Dimension.Tablet", "Dimension.Tag", "LinkList.Links", "LinkList.Title", "Mails.Webhooks", "Placements.Newsletter",
            "Placements.Podcast", "Placements.QrCode", "SharedPage.Link", "SharedPage.Links", "SignIn.Email", "Sites.Title",
            "Team.Editor", "Team.Email", "VisitFigures.Minutes", "VisitFigures.Seconds", "Webhooks.Heading", "Webhooks.Title",
        ],
        ["fr"] =
        [
            "Account.Email", "Channel.Audio", "Channel.Sms", "Dimension.Page", "Dimension.Source", "Headline.Points",
            "Join.Invitation", "Mails.Webhooks", "Pages.Count.one", "Pages.Count.other", "Pages.Page", "Placements.Newsletter",
            "Placements.Podcast", "Placements.Source", "SecondFactor.Code", "SharedPage.Source", "SharedPage.Sources",
            "SignIn.Email", "SourceFigures.Sources", "Team.Email", "Team.Invitation", "VisitFigures.Minutes",
            "VisitFigures.Seconds", "Webhooks.Heading", "Webhooks.Secret",
        ],
        ["de"] =
        [
            "BioPage.Links", "Channel.Audio", "Channel.Sms", "Dashboard.Menu", "Dashboard.Team", "Editor.Description",
            "Editor.Modern", "Editor.Name", "LinkList.Links", "Live.Name", "Passkey.Heading", "Placements.Name",
            "Placements.Newsletter", "Placements.Podcast", "SecondFactor.Code", "SharedPage.Link", "SharedPage.Links",
            "SourceFigures.Domains", "VisitFigures.Minutes", "VisitFigures.Seconds", "Webhooks.Heading",
        ],
        ["tr"] =
        [
            "Channel.Sms", "Dimension.Tablet", "Editor.Modern", "Placements.InstagramBio", "Placements.Podcast",
            "Placements.TikTokBio", "Placements.XBio",
        ],
        ["id"] =
        [
            "Channel.Audio", "Channel.Sms", "Dimension.Browser", "Dimension.Domain", "Dimension.Tablet", "Dimension.Tag",
            "Editor.Modern", "LinkList.Edit", "LinkList.EditOf", "Sites.Banner", "Team.Editor",
        ],
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
        var forms = PluralForm.All(tag);
        var expected = English.Texts.Keys.Where(key => !key.EndsWith(".one", StringComparison.Ordinal)).SelectMany(
            key => key.EndsWith(".other", StringComparison.Ordinal) ? forms.Select(form => BaseOf(key) + "." + form) : [key]);

        Assert.Equal(expected.Order(StringComparer.Ordinal), texts.Keys.Order(StringComparer.Ordinal));
        Assert.All(texts, text => Assert.Equal(
            PlacesOf(English.Texts[EnglishOf(text.Key)]), PlacesOf(text.Value).Concat(LeftOut(text)).Order(StringComparer.Ordinal)));
        Assert.Equal(
            SameAsInEnglish.GetValueOrDefault(tag, []),
            texts.Where(text => text.Value == English.Texts[EnglishOf(text.Key)] && Place().Replace(text.Value, "").Any(char.IsLetter))
                .Select(text => text.Key).Order(StringComparer.Ordinal));
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
                    var key = $"{area.Name[..^"Words".Length]}.{(member.IsSpecialName ? member.Name["get_".Length..] : member.Name)}";
                    var counts = member.GetParameters().FirstOrDefault()?.ParameterType == typeof(long) ? CountsOf(words.Tag) : [0];
                    foreach (var count in counts)
                    {
                        keys.Add(words.Texts.ContainsKey(key) ? key : $"{key}.{PluralForm.Of(words.Tag, count)}");
                        AssertTakesItsValues(instance!, member, count, words.Texts[keys[^1]]);
                    }
                }
            }

            // Those are found by what they translate: see Problems.
            Assert.Equal(
                words.Texts.Keys.Where(key => !key.StartsWith("Problem.", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
                keys.Order(StringComparer.Ordinal));
        }
    }

    // CLDR's own examples: https://www.unicode.org/cldr/charts/48/supplemental/language_plural_rules.html
    [Theory]
    [InlineData("en", "one", 1)]
    [InlineData("en", "other", 0, 2, 21, 100)]
    [InlineData("fr", "one", 0, 1)]
    [InlineData("fr", "other", 2, 11)]
    [InlineData("hi", "one", 0, 1)]
    [InlineData("pt-BR", "one", 0, 1)]
    [InlineData("tr", "one", 1)]
    [InlineData("ja", "other", 0, 1, 2)]
    [InlineData("ar", "zero", 0)]
    [InlineData("ar", "one", 1)]
    [InlineData("ar", "two", 2)]
    [InlineData("ar", "few", 3, 10, 103, 1_010)]
    [InlineData("ar", "many", 11, 99, 111, 1_026)]
    [InlineData("ar", "other", 100, 102, 200, 1_001, 100_000)]
    public void A_number_chooses_the_form_of_CLDR(string tag, string form, params int[] counts) =>
        Assert.All(counts, count => Assert.Equal(form, PluralForm.Of(tag, count)));

    [Theory]
    [InlineData("de-CH, en", "de", "1'234'567")]
    [InlineData("nl, de-CH", "de", "1'234'567")]
    [InlineData("nl, sv", "en", "1.234.567")]
    [InlineData("ar-EG", "ar", "١٬٢٣٤٬٥٦٧")]
    [InlineData("", "en", "1,234,567")]
    public void Numbers_are_written_as_in_the_region_of_the_language(string header, string tag, string number)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.AcceptLanguage = header;

        var words = Words.Of(http);

        Assert.Equal((tag, number), (words.Tag, words.Language.Number(1_234_567)));
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

    /// <summary>One number for each form.</summary>
    private static long[] CountsOf(string tag) =>
        [.. PluralForm.All(tag).Select(form => new long[] { 0, 1, 2, 3, 11, 100 }.First(count => PluralForm.Of(tag, count) == form))];

    private static void AssertTakesItsValues(object area, MethodInfo member, long count, string text)
    {
        var parameters = member.GetParameters();
        object[] values = [.. parameters.Select(parameter => parameter.ParameterType == typeof(long) ? count
            : parameter.ParameterType == typeof(Html) ? Html.Of($"<b>{parameter.Name}</b>")
            : (object)$"«{parameter.Name}»")];

        var filled = member.Invoke(area, values)!.ToString()!;

        Assert.DoesNotMatch("[{}]", filled);
        Assert.All(
            // A form for one or two may say the number as a word.
            parameters.Zip(values).Where(pair => pair.First.ParameterType != typeof(long)
                && (pair.First.Name != "count" || text.Contains("{count}", StringComparison.Ordinal))),
            pair => Assert.Contains(pair.Second.ToString()!, filled, StringComparison.Ordinal));
        Assert.Equal(PlacesOf(text).Distinct().Count(place => place != "{count}"), parameters.Count(parameter => parameter.ParameterType != typeof(long)
            && parameter.Name != "count"));
    }

    private static string BaseOf(string key) => key[..key.LastIndexOf('.')];

    /// <summary>The key of the English text that a text translates.</summary>
    private static string EnglishOf(string key) => English.Texts.ContainsKey(key) ? key : BaseOf(key) + ".other";

    /// <summary>A form for one, two or no thing may say the number as a word.</summary>
    private static IEnumerable<string> LeftOut(KeyValuePair<string, string> text) =>
        text.Key.Split('.') is [_, _, "zero" or "one" or "two"] && !text.Value.Contains("{count}", StringComparison.Ordinal)
        && English.Texts[EnglishOf(text.Key)].Contains("{count}", StringComparison.Ordinal) ? ["{count}"] : [];

    private static IEnumerable<string> PlacesOf(string text) =>
        Place().Matches(text).Select(match => match.Value).Order(StringComparer.Ordinal);

    [GeneratedRegex("{[^}]*}")]
    private static partial Regex Place();
}
