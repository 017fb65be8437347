using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Bioscope.Server.Tests.Support;

/// <summary>Random queries of the whole grammar.</summary>
internal static class RandomQuery
{
    /// <summary>Links that filters name.</summary>
    public static readonly Guid[] Links = [.. Enumerable.Range(1, 4).Select(i => new Guid($"aaaaaaaa-0000-4000-8000-00000000000{i}"))];

    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];
    private static readonly string[] Metrics = ["visits", "visitors", "views", "clicks", "clickers", "clickRate", "bounceRate",
        "visitDuration", "viewsPerVisit", "share"];
    private static readonly string[] Facts =
    [
        "source", "channel", "rung", "placement", "referrerDomain", "referrer", "utmSource", "utmMedium", "utmCampaign", "utmTerm", "utmContent", "clickId", "app", "page",
        "country", "region", "city", "language",
        "device", "browser", "os", "visitorKind",
    ];

    private static readonly string[] Times = ["hour", "day", "week", "month", "hourOfDay", "weekday"];
    /// <summary>A valid query.</summary>
    public static JsonObject Of(Random random)
    {
        var dimensions = Some(random, [.. Facts, .. Times, "link", "link", "source"], random.Next(3)).Distinct().ToArray();
        var metrics = dimensions.Contains("link") ? Some(
            random, ["visits", "clicks", "clickers", "share"], 1 + random.Next(4)) : Some(random, Metrics, 1 + random.Next(5));
        metrics = [.. metrics.Distinct()];
        var query = new JsonObject
        {
            ["range"] = Range(random),
            ["timeZone"] = Zones[random.Next(Zones.Length)],
            ["metrics"] = Array(metrics),
            ["dimensions"] = Array(dimensions),
            ["filters"] = new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Filter(random))]),
        };
        if (random.Next(3) == 0)
        {
            query["limit"] = 1 + random.Next(5);
            query["offset"] = random.Next(4);
        }

        if (random.Next(3) == 0)
        {
            query["orderBy"] = new JsonArray([.. Some(random, [.. metrics, .. dimensions], 1 + random.Next(2)).Distinct()
                .Select(name => (JsonNode)new JsonArray(name, random.Next(2) == 0 ? "asc" : "desc"))]);
        }

        if (random.Next(3) == 0 && !(query["range"] is JsonValue name && (string)name! == "all"))
        {
            query["compare"] = random.Next(3) switch { 0 => "previous", 1 => "lastYear", _ => new JsonArray("2026-03-01", "2026-03-20") };
        }

        // In other zones, the instant a year earlier by the local calendar may have another offset.
        if (query["compare"] is JsonValue year && (string)year! == "lastYear"
            && (query["range"] is JsonArray pair ? ((string)pair[0]!).Contains('T', StringComparison.Ordinal) : (string)query["range"]! == "24h"))
        {
            query["timeZone"] = "UTC";
        }

        if (dimensions is [var only] && Times.Contains(only) && random.Next(2) == 0)
        {
            query["fill"] = true;
        }

        return query;
    }

    /// <summary>A range between two instants.</summary>
    public static JsonArray InstantRange(Random random, DateTimeOffset from, DateTimeOffset until)
    {
        var milliseconds = (long)(until - from).TotalMilliseconds;
        long[] ends = [random.NextInt64(milliseconds), random.NextInt64(milliseconds)];
        return new JsonArray([.. ends.Order().Select(end => (JsonNode)from.AddMilliseconds(end).ToString("O", CultureInfo.InvariantCulture))]);
    }

    private static JsonNode Range(Random random) => random.Next(4) switch
    {
        0 => new JsonArray("2026-03-02", "2026-04-06"),
        1 => new JsonArray("2026-03-28T23:30:00.5Z", "2026-04-05T12:00:00+05:30"),
        _ => Some(random, ["today", "yesterday", "7d", "30d", "90d", "24h", "week", "month", "year", "lastMonth", "lastYear", "all"], 1)[0],
    };

    private static JsonArray Filter(Random random)
    {
        var dimension = Some(random, [.. Facts, .. Times, "link", "link", "link"], 1)[0];
        var pool = dimension switch
        {
            "link" => Links.Select(link => link.ToString()).ToArray(),
            "weekday" => ["1", "2", "7"],
            "hourOfDay" => ["0", "13", "23"],
            "hour" => ["2026-03-29T01:00"],
            "day" or "week" => ["2026-03-30", "2026-04-06"],
            "month" => ["2026-03-01"],
            "visitorKind" => ["new", "returning"],
            "country" => ["DE", "Germany"],
            _ => ["Instagram", "direct", "Direct / None", "l.instagram.com", "mobile", "de", "Ärger", "日本", "a*b", "x"],
        };
        var @operator = Some(random, ["is", "isNot", "contains", "containsNot", "matches", "isNull", "isNotNull"], 1)[0];
        if (@operator is "isNull" or "isNotNull")
        {
            return new JsonArray(@operator, dimension);
        }

        var values = Some(random, pool, 1 + random.Next(3)).Distinct().Select(value => @operator switch
        {
            "contains" or "containsNot" => value[(value.Length / 2)..].ToUpperInvariant(),
            "matches" => random.Next(2) == 0 ? value : "*" + value[^1..],
            _ => value,
        }).Where(value => value.EnumerateRunes().All(rune => rune != Rune.ReplacementChar));
        return new JsonArray(@operator, dimension, Array(values));
    }

    private static string[] Some(Random random, string[] of, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => of[random.Next(of.Length)])];

    private static JsonArray Array(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
