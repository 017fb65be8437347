using System.Text.Json.Nodes;
using Bioscope.Engine.Json;
using Bioscope.Server.Commands;
using Bioscope.Server.Dashboard;
using Bioscope.Server.Docs;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http;

namespace Bioscope.Server.Tests;

/// <summary>How texts are read and written for files, pages and terminals.</summary>
public sealed class ServerTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData(12, "12")]
    [InlineData(0.5, "0.5")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("return\rcarriage", "\"return\rcarriage\"")]
    [InlineData("a;b\tc", "a;b\tc")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+49", "'+49")]
    [InlineData("-x", "'-x")]
    [InlineData("@anna", "'@anna")]
    [InlineData("\tx", "'\tx")]
    [InlineData("\r=x", "\"'\r=x\"")]
    [InlineData("=HYPERLINK(\"https://a.example\",\"x\")", "\"'=HYPERLINK(\"\"https://a.example\"\",\"\"x\"\")\"")]
    [InlineData(" =x", " =x")] // to a spreadsheet that is text
    public void A_csv_cell_is_quoted_where_it_must_be_and_never_a_formula(object cell, string written) =>
        Assert.Equal(written + ",next\r\n", CsvText.Line([cell, "next"]));

    [Theory]
    [InlineData("null", true, null)]
    [InlineData("\"\"", true, "")]
    [InlineData("  \"a\"  ", true, "a")]
    [InlineData("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", true, "\"\\/\b\f\n\r\t")]
    [InlineData("\"\\u00e4\\u0000x\"", true, "ä\0x")]
    [InlineData("\"\\\\u0041\"", true, "\\u0041")] // an escaped backslash begins no escape
    [InlineData("\"\\ud83d\\ude00\"", true, "😀")]
    [InlineData("1", false, null)]
    [InlineData("true", false, null)]
    [InlineData("[\"a\"]", false, null)]
    [InlineData("{}", false, null)]
    [InlineData("", false, null)]
    [InlineData("\"a", false, null)]
    [InlineData("\"a\" \"b\"", false, null)]
    [InlineData("\"\\x\"", false, null)]
    [InlineData("\"\\u12\"", false, null)]
    [InlineData("'a'", false, null)]
    [InlineData("undefined", false, null)]
    public void A_json_string_or_null_is_read(string json, bool isRead, string? expected)
    {
        Assert.Equal(isRead, JsonText.TryRead(json, out var text));
        Assert.Equal(expected, text);
    }

    [Fact]
    public void A_json_string_may_have_half_a_surrogate_pair()
    {
        Assert.True(JsonText.TryRead("\"a\\ud800b\\uDC00\"", out var text));
        Assert.Equal([0x61, 0xd800, 0x62, 0xdc00], text!.Select(letter => (int)letter));
    }

    [Theory]
    [InlineData("\"Anna\"", "Anna", "")]
    [InlineData("\"  Anna \\n\"", "Anna", "")]
    [InlineData("\"\"", null, "title is required")]
    [InlineData("\" \\t\\n \"", null, "title is required")]
    [InlineData("null", null, "title is required")]
    [InlineData("7", null, "title must be a string")]
    [InlineData("\"\\u200b\\u2060\\ufeff\"", null, "title is required")] // nobody would see it
    [InlineData("\"\\u200bx\"", "\u200bx", "")]
    [InlineData("\"a\\u0007b\"", "a\u0007b", "title must not contain control characters")]
    [InlineData("\"a\\nb\"", "a\nb", "title must not contain control characters")]
    [InlineData("\"a\\u0000b\"", null, "title must not contain the character U+0000")]
    [InlineData("\"\\ud800\"", null, "title must be well-formed Unicode")]
    public void A_title_is_one_visible_line(string json, string? read, string problem)
    {
        using var body = Body($$"""{"title":{{json}}}""");

        Assert.Equal(read ?? "", DisplayText.RequiredLine(body, "title"));
        Assert.Equal(problem, string.Join('|', body.Problems.Select(text => text.TrimEnd('.'))));
    }

    [Fact]
    public void A_text_has_a_length_after_it_is_trimmed()
    {
        using var body = Body($$"""{"fits":" {{new string('x', 500)}} ","long":"{{new string('x', 501)}}","lines":"a\r\nb\rc\u2028d"}""");

        Assert.Equal(500, DisplayText.Text(body, "fits", 500, mayBreak: true)!.Length);
        Assert.Empty(body.Problems);
        Assert.Equal("a\nb\nc\nd", DisplayText.Text(body, "lines", 500, mayBreak: true));
        Assert.Null(DisplayText.Text(body, "absent", 500, mayBreak: true));
        DisplayText.Text(body, "long", 500, mayBreak: true);
        Assert.Contains("must have at most 500 characters", Assert.Single(body.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("[]", "[]")]
    [InlineData("null", "<u>null</u>")]
    [InlineData("[1,true,null]", "[<u>1</u>, <u>true</u>, <u>null</u>]")]
    [InlineData("""{"a":"<b>"}""", """{<i>&quot;a&quot;</i>: <b>&quot;&lt;b&gt;&quot;</b>}""")]
    [InlineData("""["a\"b\\c\nd"]""", """[<b>&quot;a\&quot;b\\c\nd&quot;</b>]""")]
    public void Json_of_an_example_is_markup_of_its_own_only(string json, string markup) => Assert.Equal(markup, JsonMarkup.Of(JsonNode.Parse(json)).ToString());

    [Fact]
    public void A_line_of_json_has_56_characters()
    {
        var (fits, longer) = (new JsonArray(new string('x', 52)), new JsonArray(new string('x', 53)));

        Assert.DoesNotContain('\n', JsonMarkup.Of(fits).ToString());
        Assert.Equal($"[\n  <b>&quot;{new string('x', 53)}&quot;</b>\n]", JsonMarkup.Of(longer).ToString());
    }

    [Theory]
    [InlineData("en-GB", "en")]
    [InlineData("fr;q=0.5, de-CH;q=0.9, en;q=0.1", "de")]
    [InlineData("xx, pt", "pt-BR")]
    [InlineData("pt-PT", "pt-BR")]
    [InlineData("JA", "ja")]
    [InlineData("de;q=0, tr", "tr")]
    [InlineData("fil, fr-CA", "fr")] // not Finnish, not French
    [InlineData("*", "en")]
    [InlineData("nonsense;;;", "en")]
    [InlineData("", "en")]
    public void The_first_language_of_the_browser_that_we_have_is_spoken(string accepted, string tag)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.AcceptLanguage = accepted;

        Assert.Equal(tag, Words.Of(http).Tag);
        Assert.Contains("Accept-Language", http.Response.Headers.Vary.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_twenty_languages_of_a_browser_are_looked_at()
    {
        var others = Enumerable.Range(0, 19).Select(i => $"x{(char)('a' + i)}").ToList();

        Assert.Equal("de", Spoken([.. others, "de"]));
        Assert.Equal("en", Spoken([.. others, "yy", "de"]));

        static string Spoken(IEnumerable<string> tags)
        {
            var http = new DefaultHttpContext();
            http.Request.Headers.AcceptLanguage = string.Join(", ", tags);
            return Words.Of(http).Tag;
        }
    }

    [Theory]
    [InlineData("de", "de")]
    [InlineData("pt-BR", "pt-BR")]
    [InlineData("DE", "en")] // as it was kept, not as a browser says it
    [InlineData("xx", "en")]
    [InlineData("", "en")]
    [InlineData(null, "en")]
    public void A_kept_language_is_one_of_ours(string? tag, string expected) => Assert.Equal(expected, Words.Named(tag).Tag);

    [Fact]
    public void A_sentence_begins_with_a_capital_letter_of_its_language()
    {
        Assert.Equal("İyi", Words.Named("tr").Capital("iyi"));
        Assert.Equal("Iyi", Words.Named("id").Capital("iyi"));
        Assert.Equal("Été", Words.Named("fr").Capital("été"));
        Assert.Equal("日", Words.Named("ja").Capital("日"));
        Assert.Equal("", Words.Named("de").Capital(""));
        Assert.Equal("rtl", Words.Named("ar").Direction);
        Assert.All(Words.All.Where(words => words.Tag != "ar"), words => Assert.Equal("ltr", words.Direction));
    }

    [Theory]
    [InlineData(0, "", 0, 0)]
    [InlineData(2, "3 2", 1, 1)]
    [InlineData(3, "3 2 1", 0, 0)]
    [InlineData(9, "3 2 1", 0, 0)]
    public void What_is_folded_adds_up_to_the_whole(int max, string shown, int others, long rest)
    {
        var folded = Folded<int>.Of(max == 0 ? [] : [3, 2, 1], max, item => item);

        Assert.Equal((shown, others, rest), (string.Join(' ', folded.Shown), folded.OtherItems, folded.OtherCount));
        Assert.Equal((3, 6), (Folded<int>.Of([3, 2, 1], 0, item => item).OtherItems, Folded<int>.Of([3, 2, 1], 0, item => item).OtherCount));
    }

    private static JsonBody Body(string json) => JsonBody.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Body!;
}
