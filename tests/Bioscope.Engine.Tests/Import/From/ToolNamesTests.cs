using System.Text.Json;
using Bioscope.Engine.Import.From;
using Xunit;

namespace Bioscope.Engine.Tests.Import.From;

/// <summary>Names and JSON of other tools.</summary>
public sealed class ToolNamesTests
{
    [Theory]
    [InlineData("Chrome 131", "Chrome")]
    [InlineData("chrome", "Chrome")]
    [InlineData("CriOS", "Chrome")]
    [InlineData("Mobile Safari", "Safari")]
    [InlineData("Mobile Safari 17.1", "Safari")]
    [InlineData("ios", "Safari")] // Umami's name for Safari there
    [InlineData("Mobile Safari UI/WKWebView", "WebView")]
    [InlineData("edge-chromium", "Edge")]
    [InlineData("  Firefox  ", "Firefox")]
    [InlineData("Opera Mini 8.0.35626", "Opera")]
    [InlineData("Browser of tomorrow", "Browser of tomorrow")]
    [InlineData("Browser of tomorrow 2", "Browser of tomorrow")]
    [InlineData("7", "7")] // not a version of nothing
    [InlineData("(unknown)", null)]
    [InlineData("  ", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_browser_is_named_as_in_reports(string? text, string? browser) => Assert.Equal(browser, ToolNames.Browser(text));

    [Theory]
    [InlineData("Windows 10", "Windows", "10")]
    [InlineData("Windows Phone 8.1", "Windows Phone", "8.1")]
    [InlineData("Mac OS", "macOS", null)]
    [InlineData("macOS 14.5", "macOS", "14.5")]
    [InlineData("OS X 10.15", "macOS", "10.15")]
    [InlineData("iOS 18.1", "iOS", "18.1")]
    [InlineData("iPadOS 17", "iOS", "17")]
    [InlineData("Android OS", "Android", null)]
    [InlineData("Android 15", "Android", "15")]
    [InlineData("Chrome OS 120", "ChromeOS", "120")]
    [InlineData("Ubuntu 22.04", "Linux", null)] // the version of a distribution
    [InlineData("GNU/Linux", "Linux", null)]
    [InlineData("Haiku R1", "Haiku R1", null)]
    [InlineData("Haiku 1", "Haiku", "1")]
    [InlineData("Unknown", null, null)]
    [InlineData("unknown 7", null, null)]
    [InlineData("(unknown)", null, null)]
    [InlineData(null, null, null)]
    public void A_system_is_named_as_in_reports(string? text, string? os, string? version) =>
        Assert.Equal((os, version), ToolNames.System(text));

    [Theory]
    [InlineData("desktop", "desktop")]
    [InlineData(" Laptop ", "desktop")]
    [InlineData("Smartphone", "mobile")]
    [InlineData("phablet", "mobile")]
    [InlineData("feature phone", "mobile")]
    [InlineData("tablet", "tablet")]
    [InlineData("tv", null)]
    [InlineData("console", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_device_is_named_as_in_reports(string? text, string? device) => Assert.Equal(device, ToolNames.Device(text));

    [Theory]
    [InlineData("iOS", 390, "mobile")]
    [InlineData("Android", 599, "mobile")]
    [InlineData("Android", 600, "tablet")]
    [InlineData("iOS", null, "mobile")]
    [InlineData("Windows", 390, "desktop")]
    [InlineData("Linux", null, "desktop")]
    [InlineData("Tizen", 1920, null)]
    [InlineData(null, 390, null)]
    public void A_width_tells_phones_from_tablets(string? os, int? width, string? device) =>
        Assert.Equal(device, ToolNames.DeviceOf(os, width));

    [Theory]
    [InlineData("""{"a":"x"}""", "x", null)]
    [InlineData("""{"a":"12.5"}""", "12.5", 12.5)]
    [InlineData("""{"a":12.50}""", "12.50", 12.5)]
    [InlineData("""{"a":"-1e3"}""", "-1e3", -1000.0)]
    [InlineData("""{"a":"1,5"}""", "1,5", null)]
    [InlineData("""{"a":"1e999"}""", "1e999", null)]
    [InlineData("""{"a":"NaN"}""", "NaN", null)]
    [InlineData("""{"a":""}""", null, null)]
    [InlineData("""{"a":null}""", null, null)]
    [InlineData("""{"a":true}""", null, null)]
    [InlineData("""{"a":["x"]}""", null, null)]
    [InlineData("""{"a":"\ud800"}""", null, null)] // half of a surrogate pair
    [InlineData("""{"b":"x"}""", null, null)]
    [InlineData("""["a"]""", null, null)]
    [InlineData("\"a\"", null, null)]
    public void A_field_is_a_text_or_a_number(string json, string? text, double? number)
    {
        var element = JsonElement.Parse(json);

        Assert.Equal((text, number), (element.Text("a"), element.Number("a")));
    }

    [Fact]
    public void A_part_of_what_is_no_object_has_nothing()
    {
        var root = JsonElement.Parse("""{"list":[1,2],"object":{"list":[3]},"text":"x"}""");

        Assert.Equal([1, 2], root.Part("list").Items().Select(item => item.GetInt32()));
        Assert.Equal([3], root.Part("object").Part("list").Items().Select(item => item.GetInt32()));
        Assert.Empty(root.Part("text").Part("list").Items());
        Assert.Empty(root.Part("missing").Part("list").Items());
        Assert.Empty(root.Items());
        Assert.Null(root.Part("missing").Text("a"));
    }

    [Theory]
    [InlineData(0.0, "1970-01-01T00:00:00.000Z")]
    [InlineData(1_772_366_400.5, "2026-03-01T12:00:00.500Z")]
    [InlineData(32_503_679_999.0, "2999-12-31T23:59:59.000Z")]
    [InlineData(32_503_680_000.0, null)]
    [InlineData(-0.001, null)]
    [InlineData(double.NaN, null)]
    [InlineData(double.PositiveInfinity, null)]
    [InlineData(null, null)]
    public void Seconds_since_1970_are_an_instant(double? seconds, string? instant) =>
        Assert.Equal(instant, ToolJson.Instant(seconds) is { } at ? Core.Instant.ToText(at) : null);

    [Fact]
    public void A_document_that_is_no_json_names_its_line() => Assert.Equal(
        "it is not valid JSON, from line 3",
        Assert.Throws<InvalidDataException>(() => ToolJson.Parse("{\n\"a\":1,\nx}"u8.ToArray())).Message);
}
