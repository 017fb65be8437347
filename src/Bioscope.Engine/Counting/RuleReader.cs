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
        if (Fields("body", body) is not { } fields || !fields.TryGetValue("rules", out var json) || json.ValueKind != JsonValueKind.Array)
        {
            if (!_problems.Has("body"))
            {
                _problems.Add("rules", "must be a list of rules.");
            }

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
        if (Fields(field, json) is not { } given)
        {
            _problems.Add(field, "must be an object with match and name or hide.");
            return null;
        }

        foreach (var key in given.Keys.Except(Keys))
        {
            _problems.AddUnknown(field, "key", key, Keys);
        }

        var match = Match($"{field}.match", Given(given, "match"));
        var name = Name($"{field}.name", Given(given, "name"));
        var channel = Channel($"{field}.channel", Given(given, "channel"));
        var hide = Hide($"{field}.hide", Given(given, "hide"));
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

    /// <summary>The fields of an object, of which the last one counts where a name is there twice; null where it is none.</summary>
    private Dictionary<string, JsonElement>? Fields(string field, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var fields = new Dictionary<string, JsonElement>();
        try
        {
            foreach (var property in json.EnumerateObject())
            {
                fields[property.Name] = property.Value;
            }

            return fields;
        }
        catch (InvalidOperationException)
        {
            // An escaped surrogate without its partner: valid JSON syntax, but not Unicode text.
            _problems.Add(field, "has a key that is not well-formed Unicode.");
            return null;
        }
    }

    private static JsonElement? Given(Dictionary<string, JsonElement> fields, string key) =>
        fields.TryGetValue(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
