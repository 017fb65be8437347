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

    [Fact]
    public void The_first_rule_that_matches_acts()
    {
        var (app, source) = (Dimension.Named("app")!, Dimension.Named("utmSource")!);
        NamingRule byApp = new(new Filter(FilterOperator.Is, app, ["Instagram"]), "A", null, Hide: false);
        NamingRule bySource = new(new Filter(FilterOperator.IsNotNull, source, []), "B", null, Hide: false);
        var naming = Named with { Rules = [byApp, bySource] };

        Assert.Same(byApp, naming.RuleFor(_ => "Instagram"));
        Assert.Same(bySource, naming.RuleFor(dimension => dimension == source ? "zine" : null));
        Assert.Null(naming.RuleFor(_ => null));
        // A copy with other rules goes by those.
        Assert.Same(bySource, (naming with { Rules = [bySource] }).RuleFor(_ => "Instagram"));
    }

    [Theory]
    [InlineData("2", "TikTok")]
    [InlineData("4", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_placement_link_is_found_by_its_id(string? id, string? source) => Assert.Equal(source, Named.Placement(id)?.Source);

    [Fact]
    public void Visits_are_hidden_by_a_rule_or_as_spam()
    {
        var rule = new NamingRule(new Filter(FilterOperator.Is, Dimension.Named("app")!, ["x"]), "X", null, Hide: false);

        Assert.False(Named.Hides);
        Assert.False((Named with { Rules = [rule] }).Hides);
        Assert.True((Named with { Rules = [rule, rule with { Hide = true }] }).Hides);
        Assert.True((Named with { HidesSpam = true }).Hides);
    }

    [Fact]
    public void Only_rules_by_the_referrers_path_need_it()
    {
        var (byPath, byDomain) = (RuleBy("referrer"), RuleBy("referrerDomain"));

        Assert.True((Named with { Rules = [byDomain, byPath] }).LooksAtReferrers);
        Assert.False((Named with { Rules = [byDomain] }).LooksAtReferrers);
        Assert.True((Named with { Next = Named with { Rules = [byPath] } }).LooksAtReferrers);
        Assert.False((Named with { Next = Named with { Rules = [byDomain] } }).LooksAtReferrers);
    }

    [Fact]
    public void Two_that_say_the_same_are_equal()
    {
        Naming[] different =
        [
            Named, Naming.None, Named with { HidesSpam = true }, Named with { Rules = [RuleBy("app")] },
            Named with { Rules = [RuleBy("referrer")] }, Named with { Rules = [RuleBy("app"), RuleBy("referrer")] }, Named with { Next = Named },
        ];

        Assert.All(different, one => Assert.Same(one, different.Single(one.Equals)));
        var copy = different[5] with { Rules = [RuleBy("app"), RuleBy("referrer")], Placements = [.. Named.Placements] };
        Assert.Equal(different[5], copy);
        Assert.Equal(different[5].GetHashCode(), copy.GetHashCode());
        Assert.False(Named.Equals(null));
    }

    [Fact]
    public void A_changed_copy_keeps_the_rest()
    {
        var full = Named with { HidesSpam = true, Rules = [RuleBy("app")], Next = Naming.None };

        var copy = full with { Rules = [RuleBy("referrer")] };

        Assert.Equal((Named.Placements, true, Naming.None), (copy.Placements, copy.HidesSpam, copy.Next));
        Assert.Equal([RuleBy("app")], (full with { HidesSpam = false }).Rules);
    }

    // Many questions stand in one table by it.
    [Fact]
    public void The_hash_tells_how_much_is_said_and_the_first_name() => Assert.Equal(
        4,
        new[] { Naming.None, Named, Named with { Rules = [RuleBy("app")] }, Named with { Rules = [RuleBy("app") with { Name = "Y" }] } }
            .Select(naming => naming.GetHashCode()).Distinct().Count());

    private static NamingRule RuleBy(string dimension) =>
        new(new Filter(FilterOperator.Is, Dimension.Named(dimension)!, ["x"]), "X", null, Hide: false);
}
