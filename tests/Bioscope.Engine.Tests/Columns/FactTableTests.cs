using Bioscope.Engine.Columns;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Columns;

public sealed class FactTableTests
{
    private static readonly Gen<string?[][]> Places =
        Gen.Int[0, 3].Select(pick => pick switch { 0 => null, 1 => "", 2 => "a", _ => "b" }).Array[4].Array[0, 40];

    [Fact]
    public void Each_combination_has_one_number_and_its_values() => Places.Sample(rows =>
    {
        var table = new FactTable(FactSet.Place);
        var codes = rows.Select(row => table.CodeOf(row)).ToArray();
        var combinations = rows.Select(row => string.Join('|', row.Select(value => value is null or "" ? "-" : value))).ToArray();

        // The same number where and only where the values are the same; numbers in the order in which they came.
        Assert.Equal(combinations.Select(combination => Array.IndexOf(combinations.Distinct().ToArray(), combination)), codes);
        Assert.Equal(combinations.Distinct().Count(), table.Entries.Count);
        Assert.All(rows.Zip(codes), row => Assert.Equal(
            row.First.Select(value => value ?? ""), table.Entries[row.Second].Select(value => value ?? "")));
    });

    [Fact]
    public void The_same_text_in_another_column_is_another_combination()
    {
        var table = new FactTable(FactSet.Place);

        Assert.Equal([0, 1, 2, 0], [
            table.CodeOf([null, "a", null, null]), table.CodeOf([null, null, "a", null]), table.CodeOf([null, "a", "a", null]),
            table.CodeOf(["", "a", "", ""]),
        ]);
    }

    [Fact]
    public void A_session_that_is_not_stored_has_a_number_without_values()
    {
        var table = new FactTable(FactSet.Place);
        var known = table.CodeOf([null, null, null, null]);
        var notStored = table.CodeOfNotStored();

        Assert.NotEqual(known, notStored);
        Assert.Equal(notStored, table.CodeOfNotStored());
        Assert.Empty(table.Entries[notStored]);
        Assert.Equal([known, 2], [table.CodeOf([null, null, null, null]), table.CodeOf(["DE", null, null, null])]);
        Assert.Equal("DE", table.Entries[2][0]);
    }

    [Fact]
    public void Referrers_that_differ_in_their_query_share_a_number()
    {
        var table = new FactTable(FactSet.Referrer);
        int[] codes =
        [
            table.CodeOf(["https://www.instagram.com/p/1?igsh=a", "instagram.com"]),
            table.CodeOf(["https://www.instagram.com/p/1?igsh=b", "instagram.com"]),
            table.CodeOf(["https://www.instagram.com/p/2", "instagram.com"]),
            table.CodeOf(["https://www.instagram.com/p/1?igsh=a", "instagram.com"]),
            table.CodeOf([null, null]),
        ];

        Assert.Equal([0, 0, 1, 0, 2], codes);
        Assert.Equal(["instagram.com/p/1", "instagram.com/p/2", null], table.Entries.Select(entry => entry[0]));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("", "shop.example", "shop.example")]
    [InlineData(null, "shop.example", "shop.example")] // where only a domain is stored
    [InlineData("https://www.shop.example/", "shop.example", "shop.example")]
    [InlineData("https://www.shop.example", "shop.example", "shop.example")]
    [InlineData("https://shop.example/a/b?c=d#e", "shop.example", "shop.example/a/b")]
    [InlineData("https://shop.example?next=/x", "shop.example", "shop.example")]
    [InlineData("https://shop.example/#top", "shop.example", "shop.example")]
    [InlineData("https://shop.example:8443/a", "shop.example", "shop.example/a")]
    [InlineData("https://shop.example/A%20b/", "shop.example", "shop.example/A%20b/")]
    [InlineData("  https://shop.example/a  ", "shop.example", "shop.example/a")]
    [InlineData("shop.example/a", "shop.example", "shop.example/a")]
    [InlineData("shop.example/to/https://other.example/b", "shop.example", "shop.example/to/https://other.example/b")]
    [InlineData("https://shop.example/to/https://other.example/b", "shop.example", "shop.example/to/https://other.example/b")]
    [InlineData("https://www.shop.example/a", null, "shop.example/a")]
    [InlineData("https://www.shop.example/a", "", "shop.example/a")]
    [InlineData("not a url at all", null, null)]
    public void A_referrer_is_kept_as_host_and_path(string? referrer, string? domain, string? kept) =>
        Assert.Equal(kept, Referrers.HostAndPath(referrer, domain));

    [Theory]
    [InlineData(null, "direct")]
    [InlineData("", "direct")]
    [InlineData("direct", "direct")]
    [InlineData("instagram.com", "instagram.com")]
    public void A_domain_is_never_unknown(string? domain, string shown) => Assert.Equal(shown, Referrers.Domain(domain));
}
