using System.Collections;
using Bioscope.Engine.Counting;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class EquatableListTests
{
    private static readonly Gen<int[]> Items = Gen.Int[0, 2].Array[0, 3];

    [Fact]
    public void Lists_with_equal_items_in_the_same_order_are_equal() => Gen.Select(Items, Items).Sample((one, other) =>
    {
        var (a, b) = (new EquatableList<int>(one), new EquatableList<int>(other));
        var areEqual = one.SequenceEqual(other);

        Assert.Equal(areEqual, a.Equals(b));
        Assert.Equal(areEqual, a.Equals((object)b));
        Assert.True(!areEqual || a.GetHashCode() == b.GetHashCode());
    });

    [Fact]
    public void A_list_equals_nothing_else()
    {
        EquatableList<int> list = [1, 2];

        Assert.False(list.Equals(null));
        Assert.False(list.Equals((object)"1, 2"));
        Assert.False(list.Equals((object)new[] { 1, 2 }));
    }

    [Fact]
    public void The_hash_depends_on_items_and_their_order() => Assert.Equal(
        4, new[] { new EquatableList<int>([]), [1, 2], [2, 1], [1] }.Select(list => list.GetHashCode()).Distinct().Count());

    [Fact]
    public void A_list_is_read_in_order()
    {
        EquatableList<string> list = ["a", "b"];

        Assert.Equal(2, list.Count);
        Assert.Equal("b", list[1]);
        Assert.Equal(["a", "b"], list);
        Assert.Equal(["a", "b"], ((IEnumerable)list).Cast<string>());
        Assert.Empty((EquatableList<string>)[]);
    }
}
