using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Ingest;
using Bioscope.Server.Docs;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>
/// The document matches the code: routes, fields, errors. <see cref="OpenApiExampleTests"/> shows that it matches the responses.
/// </summary>
public sealed class OpenApiTests
{
    [Theory]
    [InlineData("own")]
    [InlineData("shared")]
    public async Task The_document_lists_exactly_the_servers_routes(string ownership)
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await TestApp.StartAsync(databases, ("Storage:Ownership", ownership));

        var served = JsonNode.Parse(await app.Http.GetStringAsync("/openapi.json", TestContext.Current.CancellationToken))!;
        var documented = from path in served["paths"]!.AsObject()
                         from operation in path.Value!.AsObject()
                         select $"{operation.Key.ToUpperInvariant()} {path.Key}";

        Assert.Equal(Routes(app).Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Documented_metrics_and_dimensions_are_those_of_queries()
    {
        var query = new ApiDocument(sharedOwnership: false).Root["components"]!["schemas"]!["Query"]!["properties"]!;

        Assert.Equal(MetricName.All, Names("metrics"));
        Assert.Equal(Dimension.All.Select(dimension => dimension.Name), Names("dimensions"));

        IEnumerable<string> Names(string field) => query[field]!["items"]!["enum"]!.AsArray().Select(name => (string)name!);
    }

    [Fact]
    public void Documented_fields_match_the_response_records()
    {
        var schemas = new ApiDocument(sharedOwnership: false).Root["components"]!["schemas"]!;
        var records = ContextsOfSlices()
            .SelectMany(context => context.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public)
                .Where(property => typeof(JsonTypeInfo).IsAssignableFrom(property.PropertyType))
                .Select(property => (JsonTypeInfo)property.GetValue(context)!))
            .Where(
                info => info.Kind == JsonTypeInfoKind.Object && info.Type.Namespace!.StartsWith("Bioscope", StringComparison.Ordinal)
                    && !info.Type.IsGenericType)
            .DistinctBy(info => info.Type)
            .Where(info => info.Type != typeof(HiAnswer)) // for our own tracker's route, which is not published
            .ToList();

        Assert.NotEmpty(records);
        foreach (var record in records)
        {
            var schema = Assert.IsType<JsonObject>(schemas[record.Type.Name]);
            Assert.Equal(
                record.Properties.Select(property => property.Name).Order(StringComparer.Ordinal),
                schema["properties"]!.AsObject().Select(property => property.Key).Order(StringComparer.Ordinal));
            // A field is optional if the record has a rule to omit it.
            var always = record.Properties.Where(property => property.ShouldSerialize?.Invoke(new object(), DefaultOf(property)) ?? true)
                .Select(property => property.Name);
            Assert.Equal(
                always.Order(StringComparer.Ordinal),
                schema["required"]!.AsArray().Select(name => (string)name!).Order(StringComparer.Ordinal));
            Assert.False((bool)schema["additionalProperties"]!);
        }

        static object? DefaultOf(JsonPropertyInfo property) =>
            property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null;
    }

