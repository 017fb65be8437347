using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Import.From;
using Bioscope.Engine.Rows;
using Xunit;

namespace Bioscope.Engine.Tests.Import.From;

public sealed class ImportTargetTests
{
    private static readonly ImportTarget Target = ExportReading.TargetOf();

    [Theory]
    [InlineData("https://www.Shop.example/Sale/", "shop.example/Sale")]
    [InlineData("http://shop.example/Sale", "shop.example/Sale")]
    [InlineData("https://SHOP.example", "shop.example")]
    [InlineData("https://shop.example//", "shop.example")]
    [InlineData("https://Shop.example?Ref=A", "shop.example?Ref=A")] // case matters behind the host
    [InlineData("https://Shop.example#Top", "shop.example#Top")]
    [InlineData("https://WWW.shop.example/WWW.", "shop.example/WWW.")]
    [InlineData("  My SHOP ", "my shop")]
    [InlineData("", "")]
    public void Links_are_compared_by_address_or_by_title(string text, string key) => Assert.Equal(key, ImportTarget.LinkKey(text));

    [Theory]
    [InlineData("https://www.shop.example/Sale", true)]
    [InlineData("MY Shop", true)]
    [InlineData("https://shop.example/sale", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_link_of_the_page_is_found(string? text, bool isFound) =>
        Assert.Equal(isFound ? ExportReading.Shop : null, Target.LinkOf(text));

    [Theory]
    [InlineData("www.Anna.example:8443", "anna.example")]
    [InlineData("anna.example", "anna.example")]
    [InlineData("203.0.113.7:80", "203.0.113.7")]
    [InlineData("not a host", "not a host")]
    public void A_host_is_compared_as_a_referrers_domain(string host, string key) => Assert.Equal(key, ImportTarget.HostKey(host));

    [Theory]
    [InlineData("/more/?a=/b/", "/more")]
    [InlineData("/more#top", "/more")]
    [InlineData("/", "/")]
    [InlineData("//", "/")]
    [InlineData("?a", "/")]
    [InlineData("", "/")]
    [InlineData("/More", "/More")]
    public void A_path_is_compared_without_query_and_last_slash(string path, string key) => Assert.Equal(key, ImportTarget.PathKey(path));

    // In Berlin, two hours before UTC in summer and one in winter.
    [Theory]
    [InlineData("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000Z")]
    [InlineData("2026-03-01T12:00:00.1239999Z", "2026-03-01T12:00:00.123Z")]
    [InlineData("2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00.123Z")] // as programs in Go write it
    [InlineData("2026-03-01T12:00:00.999999999-03:30", "2026-03-01T15:30:00.999Z")]
    [InlineData("2026-03-01 12:00:00", "2026-03-01T11:00:00.000Z")]
    [InlineData("2026-07-01 12:00:00.5", "2026-07-01T10:00:00.500Z")]
    [InlineData("2026-03-29 02:30:00", "2026-03-29T01:30:00.000Z")] // this time was skipped
    [InlineData("2026-10-25 02:30:00", "2026-10-25T00:30:00.000Z")] // this one came twice
    [InlineData("2026-03-01 12:00:00+00", "2026-03-01T12:00:00.000Z")]
    [InlineData("2026-03-01 12:00:00.25 +02:00", "2026-03-01T10:00:00.250Z")]
    [InlineData("2026-03-01 12:00:00 UTC", "2026-03-01T11:00:00.000Z")]
    [InlineData("2026-03-01T12:00", "2026-03-01T11:00:00.000Z")]
    [InlineData(" 2026-03-01 12:00 ", "2026-03-01T11:00:00.000Z")]
    [InlineData("0001-01-01 00:00:00", "0001-01-01T00:00:00.000Z")] // what some databases write for none
    [InlineData("9999-12-31 23:59:59", "9999-12-31T23:59:59.000Z")]
    [InlineData("0000-00-00 00:00:00", null)]
    [InlineData("2026-02-30 12:00:00", null)]
    [InlineData("01/03/2026 12:00", null)]
    [InlineData("1772366400", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_time_without_a_zone_is_in_that_of_the_import(string? text, string? instant) =>
        Assert.Equal(instant, ExportReading.TargetOf("Europe/Berlin").InstantOf(text)?.ToText());

    [Theory]
    [InlineData("1969-12-31T23:59:59.999Z", "the time is before 1970")]
    [InlineData("1970-01-01T00:00:00Z", null)]
    [InlineData("2026-06-01T00:00:00Z", null)] // the latest of this import
    [InlineData("2026-06-01T00:00:00.001Z", "the time is more than a day in the future")]
    public void A_visit_was_since_1970_and_is_not_to_come(string at, string? problem) =>
        Assert.Equal(problem, Target.ProblemOf(ImportTarget.UtcOf(at)!.Value));

    [Fact]
    public void Of_one_site_all_rows_are_taken_and_of_several_one_must_be_chosen()
    {
        var target = ExportReading.TargetOf();
        Assert.Equal([true, true, true], [target.IsOfSite("a"), target.IsOfSite("A"), target.IsOfSite(null)]);
        Assert.Contains(
            "such as a and b;", Assert.Throws<InvalidDataException>(() => target.IsOfSite("b")).Message, StringComparison.Ordinal);

        var chosen = ExportReading.TargetOf(site: "b");
        Assert.Equal([false, true, false, true], [chosen.IsOfSite("a"), chosen.IsOfSite("B"), chosen.IsOfSite("a"), chosen.IsOfSite(null)]);
        Assert.Equal(2, chosen.LeftOut["of other sites"]);
    }

    [Theory]
    [InlineData("www.anna.example:443", "/more/?a=b", "")]
    [InlineData(null, null, "")]
    [InlineData("anna.example", "/other", "of other paths")]
    [InlineData("bea.example", "/more", "of other hosts")]
    [InlineData("bea.example", "/other", "of other hosts")]
    public void A_row_of_another_host_or_path_is_left_out(string? host, string? path, string left)
    {
        var target = ExportReading.TargetOf(hosts: ["anna.example"], paths: ["/more"]);

        Assert.Equal(left.Length == 0, target.IsOfPage(host, path));
        Assert.Equal(left.Length == 0 ? [] : [KeyValuePair.Create(left, 1L)], target.LeftOut);
    }

    [Theory]
    [InlineData("https://www.blog.example/a?b", "https://www.blog.example/a?b", "blog.example")]
    [InlineData("https://www.anna.example/x", null, null)] // the page itself
    [InlineData("-", null, null)]
    [InlineData("  ", null, null)]
    [InlineData(null, null, null)]
    public void A_referrer_from_the_pages_own_host_is_none(string? referrer, string? stored, string? domain)
    {
        var target = ExportReading.TargetOf(hosts: ["anna.example"]);
        var row = target.WithReferrer(target.NewSession(default, "tool", "visitor", default), referrer);

        Assert.Equal((stored, domain), (row.Referrer, row.ReferrerDomain));
    }

    [Theory]
    [InlineData("de", null, "DE", "Germany")]
    [InlineData("US-TX", null, "US", "United States")]
    [InlineData(null, "Germany", "DE", "Germany")]
    [InlineData("X", "Germany", "DE", "Germany")]
    [InlineData("xx", "Germany", null, null)]
    [InlineData(null, "Nowhere", null, null)]
    [InlineData(null, null, null, null)]
    public void A_country_is_known_by_code_or_name(string? code, string? name, string? storedCode, string? country)
    {
        var row = ImportTarget.WithCountry(Target.NewSession(default, "tool", "visitor", default), code, name);

        Assert.Equal((storedCode, country), (row.CountryCode, row.Country));
    }

    [Theory]
    [InlineData(" a ", 3, "a")]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc")]
    [InlineData("ab😀", 3, "ab")] // never half of a pair
    [InlineData("ab😀", 4, "ab😀")]
    [InlineData("  ", 3, null)]
    [InlineData(null, 3, null)]
    public void A_text_is_cut_to_what_a_column_holds(string? text, int max, string? cut) => Assert.Equal(cut, ImportTarget.Cut(text, max));

    [Fact]
    public void Bots_are_drops_of_their_utc_days()
    {
        var target = ExportReading.TargetOf();
        foreach (var at in (string[])["2026-03-02T00:00:00Z", "2026-03-01T23:59:59Z", "2026-03-02T01:00:00+02:00"])
        {
            target.DropBot(DateTimeOffset.Parse(at, CultureInfo.InvariantCulture));
        }

        Assert.Equal(3, target.Bots);
        Assert.Equal(
            ["2026-03-01T00:00:00.000Z bot 2", "2026-03-02T00:00:00.000Z bot 1"],
            target.Rest().Select(item => Assert.IsType<PageDrop>(item.Row))
                .Select(drop => $"{drop.Day.ToText()} {drop.Reason} {drop.Count}"));
    }

    [Fact]
    public void A_visitor_is_another_one_in_each_tool()
    {
        var at = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        string[] visitors =
        [
            .. new[] { new { Tool = "a", Visitor = "1" }, new { Tool = "b", Visitor = "1" }, new { Tool = "a", Visitor = "2" } }
                .Select(one => Target.NewSession(Guid.Empty, one.Tool, one.Visitor, at).VisitorId),
        ];

        Assert.Equal(3, visitors.Distinct().Count());
        Assert.All(visitors, visitor => Assert.Equal(VisitorHash.Chars, visitor.Length));
        Assert.Equal(visitors[0], ExportReading.TargetOf(zone: "Europe/Berlin").NewSession(Guid.NewGuid(), "a", "1", at).VisitorId);
    }
}
