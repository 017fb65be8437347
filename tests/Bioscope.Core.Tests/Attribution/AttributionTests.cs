using System.Text;
using System.Text.Json;
using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public class AttributionTests
{
    private const string Page = "https://bio.example/@anna?utm_source=";

    private static readonly string[] Parts =
    [
        "utm_source", "utm_medium", "utm%5Fterm", "gclid", "fbclid", "ScCid", "=", "=", "=", "&", "&", "?", "#",
        "amp;", "ref", "+", "%", "%0", "%00",
        "%F0%9F%92%A9", "%9F", "💩",
        "\uD800", "\uDC00", "\0", "\t", " ", "x",
    ];

    private static readonly Gen<string> Hostile =
        Gen.OneOf(Gen.Int[0, Parts.Length - 1].Select(i => Parts[i]), Gen.String[Gen.Char, 0, 3]).Array[0, 60].Select(
            parts => "?" + string.Concat(parts));

    /// <summary>
    /// <c>attribution-vectors.json</c>: a URL, the five fields by Node 20's <c>new URL(…).searchParams.get(…)</c> (trimmed, without
    /// U+0000, empty as null), and the first of our click ids for which <c>getAll</c> returns a non-empty text.
    /// </summary>
    [Fact]
    public void Attribution_reads_a_URL_as_browsers_do()
    {
        using var file = typeof(AttributionTests).Assembly.GetManifestResourceStream("attribution-vectors.json")!;
        var vectors = JsonSerializer.Deserialize<string?[][]>(file)!;
        Assert.True(vectors.Length > 350);
        Assert.Empty(
            from v in vectors
            let expected = new Attribution(v[1], v[2], v[3], v[4], v[5], v[6])
            let told = Attribution.Of(v[0])
            where told != expected
            select $"{v[0]}: {told}");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("utm_source=a")]
    [InlineData("/@anna")]
    [InlineData("?")]
    [InlineData("#?utm_source=a")]
    [InlineData("/@anna#?utm_source=a")]
    public void A_URL_without_a_query_has_no_attribution(string? url) => Assert.Same(Attribution.None, Attribution.Of(url));

    [Theory]
    [InlineData("/@anna?utm_source=a")]
    [InlineData("?utm_source=a")]
    [InlineData("not a url ?utm_source=a#x")]
    public void Attribution_reads_a_query_of_an_invalid_URL(string url) => Assert.Equal("a", Attribution.Of(url).UtmSource);

    [Fact]
    public void The_first_known_click_id_of_the_list_counts()
    {
        Assert.Equal("fbclid", ClickIds.All[^1]);
        for (var i = 0; i < ClickIds.All.Count; i++)
        {
            var later = string.Concat(ClickIds.All.Skip(i).Reverse().Select(name => $"&{name}=secret"));
            var told = Attribution.Of("?" + later);
            Assert.Equal(Attribution.None with { ClickId = ClickIds.All[i] }, told);
        }
    }

    [Fact]
    public void A_value_is_cut_to_255_characters()
    {
        string Source(string value) => Attribution.Of(Page + value).UtmSource!;
        string full = new('x', 255);
        Assert.Equal(full, Source(full));
        Assert.Equal(full, Source(full + "y"));
        Assert.Equal(full[1..], Source(full[1..] + "💩"));
        Assert.Equal(full[2..] + "💩", Source(full[2..] + "💩💩"));
        Assert.Equal(full[2..], Source(full[2..] + "++y"));
        Assert.Equal(full, Source("+" + full + "+y"));
    }

    [Fact]
    public void Characters_that_PostgreSQL_cannot_store_are_removed()
    {
        // No InlineData: attributes are stored as UTF-8, which cannot contain lone surrogates either.
        Assert.Equal("ab", Attribution.Of(Page + "a\uD800b").UtmSource);
        Assert.Equal("ab", Attribution.Of(Page + "a\uDC00b").UtmSource);
        Assert.Equal("ab", Attribution.Of(Page + "ab\uD800").UtmSource);
        Assert.Equal("a💩b", Attribution.Of(Page + "\uDC00a\uD83D💩\uDCA9b").UtmSource);
        Assert.Equal("ab", Attribution.Of(Page + "a\0%00b").UtmSource);
        Assert.Null(Attribution.Of(Page + "\uD800%00\0").UtmSource);
    }

    [Fact]
    public void Only_the_first_8192_characters_are_read()
    {
        var before = "?" + new string('x', Attribution.LookedAt - 14);
        Assert.Equal("a", Attribution.Of(before + "&utm_source=ab").UtmSource);
        Assert.Null(Attribution.Of("?" + before + "&utm_source=ab").UtmSource);
    }

    [Fact]
    public void Any_URL_gives_valid_fields() => Hostile.Sample(
        url =>
        {
            var told = Attribution.Of(url);
            foreach (var field in (string?[])[told.UtmSource, told.UtmMedium, told.UtmCampaign, told.UtmTerm, told.UtmContent, told.Ref])
            {
                if (field is not null)
                {
                    Assert.InRange(field.Length, 1, Attribution.MaxLength);
                    Assert.Equal(field.Trim(), field);
                    Assert.DoesNotContain('\0', field);
                    Assert.Equal(field, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(field)));
                }
            }

            Assert.True(told.ClickId is null || ClickIds.All.Contains(told.ClickId));
        },
        iter: 20_000);

    [Fact]
    public void Encoded_values_are_decoded() => Gen.String[Gen.Char, 0, 80].Sample(text =>
    {
        var sound = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace("\0", "", StringComparison.Ordinal))).Trim();
        Assert.Equal(sound.Length == 0 ? null : sound, Attribution.Of(Page + Uri.EscapeDataString(sound) + "&x").UtmSource);
    });

    [Fact]
    public void A_fragment_does_not_change_the_attribution() =>
        Gen.Select(Hostile, Gen.String).Sample(
            (url, fragment) => Assert.Equal(Attribution.Of(url + "#"), Attribution.Of(url + "#" + fragment)));

    [Theory]
    [InlineData("?source=a&ref=b", "a")]
    [InlineData("?ref=b&source=", "b")]
    [InlineData("?utm_source=c&source=a&ref=b", null)]
    [InlineData("?utm_source=&ref=b", "b")]
    [InlineData("?reference=b&resource=a", null)]
    public void Source_else_ref_is_kept_where_there_is_no_utm_source(string url, string? expected) =>
        Assert.Equal(expected, Attribution.Of(url).Ref);

    [Theory]
    [InlineData("?a=b&amp;utm_source=a&amp;utm_medium=b&amp;gclid=c")]
    [InlineData("?amp;utm_source=a&amp;amp;utm_medium=b&amp;amp;amp;gclid=c")]
    [InlineData("?amp%3Butm_source=a&utm_medium=b&amp;utm_medium=x&gclid=c")]
    public void A_URL_escaped_once_too_often_is_read(string url) =>
        Assert.Equal(Attribution.None with { UtmSource = "a", UtmMedium = "b", ClickId = "gclid" }, Attribution.Of(url));

    [Theory]
    [InlineData("%41&")]
    [InlineData("utm_source=%F0&")]
    [InlineData("&")]
    [InlineData("%")]
    [InlineData("\0")]
    public void Very_long_URLs_are_read_quickly(string part)
    {
        var url = "?" + string.Concat(Enumerable.Repeat(part, 1_000_000 / part.Length));
        Attribution.Of(url);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Attribution.Of(url);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }
}
