using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;

namespace Bioscope.Server.Tests;

/// <summary>Random questions about random rows, compared with a recount that knows nothing of how they are answered.</summary>
public sealed class QueryModelTests
{
    private const int Queries = 250;

    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];
    private static readonly string[] Metrics = ["visits", "visitors", "views", "clicks", "clickers", "clickRate", "bounceRate", "visitDuration", "viewsPerVisit", "share"];
    private static readonly string[] Facts =
    [
        "source", "referrerDomain", "referrer", "utmSource", "utmMedium", "utmCampaign", "utmTerm", "utmContent", "clickId", "app", "country", "region", "city", "language",
        "device", "browser", "os", "visitorKind",
    ];

    private static readonly string[] Times = ["hour", "day", "week", "month", "hourOfDay", "weekday"];
    private static readonly string?[] Words = [null, "", "Ärger", "ärger", "a*b", "Instagram", "insta", "日本", "😀", "\uFFFD", "x"];
    private static readonly Guid[] Links = [.. Enumerable.Range(1, 4).Select(i => new Guid($"aaaaaaaa-0000-4000-8000-00000000000{i}"))];

    [Theory, Engines]
    public async Task Every_answer_equals_a_recount_of_the_rows(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var random = new Random(20261127);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var (sessions, views) = Rows(random, creator);
        var (others, othersViews) = Rows(random, other);
        await app.Analytics.InsertAsync(SessionRow.Table, [.. sessions, .. others], TestContext.Current.CancellationToken);
        await app.Analytics.InsertAsync(PageViewRow.Table, [.. views, .. othersViews], TestContext.Current.CancellationToken);
        var model = new QueryModel(sessions, views, app.Clock.GetUtcNow());
        var token = app.Token(creator);

        for (var i = 0; i < Queries; i++)
        {
            var query = Query(random);
            var expected = model.Answer(query).ToJsonString();
            using var answer = await app.QueryAsync(query.ToJsonString(), token);
            var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            Assert.True(
                JsonNode.DeepEquals(JsonNode.Parse(expected), body["data"]),
                $"Query {i}: {query.ToJsonString()}\nexpected {expected}\nanswered {body.ToJsonString()}");
        }
    }

    private static (List<SessionRow> Sessions, List<PageViewRow> Views) Rows(Random random, Creator creator)
    {
        // March and the first half of April 2026: clocks change in three of the zones.
        var from = TestApp.Start.AddDays(-50);
        string? Word() => Words[random.Next(Words.Length)];
        string?[] domains = [null, "", "l.instagram.com", "instagram.com", "news.example", "xn--bcher-kva.example"];
        var sessions = Enumerable.Range(0, 120).Select(_ =>
        {
            var domain = domains[random.Next(domains.Length)];
            return new SessionRow
            {
                BioPageId = creator.BioPageId,
                Id = Guid.NewGuid(),
                VisitorId = $"visitor {random.Next(40)}",
                ReferrerDomain = domain,
                Referrer = string.IsNullOrEmpty(domain) || random.Next(3) == 0 ? null : $"https://www.{domain}{(random.Next(2) == 0 ? "/" : "/a/B?q=1")}",
                Country = random.Next(2) == 0 ? null : "Germany",
                CountryCode = random.Next(2) == 0 ? "DE" : Word(),
                Region = Word(),
                City = Word(),
                Language = random.Next(2) == 0 ? "de" : null,
                Device = random.Next(2) == 0 ? "mobile" : null,
                Browser = Word(),
                Os = Word(),
                Attribution = new Attribution(Word(), Word(), Word(), Word(), Word(), Word()),
                InAppBrowser = Word(),
                // Some at the same instant: then the id decides which one is new.
                StartedAt = from.AddMilliseconds(random.Next(5) == 0 ? 86_400_000 : random.NextInt64(50 * 86_400_000L)),
                Duration = random.Next(3) * 30,
                PageViews = random.Next(4),
            };
        }).ToList();
        var views = Enumerable.Range(0, 300).Select(_ => new PageViewRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            SessionId = random.Next(10) == 0 ? new Guid($"bbbbbbbb-0000-4000-8000-00000000000{random.Next(5)}") : sessions[random.Next(sessions.Count)].Id,
            EnteredAt = from.AddMilliseconds(random.NextInt64(50 * 86_400_000L)),
            LinkClicked = random.Next(2) == 0 ? null : Links[random.Next(Links.Length)],
        }).ToList();
        return (sessions, views);
    }

    private static JsonObject Query(Random random)
    {
        var dimensions = Some(random, [.. Facts, .. Times, "link", "link", "source"], random.Next(3)).Distinct().ToArray();
        var metrics = dimensions.Contains("link") ? Some(random, ["visits", "clicks", "clickers", "share"], 1 + random.Next(4)) : Some(random, Metrics, 1 + random.Next(5));
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

        // In other zones a year before an instant by the local calendar may be another offset.
        if (query["compare"] is JsonValue year && (string)year! == "lastYear" && (query["range"] is JsonArray pair ? ((string)pair[0]!).Contains('T', StringComparison.Ordinal) : (string)query["range"]! == "24h"))
        {
            query["timeZone"] = "UTC";
        }

        if (dimensions is [var only] && Times.Contains(only) && random.Next(2) == 0)
        {
            query["fill"] = true;
        }

        return query;
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

    private static string[] Some(Random random, string[] of, int count) => [.. Enumerable.Range(0, count).Select(_ => of[random.Next(of.Length)])];

    private static JsonArray Array(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
