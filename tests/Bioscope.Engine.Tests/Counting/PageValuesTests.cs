using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class PageValuesTests
{
    private static readonly Dimension Country = Dimension.Named("country")!, City = Dimension.Named("city")!;

    [Fact]
    public void A_value_has_one_number_in_all_blocks()
    {
        var values = new PageValues();

        Assert.Equal([1, 2], values.MapOf(Block("DE", "AT"), Country, Naming.None));
        Assert.Equal([2, 3, 1], values.MapOf(Block("AT", "CH", "DE"), Country, Naming.None));
        Assert.Equal([null, "DE", "AT", "CH"], values.Texts(Country, Naming.None));
    }

    [Fact]
    public void Unknown_and_empty_values_are_number_0()
    {
        var values = new PageValues();

        Assert.Equal([0, 0, 1], values.MapOf(Block(null, "", "DE"), Country, Naming.None));
        Assert.Equal([null], values.Texts(City, Naming.None));
    }

    [Fact]
    public void Dimensions_of_the_same_facts_are_numbered_apart()
    {
        var values = new PageValues();
        var block = Built([["DE", null, null, "Berlin"], ["DE", null, null, "Hamburg"]], [], isLasting: true);

        Assert.Equal([1, 1], values.MapOf(block, Country, Naming.None));
        Assert.Equal([1, 2], values.MapOf(block, City, Naming.None));
        Assert.Equal([null, "DE"], values.Texts(Country, Naming.None));
        Assert.Equal([null, "Berlin", "Hamburg"], values.Texts(City, Naming.None));
    }

    [Fact]
    public void Links_have_numbers_of_their_own()
    {
        var values = new PageValues();

        Assert.Equal([0, 1, 2], values.LinksOf(Built([], ["a", "b"], isLasting: true)));
        Assert.Equal([0, 2, 3], values.LinksOf(Built([], ["b", "c"], isLasting: false)));
        Assert.Equal([null, "a", "b", "c"], values.LinkTexts());
        Assert.Equal([null], values.Texts(Country, Naming.None));
    }

    [Fact]
    public void A_lasting_block_is_read_once()
    {
        var values = new PageValues();
        var block = Block("DE");
        Assert.False(values.Knows(block.Key, Country, Naming.None));
        var map = values.MapOf(block, Country, Naming.None);
        block.Facts.Clear();

        Assert.Same(map, values.MapOf(block, Country, Naming.None));
        Assert.True(values.Knows(block.Key, Country, Naming.None));
        Assert.False(values.Knows(block.Key, City, Naming.None));
        Assert.False(values.Knows(block.Key, null, Naming.None));
        Assert.False(values.Knows(new object(), Country, Naming.None));
    }

    [Fact]
    public void The_links_of_a_lasting_block_are_known_apart_from_its_facts()
    {
        var values = new PageValues();
        var block = Built([], ["a"], isLasting: true);
        values.LinksOf(block);

        Assert.True(values.Knows(block.Key, null, Naming.None));
        Assert.False(values.Knows(block.Key, Country, Naming.None));
    }

    [Fact]
    public void A_block_that_does_not_last_is_not_kept()
    {
        var values = new PageValues();
        var block = Built([["DE", null, null, null]], [], isLasting: false);
        values.MapOf(block, Country, Naming.None);

        Assert.False(values.Knows(block.Key, Country, Naming.None));
        Assert.Equal([null, "DE"], values.Texts(Country, Naming.None));
    }

    [Fact]
    public void Values_that_were_not_read_are_an_error()
    {
        var block = Block("DE");
        block.Facts.Clear();

        Assert.Contains("country", Assert.Throws<InvalidOperationException>(() => new PageValues().MapOf(block, Country, Naming.None)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_grows_with_new_values_and_lasting_blocks_only()
    {
        var values = new PageValues();
        var empty = values.Bytes;
        values.MapOf(Block("DE", "AT"), Country, Naming.None);
        var first = values.Bytes;
        values.MapOf(Block("DE", "AT"), Country, Naming.None);
        var second = values.Bytes;
        var passing = Built([["DE", null, null, null]], [], isLasting: false);
        values.MapOf(passing, Country, Naming.None);

        Assert.Equal((2 * (100 + 4)) + 100 + 8, first - empty); // two texts of two letters, and a map of two numbers
        Assert.Equal(100 + 8, second - first);
        Assert.Equal(second, values.Bytes);
    }

    private static RowBlock Block(params string?[] countries) =>
        Built([.. countries.Select(country => new[] { country, null, null, null })], [], isLasting: true);

    private static RowBlock Built(string?[][] places, string[] links, bool isLasting)
    {
        var block = new RowBlock
        {
            Key = new object(),
            IsLasting = isLasting,
            SessionCount = places.Length,
            ViewCount = 0,
            Links = [null, .. links]
        };
        block.Facts[FactSet.Place] = places;
        return block;
    }
}
