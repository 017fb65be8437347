using System.Text.Json;
using Bioscope.Core;
using static System.FormattableString;

namespace Bioscope.Engine.Counting;

/// <summary>Reads a creator's rules from JSON: <c>{"rules":[{"match":[…],"name":…,"channel":…,"hide":…}]}</c>.</summary>
public sealed class RuleReader
{
    private static readonly string[] Keys = ["match", "name", "channel", "hide"];

    private readonly QueryProblems _problems = new();

    private RuleReader()
    {
    }

    /// <returns>The rules, or what is wrong with them: one detail for each field.</returns>
    public static (EquatableList<NamingRule>? Rules, EquatableList<QueryDetail> Details) Read(JsonElement body)
    {
        var reader = new RuleReader();
        var rules = reader.Rules(body);
        var details = reader._problems.Details;
        return details.Count == 0 ? (rules, details) : (null, details);
    }

    private EquatableList<NamingRule> Rules(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("rules", out var json) || json.ValueKind != JsonValueKind.Array)
        {
            _problems.Add("rules", "must be a list of rules.");
            return [];
        }

        if (json.GetArrayLength() > NamingRule.MaxRules)
        {
            _problems.Add("rules", Invariant($"must be at most {NamingRule.MaxRules}, not {json.GetArrayLength()}."));
            return [];
        }

        return [.. json.EnumerateArray().Select((rule, i) => Rule(Invariant($"rules[{i}]"), rule)).OfType<NamingRule>()];
    }

    private NamingRule? Rule(string field, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            _problems.Add(field, "must be an object with match and name or hide.");
            return null;
        }

        foreach (var property in json.EnumerateObject().Where(property => !Keys.Contains(property.Name)))
        {
            _problems.AddUnknown(field, "key", property.Name, Keys);
        }

        var match = Match($"{field}.match", Given(json, "match"));
        var name = Name($"{field}.name", Given(json, "name"));
        var channel = Channel($"{field}.channel", Given(json, "channel"));
        var hide = Hide($"{field}.hide", Given(json, "hide"));
        if (name is null && !hide && !_problems.Has($"{field}.name") && !_problems.Has($"{field}.hide"))
        {
            _problems.Add(field, "must have a name, or hide.");
        }

        return match is null ? null : new NamingRule(match, name, channel, hide);
    }

    private Filter? Match(string field, JsonElement? json)
    {
        if (new FilterReader(_problems).Read(field, json ?? default) is not { } filter)
        {
            return null;
        }

        if (!NamingRule.Dimensions.Contains(filter.Dimension.Name))
        {
            _problems.AddUnknown(field, "stored fact", filter.Dimension.Name, [.. NamingRule.Dimensions]);
            return null;
        }

        return filter;
    }

    private string? Name(string field, JsonElement? json)
    {
        if (json is not { } given || _problems.Text(field, given, "must be a text.") is not { } text)
        {
            return null;
        }

        var name = text.Trim();
        if (name.Length is 0 or > NamingRule.MaxName || name.Any(char.IsControl))
        {
            _problems.Add(field, Invariant($"must be one line of 1 to {NamingRule.MaxName} characters."));
            return null;
        }

        return SourceName.Named(name)?.Name ?? name;
    }

    private string? Channel(string field, JsonElement? json)
    {
        if (json is not { } given || _problems.Text(field, given, "must be a text.") is not { } channel)
        {
            return null;
        }

        if (Core.Channel.All.Contains(channel))
        {
            return channel;
        }

        _problems.AddUnknown(field, "channel", channel, [.. Core.Channel.All]);
        return null;
    }

    private bool Hide(string field, JsonElement? json)
    {
        if (json is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) })
        {
            _problems.Add(field, "must be true or false.");
        }

        return json is { ValueKind: JsonValueKind.True };
    }

    private static JsonElement? Given(JsonElement json, string key) =>
        json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
