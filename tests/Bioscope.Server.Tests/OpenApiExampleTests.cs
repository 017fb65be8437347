using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bioscope.Server.Configuration;
using Bioscope.Server.Docs;

namespace Bioscope.Server.Tests;

/// <summary>
/// Calls every operation of the document as in its example, and in every way that can fail: each actual response must be documented, and
/// each documented response must occur.
/// </summary>
public sealed partial class OpenApiExampleTests
{
    private static readonly ApiDocument Document = new(sharedOwnership: false);

    public static TheoryData<string> Operations => [.. Document.Operations().Select(entry => (string)entry.Operation["operationId"]!)];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Responses_match_the_documented_examples(string id)
    {
        await using var world = await OpenApiWorld.StartAsync();
        var call = OpenApiCall.Of(Document, id);

        using var response = await world.SendAsync(call);

        var (status, documented) = call.Responses.First();
        Assert.Equal(status, (int)response.StatusCode);
        await AssertFitsAsync(documented, response);
        var limit = call.Operation["x-limit"] is { } text ? ((string)text!).Split(' ')[0] : null;
        Assert.Equal(limit, response.Headers.TryGetValues("X-RateLimit-Limit", out var given) ? given.Single() : null);
        if (documented["content"]?.AsObject().First().Value is JsonObject content && content.ContainsKey("example"))
        {
            var example = Assert.IsType<JsonNode>(content["example"], exactMatch: false);
            Assert.Equal(Comparable(example), Comparable(await BodyAsync(response)));
        }

        // the body was JSON above
        foreach (var (media, _) in call.Body is null
            ? [] : call.Operation["requestBody"]!["content"]!.AsObject().Where(content => content.Key != call.ContentType))
        {
            using var again = await world.SendAsync(call with { ContentType = media });
            Assert.Equal((media, status), (media, (int)again.StatusCode));
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Exactly_the_documented_errors_occur(string id)
    {
        await using var world = await OpenApiWorld.StartAsync();
        var call = OpenApiCall.Of(Document, id);
        var seen = new HashSet<(int, string?)>();

        foreach (var attack in call.Attacks())
        {
            using var response = await world.SendAsync(attack);
            var status = (int)response.StatusCode;
            Assert.True(
                call.Responses.ContainsKey(status),
                $"{attack}: {status} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
            await AssertFitsAsync(call.Responses[status], response);
            seen.Add((status, status >= 400 ? (string?)(await BodyAsync(response))!["error"]!["i18nKey"] : null));
        }

        // Rate limits and unavailable databases are tested separately, below.
        var documented = call.Responses.Where(response => response.Key is not (429 or 503)).SelectMany(Cases);
        Assert.Equal(documented.Order(), seen.Where(one => one.Item1 is not (429 or 503)).Order());
    }

    [Fact]
    public async Task Documented_429s_occur()
    {
        var tight = Setting.All.Where(
            setting => setting.Key.StartsWith("Throttle:", StringComparison.Ordinal)
                && int.TryParse(setting.Default, CultureInfo.InvariantCulture, out _));
        await using var world = await OpenApiWorld.StartAsync([.. tight.Select(setting => (setting.Key, "1"))]);
        var refused = new List<string>();
        foreach (var id in Operations.Select(row => row.Data))
        {
            var call = OpenApiCall.Of(Document, id);
            await world.SendAsync(call, later: true);
            using var response = await world.SendAsync(call, later: false);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                refused.Add(id);
                await AssertFitsAsync(call.Responses[429], response);
            }
        }

        Assert.Equal(Documenting(429), refused);
    }

    [Fact]
    public async Task Documented_503s_occur()
    {
        await using var world = await OpenApiWorld.StartAsync();
        await world.BreakDatabasesAsync();
        var unavailable = new List<string>();
        foreach (var id in Operations.Select(row => row.Data))
        {
            var call = OpenApiCall.Of(Document, id);
            using var response = await world.SendAsync(call);
            Assert.True(call.Responses.ContainsKey((int)response.StatusCode), $"{id}: {response.StatusCode}");
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                unavailable.Add(id);
                await AssertFitsAsync(call.Responses[503], response);
            }
        }

        Assert.Equal(Documenting(503), unavailable);
    }

    private static List<string> Documenting(int status) =>
        [.. Operations.Select(row => row.Data).Where(id => OpenApiCall.Of(Document, id).Responses.ContainsKey(status))];

    private static IEnumerable<(int, string?)> Cases(KeyValuePair<int, JsonObject> response) =>
        response.Value["content"]?.AsObject().First().Value!["examples"] is JsonObject examples
            ? examples.Select(example => (response.Key, (string?)example.Value!["value"]!["error"]!["i18nKey"]))
            : [(response.Key, null)];

    /// <summary>The response has the documented headers, media type and schema; a failure is one of the documented ones.</summary>
    private static async Task AssertFitsAsync(JsonObject documented, HttpResponseMessage response)
    {
        foreach (var (header, _) in documented["headers"]?.AsObject() ?? [])
        {
            Assert.True(
                response.Headers.NonValidated.Contains(header) || response.Content.Headers.NonValidated.Contains(header),
                $"{header} is missing: {response}");
        }

        Assert.All(
            response.Headers.Select(header => header.Key).Where(
                name => name.StartsWith("X-RateLimit", StringComparison.Ordinal) || name == "Retry-After"),
            name => Assert.True(documented["headers"]!.AsObject().ContainsKey(name), $"{name} is not documented"));
        if (documented["content"] is not JsonObject content)
        {
            Assert.Equal(0, response.Content.Headers.ContentLength ?? 0);
            return;
        }

        Assert.Equal(Assert.Single(content).Key, response.Content.Headers.ContentType?.MediaType);
        var body = await BodyAsync(response);
        Assert.Empty(JsonSchema.Problems(Document.Root, content.First().Value!["schema"]!, body));
        if (content.First().Value!["examples"] is JsonObject examples)
        {
            Assert.Contains(Words(body!), examples.Select(example => Words(example.Value!["value"]!)));
            Assert.All(examples, example =>
                Assert.Empty(JsonSchema.Problems(Document.Root, content.First().Value!["schema"]!, example.Value!["value"])));
        }

        static string Words(JsonNode failure) =>
            $"{failure["error"]!["code"]} {failure["error"]!["i18nKey"]} {failure["error"]!["message"]}";
    }

    private static async Task<JsonNode?> BodyAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(text) : JsonValue.Create(text);
    }

