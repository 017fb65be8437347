using System.Text.Json;
using System.Text.Json.Nodes;
using Bioscope.Engine.Counting;

namespace Bioscope.Server.Mcp;

/// <summary>
/// The arguments of the tools as JSON schemas: the fields of a query, with what is allowed, so that assistants ask right at once.
/// </summary>
internal static class McpSchema
{
    /// <summary>The maximum of rows in an answer.</summary>
    public const int MaxRows = 200;

    /// <summary>The rows where an assistant does not say how many.</summary>
    public const int DefaultRows = 50;

    private static readonly IReadOnlyList<string> Dimensions = [.. Dimension.All.Select(dimension => dimension.Name)];

    private static readonly IReadOnlyList<string> Operators =
        [.. Enum.GetNames<FilterOperator>().Select(JsonNamingPolicy.CamelCase.ConvertName)];

    /// <summary>All of a query's fields.</summary>
    public static JsonElement Query { get; } = Of(
        ["metrics"],
        ("metrics", List(Text(
            "What is counted. visits: sessions that began in the range; visitors: their distinct visitors; views: page views; " +
            "clicks: clicks on links; clickers: distinct visitors with a click; clickRate: clicks per 100 views; bounceRate: percent of " +
            "visits with fewer than two page views; visitDuration: seconds on average; viewsPerVisit; share: percent of all visits. " +
            "An answer has them in this order.",
            MetricName.All), 1, MetricName.All.Count)),
        ("dimensions", List(Text(
            "What the rows are grouped by: none for totals only, up to two. source is the named source such as Instagram; referrerDomain " +
            "the raw one; rung is how the source is known; link is a link's id and goes with visits, clicks, clickers and share only; " +
            "visitorKind is new or returning; hour, day, week, month are local times, hourOfDay is 0 to 23, weekday 1 (Monday) to 7.",
            Dimensions), 0, QueryRequest.MaxDimensions)),
        ("range", Range()), ("timeZone", TimeZone()), ("filters", Filters()),
        ("compare", Either(
            "What each row is compared with: the same length right before, the same dates one year earlier, or two dates.",
            Text(null, ["previous", "lastYear"]), Pair("Two dates or instants."))),
        ("orderBy", List(Pair("A metric or dimension of this query, and asc or desc."), 0, 3)),
        ("limit", Limit()), ("offset", Offset()),
        ("fill", new JsonObject
        {
            ["type"] = "boolean",
            ["description"] = "true: with one time dimension, times without visits are rows with zeros.",
        }));

    /// <summary>Range, zone and filters, and which rows.</summary>
    public static JsonElement Rows { get; } = Of(
        [], ("range", Range()), ("timeZone", TimeZone()), ("filters", Filters()), ("limit", Limit()), ("offset", Offset()));

    /// <summary>Days back from now.</summary>
    public static JsonElement Days { get; } = Of([], ("days", Whole("How many days back from now, 30 if absent.", 1, Core.Days.Max)));

    /// <summary>The names of a schema's arguments.</summary>
    public static IReadOnlyList<string> ArgumentsOf(JsonElement schema) =>
        [.. schema.GetProperty("properties").EnumerateObject().Select(argument => argument.Name)];

    private static JsonElement Of(string[] required, params (string Name, JsonObject Schema)[] arguments)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(
                [.. arguments.Select(argument => KeyValuePair.Create(argument.Name, (JsonNode?)argument.Schema))]),
            ["required"] = Names(required),
            ["additionalProperties"] = false,
        };
        using var document = JsonDocument.Parse(schema.ToJsonString());
        return document.RootElement.Clone();
    }

    private static JsonObject Range() => Either(
        "The time; the last 30 days if absent. Names are whole days in the time zone and end with today, except yesterday, lastMonth, " +
        "lastYear and 24h.",
        Text(null, RangeName.All),
        Pair("First and last date such as 2026-04-01, both included; or two instants such as 2026-04-01T00:00:00Z, the second excluded."));

    private static JsonObject TimeZone() => Text("IANA name such as Europe/Berlin; the page's own if absent.", null);

    private static JsonObject Filters() => new()
    {
        ["type"] = "array",
        ["maxItems"] = QueryRequest.MaxFilters,
        ["description"] =
            "All must hold. Each is [operator, dimension, [values]], such as [\"is\", \"source\", [\"Instagram\", \"TikTok\"]]; " +
            $"isNull and isNotNull have no values. Operators: {string.Join(", ", Operators)}. " +
            $"Dimensions: {string.Join(", ", Dimensions)}. country is an ISO code such as DE; device is mobile, tablet or desktop.",
        ["items"] = new JsonObject { ["type"] = "array", ["minItems"] = 2, ["maxItems"] = 3 },
    };

    private static JsonObject Limit() => Whole($"How many rows, {DefaultRows} if absent.", 1, MaxRows);

    private static JsonObject Offset() => Whole("How many rows to leave out before them.", 0, 1_000_000);

    private static JsonObject Whole(string description, int min, int max) =>
        new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max, ["description"] = description };

    private static JsonObject Text(string? description, IReadOnlyList<string>? allowed)
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (allowed is not null)
        {
            schema["enum"] = Names(allowed);
        }

        if (description is not null)
        {
            schema["description"] = description;
        }

        return schema;
    }

    private static JsonObject Pair(string description) => new()
    {
        ["type"] = "array",
        ["items"] = Text(null, null),
        ["minItems"] = 2,
        ["maxItems"] = 2,
        ["description"] = description,
    };

    private static JsonObject List(JsonObject items, int min, int max)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = items, ["minItems"] = min, ["maxItems"] = max };
        if (items["description"] is { } description)
        {
            items.Remove("description");
            schema["description"] = description;
        }

        return schema;
    }

    private static JsonObject Either(string description, JsonObject one, JsonObject other) =>
        new() { ["description"] = description, ["anyOf"] = new JsonArray(one, other) };

    private static JsonArray Names(IReadOnlyList<string> names) => new([.. names.Select(name => (JsonNode?)JsonValue.Create(name))]);
}