    /// <summary>The metadata of everything that is sent in an envelope.</summary>
    private static IEnumerable<JsonSerializerContext> ContextsOfSlices() => typeof(ApiJson).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(JsonSerializerContext)) && type.GetProperties().Any(property => property.PropertyType
            is { IsGenericType: true, GenericTypeArguments: [{ IsGenericType: true } answer] }
                && answer.GetGenericTypeDefinition() == typeof(Success<>)))
        .Select(type => (JsonSerializerContext)type.GetProperty("Default")!.GetValue(null)!);

    [Fact]
    public void Every_error_is_documented()
    {
        var known = typeof(ApiError).GetProperties(BindingFlags.Static | BindingFlags.Public).Select(property => property.GetValue(null))
            .OfType<ApiError>()
            .Concat(((int[])[401, 404, 405, 413, 414, 415, 431, 500, 503, 505]).Select(ApiError.ForStatus))
            .Append(ApiError.RateLimited(1))
            .Append(ApiError.Invalid())
            .Append(ApiError.UnknownHost("other.example"));

        var documented = Examples(new ApiDocument(sharedOwnership: false)).ToHashSet();

        Assert.All(known, error => Assert.Contains((error.Status, error.Code, error.I18nKey, error.Message), documented));
    }

    [Fact]
    public async Task The_document_has_the_servers_version()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var document = JsonNode.Parse(await app.Http.GetStringAsync("/openapi.json", TestContext.Current.CancellationToken))!;

        Assert.Equal("3.1.0", (string)document["openapi"]!);
        Assert.Equal(typeof(ApiDocument).Assembly.GetName().Version!.ToString(3), (string)document["info"]!["version"]!);
    }

    [Theory]
    [InlineData("/openapi.json", "application/json; charset=utf-8")]
    [InlineData("/docs", "text/html; charset=utf-8")]
    public async Task A_matching_etag_gets_304_for_the_docs(string path, string contentType)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var first = await app.GetAsync(path);
        Assert.Equal((HttpStatusCode.OK, contentType), (first.StatusCode, first.Content.Headers.ContentType?.ToString()));
        Assert.True(first.Headers.CacheControl!.NoCache);
        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await app.Http.SendAsync(again, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        using var other = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "If-None-Match", "\"other\"" } } };
        Assert.Equal(HttpStatusCode.OK, (await app.Http.SendAsync(other, TestContext.Current.CancellationToken)).StatusCode);
        using var head = await app.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), TestContext.Current.CancellationToken);
        Assert.Equal(first.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task The_docs_page_has_every_operation_and_error()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var response = await app.GetAsync("/docs");
        var html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var document = new ApiDocument(sharedOwnership: false);

        foreach (var (path, _, operation) in document.Operations())
        {
            Assert.Contains($"<article id=\"{operation["operationId"]}\">", html, StringComparison.Ordinal);
            Assert.Contains($"href=\"#{operation["operationId"]}\"", html, StringComparison.Ordinal);
        }

        Assert.All(Examples(document), error => Assert.Contains($">{error.Item3}</code>", html, StringComparison.Ordinal));
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("style=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\u0001", html, StringComparison.Ordinal);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Documented_calls_can_be_pasted()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var response = await app.GetAsync("/docs");
        var page = WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        var addresses = Regex.Matches(page, "curl (?:-X [A-Z]+ )?'(http[^']*)'").Select(call => call.Groups[1].Value).ToList();

        Assert.Contains(addresses, address => address.Contains("/query?q=", StringComparison.Ordinal));
        Assert.All(addresses, address => Assert.DoesNotMatch(@"[{}""\s\[\]]", address)); // curl expands brackets
    }

    [Theory]
    [InlineData("stats.example:8443", "curl &#x27;http://stats.example:8443/")]
    [InlineData("[::1]:5000", "curl &#x27;http://[::1]:5000/")]
    [InlineData("x';touch<b>", "curl &#x27;http://localhost:5000/")]
    public async Task Documented_calls_use_the_requests_host_if_valid(string host, string expected)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var page = new ApiPage(new ApiDocument(sharedOwnership: false));
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext { Request = { Scheme = "http", Host = new(host) } };

        Assert.Contains(expected, page.Render(ApiOrigin.Of(http.Request, publicUrl: null)), StringComparison.Ordinal);
        Assert.DoesNotContain("touch", page.Render(ApiOrigin.Of(http.Request, publicUrl: null)), StringComparison.Ordinal);
    }

    /// <summary>The contract on one screen: a change of the contract shows in this file.</summary>
    [Fact]
    public void The_api_outline_is_unchanged()
    {
        var document = new ApiDocument(sharedOwnership: false);
        var outline = document.Operations().Select(entry =>
            $"{entry.Method} {entry.Path} {string.Join(' ', entry.Operation["responses"]!.AsObject().Select(response => response.Key))}"
            + (entry.Operation["security"]!.AsArray().Count > 0 ? " " +
                $"[{string.Join(", ", entry.Operation["security"]!.AsArray().Select(one => ApiDocument.NameOf(one!.AsObject())))}]" : "")
            + ((bool?)entry.Operation["x-own"] == true ? " own" : ""));

        Assert.Equal(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "openapi.outline.txt")), outline);
    }

    private static IEnumerable<string> Routes(TestApp app) =>
        from endpoint in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not { ExcludeFromDescription: true } // pages for people
        let methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        from method in methods
        where method != "HEAD" || !methods.Contains("GET") // implied
        select $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}";

    /// <summary>Status, code, key and message of every error in the document.</summary>
    private static IEnumerable<(int, string, string, string)> Examples(ApiDocument document)
    {
        var used = document.Operations().SelectMany(entry => entry.Operation["responses"]!.AsObject())
            .Select(response => (Status: response.Key, Response: document.Resolve(response.Value!)))
            .Concat(document.Root["components"]!["responses"]!.AsObject()
                .Where(response => response.Value!["x-status"] is not null)
                .Select(response => (Status: response.Value!["x-status"]!.ToString(), Response: response.Value!.AsObject())));
        foreach (var (status, response) in used)
        {
            foreach (var (_, example) in response["content"]?.AsObject().First().Value!["examples"]?.AsObject() ?? [])
            {
                var error = example!["value"]!["error"]!;
                yield return (
                    int.Parse(status, System.Globalization.CultureInfo.InvariantCulture),
                    (string)error["code"]!,
                    (string)error["i18nKey"]!,
                    (string)error["message"]!);
            }
        }
    }
}
