using System.Text.Json;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class RuleReaderTests
{
    private const string Match = """["is","utmSource",["zine"]]""";

    private static readonly Filter Zine = new(FilterOperator.Is, Dimension.Named("utmSource")!, ["zine"]);

    // A rule, and each problem with its field.
    public static TheoryData<string, string[]> Wrong { get; } = new()
    {
        { "7", ["rules[0] must be an object with match and name or hide."] },
        { "null", ["rules[0] must be an object with match and name or hide."] },
        { """{"name":"A"}""", ["rules[0].match must be [operator, dimension, [values]]."] },
        { """{"match":null,"name":"A"}""", ["rules[0].match must be [operator, dimension, [values]]."] },
        { $$"""{"match":{{Match}}}""", ["rules[0] must have a name, or hide."] },
        { $$"""{"match":{{Match}},"hide":false}""", ["rules[0] must have a name, or hide."] },
        { $$"""{"match":{{Match}},"name":null,"hide":null}""", ["rules[0] must have a name, or hide."] },
        { $$"""{"match":{{Match}},"name":1}""", ["rules[0].name must be a text."] },
        { $$"""{"match":{{Match}},"name":" \t"}""", ["rules[0].name must be one line of 1 to 100 characters."] },
        { $$"""{"match":{{Match}},"name":"a\nb"}""", ["rules[0].name must be one line of 1 to 100 characters."] },
        { $$"""{"match":{{Match}},"name":"{{new string('a', 101)}}"}""", ["rules[0].name must be one line of 1 to 100 characters."] },
        { $$"""{"match":{{Match}},"hide":"yes"}""", ["rules[0].hide must be true or false."] },
        { $$"""{"match":{{Match}},"name":"A","channel":7}""", ["rules[0].channel must be a text."] },
        {
            $$"""{"match":{{Match}},"name":"A","channel":"Emails"}""",
            [$"rules[0].channel has no channel \"Emails\"; allowed are {string.Join(", ", Channel.All)}. Did you mean \"Email\"?"]
        },
        {
            """{"match":["is","country",["DE"]],"name":"A"}""",
            [
                "rules[0].match has no stored fact \"country\"; allowed are referrerDomain, referrer, utmSource, utmMedium, utmCampaign, utmTerm, "
                    + "utmContent, clickId, app, placement.",
            ]
        },
        {
            $$"""{"match":{{Match}},"nam":"A"}""",
            ["rules[0] has no key \"nam\"; allowed are match, name, channel, hide. Did you mean \"name\"?"]
        },
        {
            """{"match":["was","utmSource",["zine"]],"name":1,"channel":2,"hide":3}""",
            ["rules[0].match", "rules[0].name", "rules[0].channel", "rules[0].hide"]
        },
    };

    // Valid JSON, but not Unicode text.
    public static TheoryData<string, QueryDetail> Halves { get; } = new()
    {
        { """{"\ud800":1,"rules":[]}""", new("body", "has a key that is not well-formed Unicode.") },
        { """{"rules":[{"\ud800":1}]}""", new("rules[0]", "has a key that is not well-formed Unicode.") },
        { """{"rules":[{"n\ud800me":1,"hide":true}]}""", new("rules[0]", "has a key that is not well-formed Unicode.") },
        {
            $$"""{"rules":[{"match":{{Match}},"name":"\ud800"}]}""",
            new("rules[0].name", "must be well-formed Unicode, without half of a surrogate pair.")
        },
    };

    public static TheoryData<string> Facts => [.. NamingRule.Dimensions];

    [Fact]
    public void Rules_are_read_in_their_order()
    {
        var (rules, details) = Read($$"""
            {"rules":[{"match":{{Match}},"name":" My zine ","channel":"Email"},
             {"match":{{Match}},"hide":true},
             {"match":{{Match}},"name":"tiktok","channel":null,"hide":false},
             {"match":{{Match}},"name":"Both","hide":true}]}
            """);

        Assert.Empty(details);
        Assert.Equal(
            [
                new NamingRule(Zine, "My zine", "Email", Hide: false),
                new NamingRule(Zine, null, null, Hide: true),
                new NamingRule(Zine, "TikTok", null, Hide: false), // a known source has its own spelling
                new NamingRule(Zine, "Both", null, Hide: true),
            ],
            rules!);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Each_field_says_what_is_wrong(string rule, string[] problems)
    {
        var (rules, details) = Read($$"""{"rules":[{{rule}}]}""");

        Assert.Null(rules);
        string[] found = [.. details.Select(detail => problems.Length == 1 ? $"{detail.Field} {detail.Message}" : detail.Field)];
        Assert.Equal(problems, found);
    }

    [Theory]
    [MemberData(nameof(Halves))]
    public void Half_of_a_surrogate_pair_is_said_as_a_problem(string body, QueryDetail problem) =>
        Assert.Equal([problem], Read(body).Details);

    [Fact]
    public void Of_a_key_that_is_there_twice_the_last_one_counts() => Assert.Equal(
        [new NamingRule(Zine, "B", null, Hide: false)],
        Read($$"""{"rules":7,"rules":[{"name":"A","match":{{Match}},"name":"B"}]}""").Rules!);

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"rules":{}}""")]
    [InlineData("""{"rules":null}""")]
    public void Rules_are_a_list(string body)
    {
        var (rules, details) = Read(body);

        Assert.Null(rules);
        Assert.Equal([new QueryDetail("rules", "must be a list of rules.")], details);
    }

    [Fact]
    public void There_are_at_most_200_rules()
    {
        Assert.Equal(200, Read(Of(200)).Rules!.Count);
        Assert.Equal([new QueryDetail("rules", "must be at most 200, not 201.")], Read(Of(201)).Details);
        Assert.Empty(Read(Of(0)).Rules!);

        static string Of(int count) =>
            $$"""{"rules":[{{string.Join(",", Enumerable.Repeat($$"""{"match":{{Match}},"hide":true}""", count))}}]}""";
    }

    [Fact]
    public void A_name_of_100_characters_is_read()
    {
        var name = new string('a', 100);

        Assert.Equal(name, Read($$"""{"rules":[{"match":{{Match}},"name":" {{name}} "}]}""").Rules![0].Name);
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public void A_rule_may_look_at_any_stored_fact(string fact) =>
        Assert.Equal(fact, Read($$"""{"rules":[{"match":["isNull","{{fact}}"],"hide":true}]}""").Rules![0].Match.Dimension.Name);

    private static (EquatableList<NamingRule>? Rules, EquatableList<QueryDetail> Details) Read(string json) =>
        RuleReader.Read(JsonDocument.Parse(json).RootElement);
}
