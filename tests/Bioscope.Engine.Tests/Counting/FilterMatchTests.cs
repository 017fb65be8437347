using Bioscope.Engine.Counting;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class FilterMatchTests
{
    private static readonly Gen<char> Letters = Gen.Char["aAkK\u212AsSſßẞσΣςé"];

    [Theory]
    [InlineData(FilterOperator.Is, "DE", "DE", true)]
    [InlineData(FilterOperator.Is, "DE", "de", false)]
    [InlineData(FilterOperator.Is, "DE", "AT", false)]
    [InlineData(FilterOperator.IsNot, "DE", "DE", false)]
    [InlineData(FilterOperator.IsNot, "DE", "de", true)]
    [InlineData(FilterOperator.Contains, "GRAM", "Instagram", true)]
    [InlineData(FilterOperator.Contains, "face", "Instagram", false)]
    [InlineData(FilterOperator.Contains, "straße", "HauptSTRAẞE", true)]
    [InlineData(FilterOperator.Contains, "strasse", "Hauptstraße", false)]
    [InlineData(FilterOperator.Contains, "K", "\u212Aelvin", true)]
    [InlineData(FilterOperator.Contains, "\u212A", "kelvin", true)]
    [InlineData(FilterOperator.Contains, "ς", "ΣΟΦΟΣ", true)]
    [InlineData(FilterOperator.Contains, "ü", "MÜNCHEN", true)]
    [InlineData(FilterOperator.Contains, "ü", "Munchen", false)]
    [InlineData(FilterOperator.Contains, "*", "a*b", true)]
    [InlineData(FilterOperator.Contains, "*", "ab", false)]
    [InlineData(FilterOperator.ContainsNot, "GRAM", "Instagram", false)]
    [InlineData(FilterOperator.ContainsNot, "face", "Instagram", true)]
    [InlineData(FilterOperator.Matches, "Insta*", "Instagram", true)]
    [InlineData(FilterOperator.Matches, "insta*", "Instagram", false)]
    [InlineData(FilterOperator.IsNull, null, "DE", false)]
    [InlineData(FilterOperator.IsNotNull, null, "DE", true)]
    public void A_value_passes_as_its_operator_says(FilterOperator compares, string? value, string row, bool passes) =>
        Assert.Equal(passes, FilterMatch.Holds(Filter(compares, value is null ? [] : [value]), row));

    [Theory]
    [InlineData(FilterOperator.Is, false)]
    [InlineData(FilterOperator.IsNot, true)]
    [InlineData(FilterOperator.Contains, false)]
    [InlineData(FilterOperator.ContainsNot, true)]
    [InlineData(FilterOperator.Matches, false)]
    [InlineData(FilterOperator.IsNull, true)]
    [InlineData(FilterOperator.IsNotNull, false)]
    public void Null_and_empty_text_are_the_same_null(FilterOperator compares, bool passes)
    {
        string[] values = compares is FilterOperator.IsNull or FilterOperator.IsNotNull ? [] : ["", "*"];

        Assert.Equal(passes, FilterMatch.Holds(Filter(compares, values), null));
        Assert.Equal(passes, FilterMatch.Holds(Filter(compares, values), ""));
    }

    [Fact]
    public void One_of_several_values_is_enough()
    {
        Assert.True(FilterMatch.Holds(Filter(FilterOperator.Is, ["DE", "AT"]), "AT"));
        Assert.False(FilterMatch.Holds(Filter(FilterOperator.IsNot, ["DE", "AT"]), "AT"));
        Assert.True(FilterMatch.Holds(Filter(FilterOperator.Contains, ["x", "st"]), "Instagram"));
        Assert.False(FilterMatch.Holds(Filter(FilterOperator.ContainsNot, ["x", "st"]), "Instagram"));
        Assert.True(FilterMatch.Holds(Filter(FilterOperator.Matches, ["x*", "*m"]), "Instagram"));
    }

    [Fact]
    public void Contains_compares_folded_text() =>
        Gen.Select(Letters.Array[0, 3], Letters.Array[1, 12]).Sample((part, value) =>
            FilterMatch.Holds(Filter(FilterOperator.Contains, [new string(part)]), new string(value))
                == SimpleCaseFolding.Fold(new string(value)).Contains(SimpleCaseFolding.Fold(new string(part)), StringComparison.Ordinal));

    [Fact]
    public void Contains_takes_any_of_many_values() =>
        Gen.Select(Letters.Array[0, 3].Array[1, 9], Letters.Array[1, 12]).Sample((parts, value) =>
            FilterMatch.Holds(Filter(FilterOperator.Contains, Array.ConvertAll(parts, part => new string(part))), new string(value))
                == Array.Exists(parts, part => FilterMatch.Holds(Filter(FilterOperator.Contains, [new string(part)]), new string(value))));

    [Theory]
    [InlineData(FilterOperator.Is, FilterOperator.IsNot)]
    [InlineData(FilterOperator.Contains, FilterOperator.ContainsNot)]
    [InlineData(FilterOperator.IsNull, FilterOperator.IsNotNull)]
    public void An_operator_and_its_negation_never_agree(FilterOperator one, FilterOperator other) =>
        Gen.Select(Gen.Char["aAb"].Array[0, 2], Gen.Char["aAb"].Array[0, 4]).Sample((value, row) =>
            FilterMatch.Holds(Filter(one, [new string(value)]), new string(row))
                != FilterMatch.Holds(Filter(other, [new string(value)]), new string(row)));

    [Fact]
    public void An_unknown_operator_is_an_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FilterMatch(Filter((FilterOperator)99, ["x"])));

    private static Filter Filter(FilterOperator compares, string[] values) =>
        new(compares, Dimension.Named("source")!, new EquatableList<string>(values));
}
