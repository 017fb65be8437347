using System.Text.Json;
using System.Text.Json.Nodes;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Json;
using NodaTime;
using NodaTime.Text;

namespace Bioscope.Server.Api.Sharing;

/// <summary>
/// What a shared view counts: <c>range</c>, <c>timeZone</c>, <c>filters</c> and <c>compare</c> as in a query. A named range moves along
/// with time; dates stay.
/// </summary>
/// <param name="Range">A named range, or dates.</param>
/// <param name="Zone">Determines the local days.</param>
/// <param name="Filters">All must hold.</param>
/// <param name="Comparison">Previous or last year; null for none.</param>
internal sealed record SharedQuestion(RangeRequest Range, DateTimeZone Zone, EquatableList<Filter> Filters, ComparisonKind? Comparison)
{
    /// <summary>The last 30 days, whole.</summary>
    public static SharedQuestion Usual { get; } = new(RangeRequest.Default, DateTimeZone.Utc, [], null);

    private static readonly string[] Keys = ["range", "timeZone", "filters", "compare"];

    /// <summary>Reads the object of a field; all that is wrong becomes a problem of the body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="field">The field, which may be absent.</param>
    /// <param name="usualZone">The zone of a question that names none.</param>
    public static SharedQuestion Read(JsonBody body, string field, DateTimeZone usualZone)
    {
        var problems = new QueryProblems();
        var question = Read(body.OptionalObject(field), problems, usualZone);
        foreach (var detail in problems.Details)
        {
            body.Refuse($"{field}.{detail.Field}", detail.Message.TrimEnd('.'));
        }

        return question;
    }

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    public static SharedQuestion Parse(string text)
    {
        using var json = JsonDocument.Parse(text);
        return Read(json.RootElement, new QueryProblems(), DateTimeZone.Utc);
    }

    /// <summary>The question as JSON, in the form of a query.</summary>
    public JsonObject ToJson()
    {
        var filters = Filters.Select(filter => (JsonNode)new JsonArray(
            [FilterReader.NameOf(filter.Operator), filter.Dimension.Name,
                .. filter.Values.Count == 0 ? (JsonNode[])[] : [new JsonArray([.. filter.Values.Select(value => (JsonNode)value)])]]));
        return new JsonObject
        {
            ["range"] = Range switch
            {
                RangeRequest.Dates dates =>
                    new JsonArray(LocalDatePattern.Iso.Format(dates.First), LocalDatePattern.Iso.Format(dates.Last)),
                RangeRequest.Named named => RangeName.All[(int)named.Name],
                _ => throw new InvalidOperationException("A shared view has no range of instants."),
            },
            ["timeZone"] = Zone.Id,
            ["filters"] = new JsonArray([.. filters]),
            ["compare"] = Comparison switch
            {
                ComparisonKind.Previous => "previous",
                ComparisonKind.LastYear => "lastYear",
                _ => null,
            },
        };
    }

    public string ToText() => ToJson().ToJsonString();

    private static SharedQuestion Read(JsonElement json, QueryProblems problems, DateTimeZone usualZone)
    {
        var (range, zone) = (RangeRequest.Default, usualZone);
        EquatableList<Filter> filters = [];
        ComparisonKind? comparison = null;
        foreach (var property in json.ValueKind == JsonValueKind.Object ? json.EnumerateObject() : default)
        {
            var (name, value) = (NameOf(property), property.Value);
            switch (name)
            {
                case "range" when value.ValueKind != JsonValueKind.Null:
                    range = RangeOf(value, problems) ?? range;
                    break;
                case "timeZone" when value.ValueKind != JsonValueKind.Null:
                    zone = problems.Zone(name, value) ?? zone;
                    break;
                case "filters" when value.ValueKind != JsonValueKind.Null:
                    filters = new FilterReader(problems).Filters("filters", value);
                    break;
                case "compare" when value.ValueKind != JsonValueKind.Null:
                    comparison = ComparisonOf(value, problems);
                    break;
                case "range" or "timeZone" or "filters" or "compare":
                    break;
                default:
                    problems.Add(name, $"is no key of it; allowed are {string.Join(", ", Keys)}.{QueryProblems.DidYouMean(name, Keys)}");
                    break;
            }
        }

        if (comparison is not null && range is RangeRequest.Named { Name: NamedRange.All })
        {
            problems.Add("compare", "must be absent with the range all, which has nothing before it");
        }

        return new SharedQuestion(range, zone, filters, comparison);
    }

    private static RangeRequest? RangeOf(JsonElement json, QueryProblems problems)
    {
        var range = new RangeReader(problems).Range("range", json);
        if (range is RangeRequest.Instants)
        {
            problems.Add("range", "must be a named range or two dates, not instants");
            return null;
        }

        return range;
    }

    private static ComparisonKind? ComparisonOf(JsonElement json, QueryProblems problems)
    {
        var comparison = new RangeReader(problems).Comparison("compare", json);
        if (comparison?.Kind == ComparisonKind.Range)
        {
            problems.Add("compare", "must be previous, lastYear or null");
            return null;
        }

        return comparison?.Kind;
    }

    private static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD"; // half of a surrogate pair
        }
    }
}