    // Ids, tokens, codes, links and signatures are different each time.
    private static string Comparable(JsonNode? body)
    {
        var text = body!.ToJsonString().Replace("127.0.0.1", "links.example", StringComparison.Ordinal);
        text = SharedLinkPattern().Replace(TokenPattern().Replace(UuidPattern().Replace(text, "uuid"), "token"), "\"link\"");
        return CodePattern().Replace(ProofPattern().Replace(text, "proof"), "code");
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex UuidPattern();

    // Recovery codes, secrets of apps, and what names them until they are in use.
    [GeneratedRegex(@"\d{5}-\d{5}|[A-Z2-7]{32}|(?<=""setup"":"")[^""]+")]
    private static partial Regex CodePattern();

    [GeneratedRegex(@"eyJ[\w-]+\.[\w-]+\.[\w-]+|whsec_[\w+/\\]+=*|bio_[\w-]{36}")]
    private static partial Regex TokenPattern();

    [GeneratedRegex("\"[^\"]+/(s|team/join)/[\\w-]{43}\"")]
    private static partial Regex SharedLinkPattern();

    [GeneratedRegex(@"""protected"":""[^""]+"",""payload"":""(\\.|[^""\\])+"",""signature"":""[^""]+""")]
    private static partial Regex ProofPattern();
}
