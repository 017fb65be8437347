using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bioscope.Core.Tests;
using Bioscope.Server.Docs;
using Bioscope.Server.Web;

namespace Bioscope.Server.Tests;

/// <summary>The served document is one from which generators make good clients; <c>clients/check</c> lets them make some.</summary>
public sealed partial class ClientDocumentTests
{
    private static readonly ApiDocument Strict = new(sharedOwnership: false);

    [Theory]
    [InlineData("", "", "http://{host}")]
    [InlineData("", "/of/anna", "http://{host}/of/anna")]
    [InlineData("https://links.example/of/anna", "/of/anna", "https://links.example/of/anna")]
    public async Task The_served_document_has_an_absolute_address(string publicUrl, string pathBase, string expected)
    {
        (string, string)[] settings = publicUrl.Length == 0 ? [("PathBase", pathBase)] : [("PublicUrl", publicUrl), ("PathBase", pathBase)];
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, settings);
        using var request = new HttpRequestMessage(HttpMethod.Get, pathBase + "/openapi.json");
        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var served = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;

        var address = (string)Assert.Single(served["servers"]!.AsArray())!["url"]!;

        Assert.Equal(expected.Replace("{host}", app.Http.BaseAddress!.Authority, StringComparison.Ordinal), address);
    }

    [Theory]
    [InlineData("evil\".example")]
    [InlineData("a b")]
    [InlineData("x';touch<b>")]
    public void A_host_that_is_none_does_not_reach_the_document(string host)
    {
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext { Request = { Scheme = "http", Host = new(host) } };
        var served = JsonNode.Parse(new ClientDocument(sharedOwnership: false).Render(ApiOrigin.Of(http.Request, publicUrl: null)))!;

        Assert.Equal("http://localhost:5000", (string)served["servers"]![0]!["url"]!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_operation_has_every_status(bool sharedOwnership)
    {
        var served = new ClientDocument(sharedOwnership).Root;
        var strict = new ApiDocument(sharedOwnership).Operations().ToDictionary(entry => (string)entry.Operation["operationId"]!);
        var operations = OperationsOf(served).ToList();

        Assert.Equal(strict.Count, operations.Count);
        foreach (var operation in operations)
        {
            var own = strict[(string)operation["operationId"]!].Operation;
            var hasCaller = own["security"]!.AsArray().Any(scheme => scheme!["bearer"] is not null);
            string[] general = ["400", "405", "408", "414", "421", "431", "500", "505", .. hasCaller && !sharedOwnership ? ["403"] : Array.Empty<string>()];
            var expected = own["responses"]!.AsObject().Select(response => response.Key).Union(general).Order(StringComparer.Ordinal);
            Assert.Equal(expected, operation["responses"]!.AsObject().Select(response => response.Key));
            // What the operation itself says wins over what is true everywhere.
            Assert.All(own["responses"]!.AsObject(), response =>
                Assert.Equal((string?)response.Value!["$ref"], (string?)operation["responses"]![response.Key]!["$ref"]));
        }

        Assert.DoesNotContain("x-status", served.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_take_new_fields_and_requests_do_not()
    {
        var served = new ClientDocument(sharedOwnership: false).Root;
        foreach (var operation in OperationsOf(served))
        {
            var contents = operation["responses"]!.AsObject().Select(response => Resolve(served, response.Value!)["content"]?["application/json"]);
            foreach (var content in contents.OfType<JsonNode>())
            {
                Assert.All(ExamplesOf(content), example => Assert.Empty(JsonSchema.Problems(served, content["schema"]!, WithNewFields(example))));
            }
        }

        var query = served["components"]!["schemas"]!["Query"]!;
        Assert.Empty(JsonSchema.Problems(served, query, JsonNode.Parse("""{"metrics":["visits"],"range":["2026-01-01","2026-01-31"]}""")));
        Assert.NotEmpty(JsonSchema.Problems(served, query, JsonNode.Parse("""{"metrics":["visits"],"other":1}""")));
    }

    [Fact]
    public void Answers_without_new_fields_fit_the_strict_document_only()
    {
        var schema = Strict.Root["components"]!["schemas"]!["TrafficSource"]!;
        var row = JsonNode.Parse("""{"source":"direct","visits":1,"percentage":100}""");

        Assert.Empty(JsonSchema.Problems(Strict.Root, schema, row));
        Assert.NotEmpty(JsonSchema.Problems(Strict.Root, schema, WithNewFields(row)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_component_is_unused_or_missing(bool sharedOwnership)
    {
        var served = new ClientDocument(sharedOwnership).Root;
        var used = ReferencePattern().Matches(served.ToJsonString()).Select(match => match.Groups[1].Value).ToHashSet();
        var components = Names(served);

        Assert.Equal(components.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
        if (!sharedOwnership)
        {
            Assert.Equal(Names(Strict.Root), components); // otherwise the file has something that nothing uses
        }

        static List<string> Names(JsonObject root) =>
            [.. root["components"]!.AsObject().Where(kind => kind.Key != "securitySchemes")
                .SelectMany(kind => kind.Value!.AsObject().Select(one => $"{kind.Key}/{one.Key}"))];
    }

    [Fact]
    public void Constants_have_a_type_and_a_choice_of_types_is_one()
    {
        var text = new ClientDocument(sharedOwnership: false).Root.ToJsonString();

        Assert.Contains("""{"type":"array","items":{"type":"string"}}]""", text, StringComparison.Ordinal);

        Assert.DoesNotMatch("""\{"const":[^,}]+\}""", text);
        Assert.Contains("""{"const":true,"type":"boolean"}""", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_of_requests_with_a_default_stay_optional()
    {
        var properties = new ClientDocument(sharedOwnership: false).Root["components"]!["schemas"]!["Query"]!["properties"]!;

        Assert.All(properties.AsObject(), property => Assert.Null(property.Value!["default"]));
        Assert.EndsWith("Default: `100`.", (string)properties["limit"]!["description"]!, StringComparison.Ordinal);
        Assert.EndsWith("Default: `30d`.", (string)properties["range"]!["description"]!, StringComparison.Ordinal);
        Assert.EndsWith("Default: `false`.", (string)properties["fill"]!["description"]!, StringComparison.Ordinal);
    }

    /// <summary>Every error of the code is found by its form in the sources, so that a new one cannot be forgotten.</summary>
    [Fact]
    public void Codes_and_keys_are_those_of_the_code()
    {
        var folder = RepositoryFiles.Root is { } root ? Path.Combine(root, "src", "Bioscope.Server") : null;
        Assert.SkipUnless(Directory.Exists(folder), "The sources are not where the tests run.");
        var errors = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => ErrorPattern().Matches(File.ReadAllText(file))).ToList();
        var failure = Strict.Root["components"]!["schemas"]!["FailureError"]!["properties"]!;

        Assert.Equal(Sorted(errors.Select(error => error.Groups[1].Value)), Values("code"));
        Assert.Equal(Sorted(errors.Select(error => error.Groups[2].Value)), Values("i18nKey"));
        for (var status = 400; status < 600; status++)
        {
            Assert.Contains(ApiError.ForStatus(status).I18nKey, Values("i18nKey"));
        }

        IEnumerable<string> Values(string property) => failure[property]!["enum"]!.AsArray().Select(value => (string)value!);
        static IEnumerable<string> Sorted(IEnumerable<string> texts) => texts.Distinct().Order(StringComparer.Ordinal);
    }

    private static IEnumerable<JsonObject> OperationsOf(JsonObject root) =>
        root["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!.AsObject());

    private static JsonNode Resolve(JsonObject root, JsonNode node) => node["$ref"] is { } reference
        ? ((string)reference!).Split('/')[1..].Aggregate((JsonNode)root, (at, name) => at[name]!)
        : node;

    private static IEnumerable<JsonNode> ExamplesOf(JsonNode content) =>
        [.. content["example"] is { } one ? [one] : Array.Empty<JsonNode>(),
            .. content["examples"]?.AsObject().Select(example => example.Value!["value"]!) ?? []];

    /// <summary>The value as a later version might send it.</summary>
    private static JsonNode? WithNewFields(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, WithNewFields(member.Value))))
        {
            ["addedLater"] = "value",
        },
        JsonArray items => new JsonArray([.. items.Select(WithNewFields)]),
        _ => node?.DeepClone(),
    };

    [GeneratedRegex("\"\\$ref\":\"#/components/([^\"]+)\"")]
    private static partial Regex ReferencePattern();

    [GeneratedRegex("\"([A-Z][A-Z_]+)\",\\s*\"((?:error|auth)\\.[a-z_.]+)\"")]
    private static partial Regex ErrorPattern();
}
