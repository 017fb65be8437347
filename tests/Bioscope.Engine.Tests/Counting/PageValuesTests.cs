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
    public void Sessions_without_facts_have_no_value() =>
        Assert.Equal([0, 1], new PageValues().MapOf(Built([[], ["DE", null, null, null]], [], isLasting: true), Country, Naming.None));

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
    public void An_empty_link_is_none() => Assert.Equal([0, 0, 1], new PageValues().LinksOf(Built([], ["", "a"], isLasting: true)));

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

    [Fact]
    public void What_a_block_comes_to_is_kept_by_block_and_question()
    {
        var (values, block, counts) = (new PageValues(), new object(), new BlockCounts([], [], default));
        values.Keep(block, Question(1), counts);

        Assert.Same(counts, values.CountsOf(block, Question(1)));
        Assert.Null(values.CountsOf(block, Question(2)));
        Assert.Null(values.CountsOf(new object(), Question(1)));
    }

    [Fact]
    public void What_is_kept_twice_takes_memory_once()
    {
        var (values, block) = (new PageValues(), new object());
        var empty = values.Bytes;
        values.Keep(block, Question(1), Counts(2));
        values.Keep(block, Question(1), Counts(2));

        Assert.Equal(580, values.Bytes - empty);
    }

    [Fact]
    public void All_counts_are_dropped_when_they_are_more_than_four_megabytes()
    {
        var (values, blocks) = (new PageValues(), Enumerable.Range(0, 3).Select(_ => new object()).ToArray());
        var empty = values.Bytes;
        values.Keep(blocks[0], Question(1), Counts(23_294)); // two of this size take 4,193,720 bytes
        values.Keep(blocks[1], Question(1), Counts(23_294));
        Assert.Equal(2 * (400 + (90L * 23_294)), values.Bytes - empty);

        var last = Counts(10); // with it, it is more
        values.Keep(blocks[2], Question(1), last);

        Assert.Equal(1_300, values.Bytes - empty);
        Assert.Equal([null, null, last], blocks.Select(block => values.CountsOf(block, Question(1))));
    }

    [Fact]
    public void What_a_filter_finds_in_a_block_is_found_once()
    {
        var (values, block, found) = (new PageValues(), new object(), new List<int[]>());
        int[] Find(object of, string link) => values.SessionsOf(of, LinkIs(link), () =>
        {
            found.Add([found.Count, 7]);
            return found[^1];
        });

        var first = Find(block, "a");

        Assert.Same(first, Find(block, "a"));
        Assert.NotSame(first, Find(block, "b"));
        Assert.NotSame(first, Find(new object(), "a"));
        Assert.Equal(3, found.Count);
    }

    // More would take the place of many others.
    [Theory]
    [InlineData(16_000, true)]
    [InlineData(16_001, false)]
    public void Up_to_16000_sessions_of_a_filter_are_kept(int sessions, bool areKept)
    {
        var (values, block) = (new PageValues(), new object());
        var empty = values.Bytes;
        var first = values.SessionsOf(block, LinkIs("a"), () => new int[sessions]);

        Assert.Equal(areKept, values.SessionsOf(block, LinkIs("a"), () => new int[sessions]) == first);
        Assert.Equal(areKept ? 200 + (4L * sessions) : 0, values.Bytes - empty);
    }

    [Fact]
    public void Sessions_and_counts_share_four_megabytes_and_are_dropped_together()
    {
        var (values, block) = (new PageValues(), new object());
        var empty = values.Bytes;
        values.Keep(block, Question(1), Counts(23_294)); // 2,096,860 bytes
        foreach (var link in Enumerable.Range(0, 32))
        {
            values.SessionsOf(block, LinkIs($"{link}"), () => new int[16_000]); // 64,200 bytes each
        }

        Assert.Equal(2_096_860 + (32 * 64_200), values.Bytes - empty);
        values.SessionsOf(block, LinkIs("last"), () => new int[16_000]);

        Assert.Equal(64_200, values.Bytes - empty);
        Assert.Null(values.CountsOf(block, Question(1)));
        Assert.Equal([7], values.SessionsOf(block, LinkIs("0"), () => [7])); // is found anew
    }

    [Fact]
    public void Counts_that_just_fit_are_kept()
    {
        var (values, block) = (new PageValues(maxBytesOfCounts: 2 * 580), new object());
        values.Keep(block, Question(1), Counts(2));
        values.Keep(block, Question(2), Counts(2));

        Assert.NotNull(values.CountsOf(block, Question(1)));
        values.Keep(block, Question(3), Counts(0));
        Assert.Null(values.CountsOf(block, Question(1)));
    }

    [Fact]
    public void Texts_are_copied_only_when_there_are_more()
    {
        var values = new PageValues();
        values.MapOf(Block("DE"), Country, Naming.None);
        var texts = values.Texts(Country, Naming.None);
        values.MapOf(Block("DE"), Country, Naming.None);

        Assert.Same(texts, values.Texts(Country, Naming.None));
        values.MapOf(Block("AT"), Country, Naming.None);
        Assert.Equal([null, "DE", "AT"], values.Texts(Country, Naming.None));
        Assert.Equal([null, "DE"], texts); // who has it keeps it
    }

    [Fact]
    public async Task Questions_at_the_same_time_get_the_same_numbers()
    {
        var values = new PageValues();
        var blocks = Enumerable.Range(0, 40).Select(i => Block([.. Enumerable.Range(0, 20).Select(j => $"{(i * 7) + j}")])).ToArray();

        var maps = await Task.WhenAll(Enumerable.Range(0, 8).Select(task => Task.Run(() =>
            blocks.Skip(task * 5).Concat(blocks.Take(task * 5)).Select(block => (Block: block, Map: values.MapOf(block, Country, Naming.None))).ToArray())));

        var texts = values.Texts(Country, Naming.None);
        Assert.Equal(texts.Length, texts.Distinct().Count());
        Assert.All(maps.SelectMany(map => map), one => Assert.Equal(
            one.Block.Facts[FactSet.Place].Select(place => place[0]), one.Map.Select(code => texts[code])));
    }

    // Where origins are joined with referrers, they have other numbers.
    [Fact]
    public void What_creators_say_has_numbers_of_its_own_where_it_matters()
    {
        var (values, block) = (new PageValues(), new RowBlock { Key = new object(), IsLasting = true, SessionCount = 1, ViewCount = 0 });
        block.Facts[FactSet.Origin] = [[.. new string?[FactSet.Origin.Columns.Count]]];
        block.Facts[FactSet.Place] = [["DE", null, null, null]];
        var spam = Naming.None with { HidesSpam = true };
        var byReferrer = Naming.None with
        {
            Rules = [new NamingRule(new Filter(FilterOperator.Is, Dimension.Named("referrer")!, ["x"]), "X", null, Hide: false)],
        };
        foreach (var name in new[] { "source", "utmSource", "country" })
        {
            values.MapOf(block, Dimension.Named(name)!, Naming.None);
        }

        Assert.Equal([false, false], Known("source"));
        Assert.Equal([true, false], Known("utmSource"));
        Assert.Equal([true, true], Known("country"));

        bool[] Known(string name) =>
            [values.Knows(block.Key, Dimension.Named(name)!, spam), values.Knows(block.Key, Dimension.Named(name)!, byReferrer)];
    }

    private static CountQuery Question(int from) =>
        new(Guid.Empty, new InstantRange(from, 10), NodaTime.DateTimeZone.Utc, [], [], [Metric.Visits]);

    private static Filter LinkIs(string link) => new(FilterOperator.Is, Dimension.Named("link")!, [link]);

    private static BlockCounts Counts(int groups) => new(new (long, long)[groups], new Tally[groups], default);

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
