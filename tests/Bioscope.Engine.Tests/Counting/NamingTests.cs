using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class NamingTests
{
    private static readonly Naming Named = new([new("1", "Instagram", "Bio"), new("2", "TikTok", "Bio"), new("3", "Print", "Poster")]);

    [Theory]
    [InlineData(FilterOperator.Is, "Bio", "1 2")]
    [InlineData(FilterOperator.Is, "bio", "")]
    [InlineData(FilterOperator.IsNot, "Bio", "none 3")]
    [InlineData(FilterOperator.Contains, "o", "1 2 3")]
    [InlineData(FilterOperator.ContainsNot, "o", "none")]
    [InlineData(FilterOperator.Matches, "P*", "3")]
    [InlineData(FilterOperator.IsNull, null, "none")]
    [InlineData(FilterOperator.IsNotNull, null, "1 2 3")]
    public void A_rule_by_label_matches_the_same_placement_links_by_id(FilterOperator compares, string? value, string matched)
    {
        var placement = Dimension.Named("placement")!;
        var rule = new NamingRule(new Filter(compares, placement, value is null ? [] : [value]), "Posters", null, Hide: false);

        var byId = (Named with { Rules = [rule] }).ByPlacementId();

        var all = (string?[])[null, "1", "2", "3"];
        Assert.Equal(["1", "2", "3"], byId.Placements.Select(link => link.Label));
        Assert.Equal(
            matched.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            all.Where(id => byId.RuleFor(_ => id) is not null).Select(id => id ?? "none"));
    }

    [Fact]
    public void Other_rules_stay()
    {
        var rule = new NamingRule(new Filter(FilterOperator.Is, Dimension.Named("app")!, ["Bio"]), null, null, Hide: true);

        Assert.Equal([rule], (Named with { Rules = [rule] }).ByPlacementId().Rules);
    }
}
