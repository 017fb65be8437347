using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Bioscope.Core.Tests.Referrers;

/// <summary>
/// The reference for URLs: web-platform-tests, which are not part of this repository. They run if there is a folder <c>shared/wpt</c>
/// beside the repository or above it, and are reported as skipped otherwise.
/// </summary>
public sealed class WebPlatformTests
{
    [Fact]
    public void Hostnames_match_the_URL_standards_tests()
    {
        JsonElement[] entries = [.. Entries("urltestdata.json").Where(entry => TextOf(entry, "base") is null)];
        AssertAgreement(entries, 555, entry => TextOf(entry, "input")!, "hostname");
    }

    [Fact]
    public void Hostnames_with_lone_surrogates_match_the_URL_standard() =>
        AssertAgreement(Entries("urltestdata-javascript-only.json"), 1, entry => TextOf(entry, "input")!, "hostname");

    [Theory]
    [InlineData("toascii.json", 87)]
    [InlineData("IdnaTestV2.json", 2670)] // one of the 2,671 has no domain at all: https:///x names the host x
    [InlineData("IdnaTestV2-removed.json", 20)]
    public void Domains_become_the_standards_ASCII(string file, int count)
    {
        JsonElement[] entries = [.. Entries(file).Where(entry => TextOf(entry, "input") != "")];
        AssertAgreement(entries, count, entry => $"https://{TextOf(entry, "input")}/x", "output");
    }

    private static void AssertAgreement(JsonElement[] entries, int atLeast, Func<JsonElement, string> urlOf, string expectedName)
    {
        var differences = new List<string>();
        foreach (var entry in entries)
        {
            var expected = DomainOf(TextOf(entry, expectedName)); // absent or null: not a URL
            var actual = Referrer.Domain(urlOf(entry));
            if (actual != expected)
            {
                differences.Add($"{entry.GetRawText()}: {actual ?? "none"}");
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(entries.Length >= atLeast, $"Only {entries.Length} of {atLeast} entries were there to test.");
    }

    /// <summary>The contract's domain for a hostname: without the first "www.", and null instead of empty.</summary>
    private static string? DomainOf(string? hostname)
    {
        var www = hostname?.IndexOf("www.", StringComparison.Ordinal) ?? -1;
        hostname = www < 0 ? hostname : hostname!.Remove(www, 4);
        return hostname == "" ? null : hostname;
    }

    /// <summary>Not GetString, which throws for a lone surrogate, the very subject of one of the files.</summary>
    private static string? TextOf(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String ? Regex.Unescape(value.GetRawText()[1..^1]) : null;

    private static JsonElement[] Entries(string file)
    {
        var path = SharedFiles.Find(Path.Combine("wpt", file));
        Assert.SkipWhen(path is null, "There is no folder shared/wpt beside the repository or above it.");
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        // The strings in between are comments.
        return [.. document.RootElement.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object).Select(entry => entry.Clone())];
    }
}
