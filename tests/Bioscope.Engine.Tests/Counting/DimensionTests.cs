using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class DimensionTests
{
    private static readonly Naming Placed = new([new("7", "My shop", "Window")]);

    [Fact]
    public void Dimensions_are_in_the_order_of_the_documentation() => Assert.Equal(
        "source channel rung placement referrerDomain referrer utmSource utmMedium utmCampaign utmTerm utmContent clickId app page "
            + "country region city device browser os language link visitorKind hour day week month hourOfDay weekday",
        string.Join(' ', Dimension.All));

    [Theory]
    [InlineData("referrerDomain", "referrerDomain")]
    [InlineData("utmSource", "utmSource")]
    [InlineData("utmMedium", "utmMedium")]
    [InlineData("utmCampaign", "utmCampaign")]
    [InlineData("utmTerm", "utmTerm")]
    [InlineData("utmContent", "utmContent")]
    [InlineData("clickId", "clickIdKind")]
    [InlineData("app", "inAppBrowser")]
    [InlineData("page", "page")]
    [InlineData("country", "countryCode")]
    [InlineData("region", "region")]
    [InlineData("city", "city")]
    [InlineData("language", "language")]
    [InlineData("device", "device")]
    [InlineData("browser", "browser")]
    [InlineData("os", "os")]
    public void A_fact_is_read_from_its_column(string name, string column)
    {
        var dimension = Dimension.Named(name)!;

        Assert.Equal("x", ValueOf(dimension, (column, "x")));
        Assert.Equal((DimensionKind.Session, false, false), (dimension.Kind, dimension.IsNamed, dimension.SeesHidden));
    }

    [Theory]
    [InlineData("country", "DE", "Germany", "DE")]
    [InlineData("country", "", "Germany", "Germany")]
    [InlineData("country", null, "Germany", "Germany")]
    [InlineData("countryName", "DE", "Germany", "Germany")]
    [InlineData("countryName", "DE", "", "Unknown")]
    [InlineData("countryName", "DE", null, "Unknown")]
    public void A_country_without_a_code_is_its_name(string name, string? code, string? country, string value) => Assert.Equal(
        value, ValueOf(name == "country" ? Dimension.Named(name)! : Dimension.CountryName, ("countryCode", code), ("country", country)));

    [Theory]
    [InlineData("mobile", "mobile")]
    [InlineData("", "unknown")]
    [InlineData(null, "unknown")]
    public void A_device_class_is_never_missing(string? device, string value) =>
        Assert.Equal(value, ValueOf(Dimension.DeviceClass, ("device", device)));

    [Fact]
    public void Dimensions_of_published_reports_cannot_be_asked_for_by_name() => Assert.All(
        [("countryName", Dimension.CountryName), ("deviceClass", Dimension.DeviceClass)],
        named =>
        {
            Assert.Equal(named.Item1, named.Item2.Name);
            Assert.Null(Dimension.Named(named.Item1));
        });

    [Fact]
    public void A_referrer_without_a_domain_is_direct()
    {
        Assert.Equal("direct", ValueOf(Dimension.Named("referrerDomain")!));
        Assert.Equal("a.example/b", Dimension.Named("referrer")!.ValueOf(["a.example/b"], Naming.None));
    }

    [Theory]
    [InlineData("hour", DimensionKind.Time)]
    [InlineData("weekday", DimensionKind.Time)]
    [InlineData("link", DimensionKind.Link)]
    [InlineData("visitorKind", DimensionKind.VisitorKind)]
    public void Other_dimensions_are_of_no_facts(string name, DimensionKind kind)
    {
        var dimension = Dimension.Named(name)!;

        Assert.Equal((kind, null, false, false), (dimension.Kind, dimension.Set, dimension.IsNamed, dimension.SeesHidden));
        Assert.Null(dimension.ValueOf(["x"], Naming.None));
    }

    [Theory]
    [InlineData("placement", "7", "Window", "My shop")]
    [InlineData("placement", "8", null, "Direct / None")]
    [InlineData("placement", "", null, "Direct / None")]
    [InlineData("utmSource", "tiktok", null, "TikTok")]
    [InlineData("ref", "tiktok", null, "TikTok")]
    [InlineData("referrerDomain", "l.instagram.com", null, "Instagram")]
    [InlineData("inAppBrowser", "Snapchat", null, "Snapchat")]
    [InlineData("requestedWith", "com.pinterest", null, "Pinterest")]
    public void The_source_is_that_of_the_ladder(string column, string value, string? placement, string source)
    {
        Assert.Equal(placement, ValueOf(Dimension.Named("placement")!, Placed, (column, value)));
        Assert.Equal(source, ValueOf(Dimension.Named("source")!, Placed, (column, value)));
    }

    [Theory]
    [InlineData("utmMedium", "cpc", "Paid Other")]
    [InlineData("clickIdKind", "gclid", "Paid Search")]
    [InlineData("utmCampaign", "spring", "Direct")]
    public void The_channel_is_that_of_the_ladder(string column, string value, string channel) =>
        Assert.Equal(channel, ValueOf(Dimension.Named("channel")!, (column, value)));

    [Theory]
    [InlineData("placement", "7", "placement")]
    [InlineData("placement", "8", "none")] // a placement that the page does not have
    [InlineData("clickIdKind", "gclid", "clickId")]
    [InlineData("referrerDomain", "l.instagram.com", "referrer")]
    [InlineData("inAppBrowser", "Snapchat", "app")]
    [InlineData("utmTerm", "x", "none")]
    public void The_rung_is_what_the_source_was_known_by(string column, string value, string rung) =>
        Assert.Equal(rung, ValueOf(Dimension.Named("rung")!, Placed, (column, value)));

    [Fact]
    public void An_empty_tag_does_not_hide_another_one() =>
        Assert.Equal("TikTok", ValueOf(Dimension.Named("source")!, ("utmSource", ""), ("ref", "tiktok")));

    [Fact]
    public void A_placement_goes_before_all_else_that_a_visit_says() => Assert.Equal(
        ("My shop", "placement"),
        (
            ValueOf(Dimension.Named("source")!, Placed, ("placement", "7"), ("utmSource", "tiktok"), ("referrerDomain", "instagram.com")),
            ValueOf(Dimension.Named("rung")!, Placed, ("placement", "7"), ("utmSource", "tiktok"), ("referrerDomain", "instagram.com"))));

    [Theory]
    [InlineData("My name", null, "My name", "Organic Social")]
    [InlineData("My name", "Email", "My name", "Email")]
    [InlineData("Google", null, "Google", "Organic Search")] // a known source brings its channel
    [InlineData("Google", "Email", "Google", "Email")]
    [InlineData(null, "Email", "Instagram", "Organic Social")] // hides: nothing is renamed
    public void A_rule_renames_source_and_channel(string? name, string? channel, string source, string itsChannel)
    {
        var rule = new NamingRule(
            new Filter(FilterOperator.Is, Dimension.Named("referrerDomain")!, ["instagram.com"]), name, channel, Hide: name is null);
        var naming = Naming.None with { Rules = [rule] };

        Assert.Equal(source, ValueOf(Dimension.Named("source")!, naming, ("referrerDomain", "instagram.com")));
        Assert.Equal(itsChannel, ValueOf(Dimension.Named("channel")!, naming, ("referrerDomain", "instagram.com")));
        Assert.Equal(name is null ? "hidden" : null, ValueOf(Dimension.Hidden, naming, ("referrerDomain", "instagram.com")));
        Assert.Equal("tiktok.com", ValueOf(Dimension.Named("referrerDomain")!, naming, ("referrerDomain", "tiktok.com")));
    }

    [Fact]
    public void Spam_is_hidden_where_no_rule_keeps_it()
    {
        var match = new Filter(FilterOperator.Is, Dimension.Named("referrerDomain")!, ["semalt.com"]);
        var rule = new NamingRule(match, "Mine", null, Hide: false);
        var hides = Naming.None with { HidesSpam = true };

        Assert.Equal("hidden", ValueOf(Dimension.Hidden, hides, ("referrerDomain", "semalt.com")));
        Assert.Null(ValueOf(Dimension.Hidden, hides, ("referrerDomain", "instagram.com")));
        Assert.Null(ValueOf(Dimension.Hidden, ("referrerDomain", "semalt.com")));
        Assert.Null(ValueOf(Dimension.Hidden, hides with { Rules = [rule] }, ("referrerDomain", "semalt.com")));
    }

    [Fact]
    public void Referrers_are_looked_at_where_a_rule_needs_them()
    {
        var byPath = Naming.None with
        {
            Rules = [new NamingRule(new Filter(FilterOperator.Contains, Dimension.Named("referrer")!, ["/a"]), "A", null, Hide: false)],
        };
        var (source, referrer, city) = (Dimension.Named("source")!, Dimension.Named("referrer")!, Dimension.Named("city")!);

        Assert.Equal([true, false], [source.LooksAt(FactSet.Origin, Naming.None), source.LooksAt(FactSet.Referrer, Naming.None)]);
        Assert.Equal([true, true], [source.LooksAt(FactSet.Origin, byPath), source.LooksAt(FactSet.Referrer, byPath)]);
        Assert.Equal([false, true], [source.LooksAt(FactSet.Place, byPath), referrer.LooksAt(FactSet.Referrer, Naming.None)]);
        Assert.Equal([false, true], [city.LooksAt(FactSet.Referrer, byPath), city.LooksAt(FactSet.Place, byPath)]);
    }

    [Fact]
    public void What_asks_about_hidden_visits_sees_them()
    {
        Dimension[] seeing = [Dimension.Hidden, Dimension.Was, Dimension.Becomes, Dimension.Rule];

        Assert.All(
            seeing, dimension => Assert.Equal((true, true, FactSet.Origin), (dimension.SeesHidden, dimension.IsNamed, dimension.Set)));
        Assert.Equal(["hidden", "was", "becomes", "rule"], seeing.Select(dimension => dimension.Name));
        Assert.All(
            new[] { "source", "channel", "rung", "placement" }.Select(name => Dimension.Named(name)!),
            dimension => Assert.Equal((false, true, FactSet.Origin), (dimension.SeesHidden, dimension.IsNamed, dimension.Set)));
        Assert.Null(Dimension.Named("hidden"));
        Assert.Null(Dimension.Named("Source"));
    }

    private static string? ValueOf(Dimension dimension, params (string Column, string? Value)[] stored) =>
        ValueOf(dimension, Naming.None, stored);

    private static string? ValueOf(Dimension dimension, Naming naming, params (string Column, string? Value)[] stored) =>
        dimension.ValueOf([.. dimension.Set!.Columns.Select(column => Array.Find(stored, pair => pair.Column == column).Value)], naming);
}
