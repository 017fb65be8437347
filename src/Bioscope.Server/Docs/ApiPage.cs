using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bioscope.Server.Web;

namespace Bioscope.Server.Docs;

/// <summary>
/// The document as one page: the operations on the left, each with its description, a call to copy in three languages and a real response. It has no script
/// and loads nothing from other servers.
/// </summary>
internal sealed partial class ApiPage
{
    private static readonly (string Id, string Name, Func<ApiCall, string> Text)[] Languages =
        [("sh", "curl", call => call.Curl()), ("ts", "TypeScript", call => call.TypeScript()), ("cs", "C#", call => call.CSharp())];

    private readonly ApiDocument _document;
    private readonly string _html;

    public ApiPage(ApiDocument document)
    {
        _document = document;
        _html = Page().ToString();
    }

    public static string Policy { get; } = HtmlAnswer.PolicyFor(ApiPageStyle.Css);

    public string Render(string origin) => _html.Replace(ApiOrigin.Placeholder, Html.Of($"{origin}").ToString(), StringComparison.Ordinal);

    private Html Page()
    {
        var info = _document.Root["info"]!;
        var groups = _document.Root["tags"]!.AsArray().Select(tag => new Group(
            (string)tag!["name"]!,
            (string)tag["description"]!,
            [.. _document.Operations().Where(operation => (string)operation.Operation["tags"]![0]! == (string)tag["name"]!)])).ToList();
        var (title, navigation) = ((string)info["title"]!, Navigation(groups));
        return Html.Of($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>{title} API</title>
            <meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
            <link rel="icon" href="data:,"><style>{Html.Trusted(ApiPageStyle.Css)}</style></head><body>
            <a class="skip" href="#main">To the content</a>{Languages.Select(Choice)}
            <details class="menu"><summary>Contents</summary>{navigation}</details>
            <aside><p class="name"><a href="#top">{title}</a> <small>API {(string)info["version"]!}</small></p>{navigation}</aside>
            <main id="main"><header id="top"><h1>{title} API</h1><div class="intro"><p class="lead">{(string)info["summary"]!}.</p>{Words((string)info["description"]!)}
            <p><a class="file" href="/openapi.json">openapi.json</a> <span class="quiet">OpenAPI {(string)_document.Root["openapi"]!}, for tools and generators</span></p></div></header>{groups.Select(Section)}{Access()}{Errors()}</main></body></html>

            """);
    }

    /// <summary>Chooses the language of all calls at once, by the labels above each call, without a script.</summary>
    private static Html Choice((string Id, string Name, Func<ApiCall, string> Text) language)
    {
        var isFirst = language.Id == Languages[0].Id ? Html.Trusted(" checked") : Html.Nothing;
        return Html.Of($"<input type=\"radio\" name=\"in\" id=\"in-{language.Id}\" aria-label=\"Calls in {language.Name}\"{isFirst}>");
    }

    private static Html Navigation(IEnumerable<Group> groups)
    {
        return Html.Of($"<nav>{groups.Select(Links)}<p><a href=\"#access\">Access</a></p><p><a href=\"#errors\">Errors</a></p></nav>");

        Html Links(Group group) =>
            Html.Of($"<p><a href=\"#{Slug(group.Name)}\">{group.Name}</a></p><ul>{group.Operations.Select(Link)}</ul>");

        Html Link((string Path, string Method, JsonObject Operation) entry) => Html.Of(
            $"<li><a href=\"#{(string)entry.Operation["operationId"]!}\">{Method(entry.Method)}{(string)entry.Operation["summary"]!}</a></li>");
    }

    private Html Section(Group group)
    {
        var articles = group.Operations.Select(entry => Article(entry.Path, entry.Method, entry.Operation));
        return Html.Of($"""
            <section id="{Slug(group.Name)}"><h2>{group.Name}</h2><div class="intro">{Words(group.Words)}</div>{articles}</section>
            """);
    }

    private Html Article(string path, string method, JsonObject operation)
    {
        var id = (string)operation["operationId"]!;
        var access = operation["security"]!.AsArray().Select(entry => Access(entry!.AsObject())).DefaultIfEmpty(Access([]));
        var limit = operation["x-limit"] is { } given ? Html.Of($"<span>{(string)given!}</span>") : Html.Nothing;
        var heading = Html.Of($"<h3><a href=\"#{id}\">{(string)operation["summary"]!}</a></h3>");
        var route = Html.Of($"<p class=\"route\">{Method(method)}<code>{Path(path)}</code></p>");
        var text = Html.Of($"{heading}{route}{Words((string)operation["description"]!)}<p class=\"chips\">{access}{limit}</p>");
        var fields = Html.Of($"{Parameters(operation)}{Body(operation)}{Responses(operation)}");
        var examples = Html.Of($"{Call(path, method, operation)}{Answer(operation)}");
        return Html.Of(
            $"<article id=\"{id}\"><div class=\"text\">{text}{fields}</div><div class=\"show\">{examples}</div></article>");
    }

    private static Html Method(string method) => Html.Of($"<span class=\"m {method.ToLowerInvariant()}\">{method}</span>");

    private Html Parameters(JsonObject operation) => operation["parameters"] is not JsonArray parameters
        ? Html.Nothing
        : Html.Of($"<h4>Parameters</h4>{Fields(parameters.Select(_document.Resolve!).Select(parameter => (
            (string)parameter["name"]!, parameter["schema"]!.AsObject(), (bool?)parameter["required"] == true,
            (string)parameter["description"]!)))}");

    private Html Body(JsonObject operation) => operation["requestBody"] is not { } body
        ? Html.Nothing
        : Html.Of($"<h4>Body</h4>{(body["description"] is { } words ? Words((string)words!) : Html.Nothing)}{(
            body["content"]!["application/json"]?["schema"] is { } schema ? Schema(schema) : Html.Nothing)}");

    private Html Responses(JsonObject operation)
    {
        return Html.Of($"{operation["responses"]!.AsObject().Select(entry => Response(entry.Key, _document.Resolve(entry.Value!)))}</ul>");

        Html Response(string status, JsonObject response)
        {
            var content = response["content"]?.AsObject().First().Value;
            var words = (string)response["description"]!;
            if (status[0] == '2')
            {
                var schema = content?["schema"]?["properties"]?["data"] is { } data ? Schema(data) : Html.Nothing;
                return Html.Of(
                    $"<h4>Answer <span class=\"s ok\">{status}</span></h4>{Words(words)}{schema}<h4>Otherwise</h4><ul class=\"otherwise\">");
            }

            var errors = content?["examples"]?.AsObject().Select(example => (string)example.Value!["value"]!["error"]!["i18nKey"]!)
                .Select(key => Html.Of($"<a href=\"#e-{status}-{Slug(key)}\"><code>{key}</code></a>")) ?? [];
            return Html.Of(
                $"<li><span class=\"s\">{status}</span> {Html.Join(errors.DefaultIfEmpty(Inline(words)), Html.Trusted(" "))}</li>");
        }
    }

    /// <summary>The members of an object and of its nested objects, as one list.</summary>
    private Html Schema(JsonNode schema) => Fields(Members(_document.Resolve(schema), ""));

    private IEnumerable<(string Name, JsonObject Schema, bool IsRequired, string Words)> Members(JsonObject schema, string prefix)
    {
        var required = schema["required"]?.AsArray().Select(name => (string)name!).ToHashSet() ?? [];
        foreach (var (name, given) in schema["properties"]!.AsObject())
        {
            var member = _document.Resolve(given!);
            yield return (prefix + name, member, required.Contains(name), (string?)member["description"] ?? "");
            if (member["items"] is { } items && _document.Resolve(items) is { } item && item["properties"] is not null)
            {
                foreach (var inner in Members(item, $"{prefix}{name}[]."))
                {
                    yield return inner;
                }
            }
        }
    }

    private static Html Fields(IEnumerable<(string Name, JsonObject Schema, bool IsRequired, string Words)> fields)
    {
        return Html.Of($"<dl>{fields.Select(field => Field(field.Name, field.Schema, field.IsRequired, field.Words))}</dl>");

        static Html Field(string name, JsonObject schema, bool isRequired, string words)
        {
            var dot = name.LastIndexOf('.') + 1;
            var type = TypeOf(schema) + (isRequired ? "" : ", optional");
            return Html.Of($"""
                <dt><code><span class="quiet">{name[..dot]}</span>{name[dot..]}</code> <small>{type}</small></dt><dd>{Inline(words)}</dd>
                """);
        }
    }

    private static string TypeOf(JsonObject schema)
    {
        var type = schema["type"] switch
        {
            JsonArray types => string.Join(" or ", types.Select(type => (string)type!)),
            null when schema["anyOf"] is JsonArray => "object or null",
            null => schema["const"]?.ToJsonString() ?? "",
            var one => (string)one!,
        };
        var format = schema["format"] is { } name ? $" ({name})" : "";
        var range = (schema["minimum"], schema["maximum"]) switch
        {
            ({ } min, { } max) => $" {min}–{max}",
            _ when schema["maxLength"] is { } most => $", {schema["minLength"] ?? 0}–{most} characters",
            _ when schema["maxItems"] is { } most => $", at most {most}",
            _ => "",
        };
        var choice = schema["enum"] is JsonArray values ? ": " + string.Join(", ", values.Select(value => (string)value!)) : "";
        var normal = schema["default"] is { } value ? $", default {value}" : "";
        return type + format + range + choice + normal;
    }

    /// <summary>The call in three languages, of which the style shows the chosen one.</summary>
    private Html Call(string path, string method, JsonObject operation)
    {
        var call = new ApiCall(_document, path, method, operation);
        return Html.Of($"""
            <figure><figcaption>{Languages.Select(language => Html.Of($"<label for=\"in-{language.Id}\">{language.Name}</label>"))}<span>click to select</span></figcaption>{Languages.Select(Code)}</figure>
            """);

        Html Code((string Id, string Name, Func<ApiCall, string> Text) language) =>
            Html.Of($"<pre class=\"call {language.Id}\" tabindex=\"0\"><code>{Lines(language.Text(call))}</code></pre>");
    }

    private Html Answer(JsonObject operation)
    {
        var (status, response) = operation["responses"]!.AsObject().First();
        if (_document.Resolve(response!)["content"]?.AsObject().First() is not { Value: { } content, Key: var media })
        {
            return Html.Nothing;
        }

        var example = content["example"] ?? content["schema"]?["const"];
        return example is null
            ? Html.Nothing
            : Figure("Answer", $"{status} {media}", media == "application/json" ? JsonMarkup.Of(example) : Lines((string)example!));
    }

    private static Html Figure(string caption, string note, Html code, Html attribute = default) => Html.Of($"""
        <figure><figcaption>{caption} <span>{note}</span></figcaption><pre{attribute} tabindex="0"><code>{code}</code></pre></figure>
        """);

    /// <summary>One of the ways in which an operation may be called.</summary>
    private static Html Access(JsonObject way) => way.Count == 0
        ? Html.Of($"<span>public</span>")
        : Html.Of($"<a href=\"#access\">{ApiDocument.NameOf(way)}</a>");

    private Html Access()
    {
        var schemes = _document.Root["components"]!["securitySchemes"]!.AsObject()
            .Select(scheme => Scheme(scheme.Key, (string)scheme.Value!["description"]!));
        return Html.Of($"<section id=\"access\"><h2>Access</h2><div class=\"intro\"><dl>{schemes}</dl></div></section>");

        static Html Scheme(string name, string words) => Html.Of($"<dt><code>{name}</code></dt><dd>{Inline(words)}</dd>");
    }

    /// <summary>Every error, by status; the same one may occur in several responses.</summary>
    private Html Errors()
    {
        var responses = _document.Root["components"]!["responses"]!;
        var statuses = _document.Operations()
            .SelectMany(operation => operation.Operation["responses"]!.AsObject())
            .Select(response => (Status: response.Key, Response: _document.Resolve(response.Value!)))
            .Concat(responses.AsObject().Where(response => response.Value!["x-status"] is not null)
                .Select(response => (Status: response.Value!["x-status"]!.ToString(), Response: response.Value!.AsObject())))
            .DistinctBy(entry => entry.Response);
        var errors = from entry in statuses.OrderBy(entry => entry.Status, StringComparer.Ordinal)
                     from failure in entry.Response["content"]?.AsObject().First().Value?["examples"]?.AsObject() ?? []
                     let error = failure.Value!["value"]!["error"]!
                     let words = (string?)failure.Value["summary"] ?? (string)entry.Response["description"]!
                     select (Id: $"e-{entry.Status}-{Slug((string)error["i18nKey"]!)}", entry.Status, Error: error, Words: words);
        var shown = responses["TooManyRequests"]!["content"]!["application/json"]!["examples"]!["rate_limited"]!["value"];
        var entries = errors.DistinctBy(error => error.Id).Select(error => Entry(error.Id, error.Status, error.Error, error.Words));
        var list = Html.Of($"<div class=\"text\"><dl class=\"errors\">{entries}</dl></div>");
        var example = Html.Of($"<div class=\"show\">{Figure("Every failure", "application/json", JsonMarkup.Of(shown))}</div>");
        return Html.Of($"<section id=\"errors\"><h2>Errors</h2><article>{list}{example}</article></section>");

        static Html Entry(string id, string status, JsonNode error, string words)
        {
            var (code, key) = (error["code"]!.ToString(), (string)error["i18nKey"]!);
            return Html.Of($"""
                <dt id="{id}"><span class="s">{status}</span> <code>{code}</code> <code class="quiet">{key}</code></dt><dd>{Inline(words)}</dd>
                """);
        }
    }

    private static Html Words(string text) => Html.Join(text.Split("\n\n").Select(paragraph => Html.Of($"<p>{Inline(paragraph)}</p>")));

    // The small subset of Markdown that the document uses.
    private static Html Inline(string text) => Split(text, StrongPattern(), Code, words => Html.Of($"<strong>{Code(words)}</strong>"));

    private static Html Code(string text) => Split(text, CodePattern(), Text, code => Html.Of($"<code>{code}</code>"));

    private static Html Path(string path) => Split(
        path,
        ParameterPattern(),
        fixedPart => Html.Join(fixedPart.Split('/').Select(Text), Html.Trusted("/<wbr>")),
        parameter => Html.Of($"<em>{parameter}</em>"));

    // The encoder would escape the ends of lines; the calls should be readable in the page's source too.
    private static Html Lines(string text) => Split(text, LineEndPattern(), Text, Html.Trusted);

    /// <summary>Renders what the one group of the pattern matches with <paramref name="inside"/>, and the rest otherwise.</summary>
    private static Html Split(string text, Regex pattern, Func<string, Html> outside, Func<string, Html> inside) =>
        Html.Join(pattern.Split(text).Select((part, i) => i % 2 == 0 ? outside(part) : inside(part)));

    private static Html Text(string text) => Html.Of($"{text}");

    private static string Slug(string text) => SlugPattern().Replace(text.ToLowerInvariant(), "-");

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodePattern();

    [GeneratedRegex("\\*\\*([^*]+)\\*\\*")]
    private static partial Regex StrongPattern();

    [GeneratedRegex("(\\{[^}]+\\})")]
    private static partial Regex ParameterPattern();

    [GeneratedRegex("(\\r?\\n)")]
    private static partial Regex LineEndPattern();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex SlugPattern();

    /// <summary>The operations with one tag.</summary>
    private sealed record Group(string Name, string Words, IReadOnlyList<(string Path, string Method, JsonObject Operation)> Operations);
}
