using System.Text.Json;
using System.Text.Json.Nodes;
using Bioscope.Engine.Counting;
using Bioscope.Server.Translations;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>The form that renames or hides what makes a source.</summary>
/// <param name="Source">The source it was opened for.</param>
/// <param name="Facts">The ticked facts, as <see cref="SourceFact.Text"/>.</param>
/// <param name="Hides">Whether their visits shall be hidden, else renamed.</param>
/// <param name="Name">The new name.</param>
/// <param name="Channel">The new channel; empty for the one that follows from the name.</param>
internal sealed record RuleForm(string Source, EquatableList<string> Facts, bool Hides, string Name, string Channel)
{
    public static RuleForm Of(IFormCollection form) => new(
        form["source"].ToString(), [.. form["fact"].OfType<string>().Distinct()], form["act"] == "hide", form["name"].ToString(),
        form["channel"].ToString());

    /// <summary>The form before anything is entered.</summary>
    public static RuleForm Opened(SourceFacts facts) => new(facts.Source, [.. facts.Facts.Select(fact => fact.Text)], false, "", "");

    /// <summary>
    /// The page's rules with those of the form before them, so that they win. Older rules that would have nothing left to act on are left
    /// out.
    /// </summary>
    /// <returns>No rules, and what is wrong, where the form is not complete.</returns>
    public (EquatableList<NamingRule>? Rules, string? Problem) Before(EquatableList<NamingRule> rules, Words words)
    {
        var texts = new RulesWords(words);
        if (Facts.Count == 0)
        {
            return (null, texts.TickOne);
        }

        using var json = JsonDocument.Parse(new JsonObject { ["rules"] = New() }.ToJsonString());
        var (added, details) = RuleReader.Read(json.RootElement);
        if (added is null)
        {
            if (!Hides && details.All(detail => detail.Field.EndsWith(".name", StringComparison.Ordinal)))
            {
                return (null, texts.NameLength(words.Language.Number(NamingRule.MaxName)));
            }

            // Only of a form that is not ours. A detail begins with the field, which is the same for each of the rules: rules[0].name.
            return (null, string.Join(", ", details.Select(detail => $"{detail.Field.Split('.')[^1]} {detail.Message.TrimEnd('.')}").Distinct()));
        }

        EquatableList<NamingRule> all = [.. added, .. rules.Where(rule => !added.Any(other => Covers(other.Match, rule.Match)))];
        return all.Count <= NamingRule.MaxRules ? (all, null)
            : (null, texts.TooMany(words.Language.Number(rules.Count), words.Language.Number(NamingRule.MaxRules)));
    }

    /// <summary>One rule for each dimension of the ticked facts.</summary>
    private JsonArray New() => new([.. Facts
        .Select(fact => fact.Split(':', 2))
        .GroupBy(fact => fact[0], fact => fact[^1])
        .Select(facts => new JsonObject
        {
            ["match"] = new JsonArray("is", facts.Key, new JsonArray([.. facts.Select(value => (JsonNode)value)])),
            ["name"] = Hides ? null : Name,
            ["channel"] = Hides || Channel.Length == 0 ? null : Channel,
            ["hide"] = Hides,
        })]);

    private static bool Covers(Filter first, Filter later) =>
        later.Operator == FilterOperator.Is && later.Dimension == first.Dimension && later.Values.All(first.Values.Contains);
}
