using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

/// <summary>What a visit was by some rules, and what it becomes by others.</summary>
public sealed class RuleResultTests
{
    private static readonly NamingRule Renames = Rule("instagram.com") with { Name = "Mine" };
    private static readonly NamingRule Moves = Rule("instagram.com") with { Name = "Instagram", Channel = "Email" };
    private static readonly NamingRule Hides = Rule("instagram.com") with { Hide = true };
    private static readonly NamingRule Other = Rule("tiktok.com") with { Name = "Other" };

    public static TheoryData<NamingRule[], NamingRule[], string?, string?> Changes { get; } = new()
    {
        { [], [Renames], "Organic Social\nInstagram", "Organic Social\nMine" },
        { [Renames], [], "Organic Social\nMine", "Organic Social\nInstagram" },
        { [Renames], [Moves, Renames], "Organic Social\nMine", "Email\nInstagram" },
        { [], [Moves], "Organic Social\nInstagram", "Email\nInstagram" },
        { [Other], [Other, Hides], "Organic Social\nInstagram", "hidden" },
        { [Hides], [Renames, Hides], "hidden", "Organic Social\nMine" },
        // The same result by another rule is no change.
        { [], [Rule("instagram.com") with { Name = "Instagram" }], null, null },
        { [Hides], [Hides with { Name = "Mine" }], null, null },
        { [Renames], [Renames, Hides], null, null },
        { [Renames], [Other, Renames], null, null },
        { [], [], null, null },
    };

    [Theory, MemberData(nameof(Changes))]
    public void Only_what_other_rules_change_is_a_change(NamingRule[] from, NamingRule[] to, string? was, string? becomes)
    {
        var kept = new string?[FactSet.Origin.Columns.Count];
        kept[0] = "instagram.com";
        var naming = Naming.None with { Rules = [.. from], Next = Naming.None with { Rules = [.. to] } };

        Assert.Equal(was, Dimension.Was.ValueOf(kept, naming));
        Assert.Equal(becomes, Dimension.Becomes.ValueOf(kept, naming));
        // Without other rules there is nothing to compare with.
        Assert.Null(Dimension.Was.ValueOf(kept, naming with { Next = null }));
    }

    [Fact]
    public void A_result_is_read_from_its_text()
    {
        foreach (var result in (RuleResult[])[RuleResult.Hidden, new("hidden", "Email"), new("two\nlines", "Direct")])
        {
            Assert.Equal(result, RuleResult.Of(result.Text));
        }
    }

    [Fact]
    public void The_acting_rule_is_the_first_that_matches()
    {
        var kept = new string?[FactSet.Origin.Columns.Count];
        kept[0] = "instagram.com";

        Assert.Equal("1", Dimension.Rule.ValueOf(kept, Naming.None with { Rules = [Other, Hides, Renames] }));
        Assert.Null(Dimension.Rule.ValueOf(kept, Naming.None with { Rules = [Other] }));
    }

    [Fact]
    public void Other_rules_may_look_at_the_referrers_path()
    {
        var rule = Rule("x") with { Match = new Filter(FilterOperator.Contains, Dimension.Named("referrer")!, ["/spring"]), Name = "Spring" };
        var naming = Naming.None with { Next = Naming.None with { Rules = [rule] } };

        Assert.True(naming.LooksAtReferrers);
        Assert.NotEqual(naming, Naming.None);
        Assert.Equal("Spring", RuleResult.Of(Dimension.Becomes.ValueOf(
            [.. new string?[FactSet.Origin.Columns.Count], "https://a.example/spring"], naming)!).Source);
    }

    [Fact]
    public void A_question_about_hidden_visits_counts_them()
    {
        var naming = Naming.None with { HidesSpam = true };
        var asked = Asked(new Filter(FilterOperator.IsNotNull, Dimension.Hidden, []));

        Assert.Equal(FilterOperator.IsNotNull, Assert.Single(asked.Filters).Operator);
        Assert.False(asked.Hides);
        Assert.Equal(asked, asked.WithoutHiding());
        Assert.False(Asked(new Filter(FilterOperator.IsNotNull, Dimension.Was, [])).Hides);
        Assert.True(Asked().Hides);
        Assert.Empty(Asked().WithoutHiding().Filters);

        CountQuery Asked(params Filter[] filters) =>
            CountQuery.Canonical(Guid.Empty, new InstantRange(0, 1), NodaTime.DateTimeZone.Utc, [], filters, [Metric.Visits], naming);
    }

    private static NamingRule Rule(string domain) =>
        new(new Filter(FilterOperator.Is, Dimension.Named("referrerDomain")!, [domain]), null, null, false);
}
