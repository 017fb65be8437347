using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bioscope.Server.Web;

namespace Bioscope.Server.Docs;

/// <summary>
/// The document as one page: the operations on the left, each with its description, a call to copy and a real response. It has no script
/// and loads nothing from other servers.
/// </summary>
internal sealed partial class ApiPage
{
    /// <summary>The server's address is part of the calls; it is known only during a request.</summary>
    private const string Origin = "\u0001origin\u0001";

    private readonly ApiDocument _document;
    private readonly string _html;

    public ApiPage(ApiDocument document)
    {
        _document = document;
        _html = Page();
    }

    public static string Policy { get; } = HtmlAnswer.PolicyFor(ApiPageStyle.Css);

    /// <summary>
    /// The address under which the page was requested. The visitor controls the host, and it is part of a line for a shell.
    /// </summary>
    public static string OriginOf(HttpRequest request) =>
        $"{request.Scheme}://{(request.Host.Value is { } given && HostPattern().IsMatch(given) ? given : "localhost:5000")}";

    public string Render(string origin) => _html.Replace(Origin, origin, StringComparison.Ordinal);

    private string Page()
    {
        var info = _document.Root["info"]!;
        var groups = _document.Root["tags"]!.AsArray().Select(tag => (
            Name: (string)tag!["name"]!,
            Words: (string)tag["description"]!,
            Operations: _document.Operations().Where(operation => (string)operation.Operation["tags"]![0]! == (string)tag["name"]!)
                .ToList())).ToList();
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>{info["title"]} API</title>
            <meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
            <link rel="icon" href="data:,"><style>{ApiPageStyle.Css}</style></head><body>
            <a class="skip" href="#main">To the content</a>
            <details class="menu"><summary>Contents</summary>{Navigation(groups.Select(group => (group.Name, group.Operations)))}</details>
            <aside><p class="name"><a href="#top">{info["title"]}</a> <small>API {info["version"]}</small></p>{Navigation(groups.Select(group => (group.Name, group.Operations)))}</aside>
            <main id="main"><header id="top"><h1>{info["title"]} API</h1><div class="intro"><p class="lead">{Escape((string)info["summary"]!)}.</p>{Words((string)info["description"]!)}
            <p><a class="file" href="/openapi.json">openapi.json</a> <span class="quiet">OpenAPI {_document.Root["openapi"]}, for tools and generators</span></p></div></header>
            """);
        foreach (var (name, words, operations) in groups)
        {
            html.Append(
                CultureInfo.InvariantCulture,
                $"<section id=\"{Slug(name)}\"><h2>{Escape(name)}</h2><div class=\"intro\">{Words(words)}</div>");
            foreach (var (path, method, operation) in operations)
            {
                WriteOperation(html, path, method, operation);
            }

            html.Append("</section>");
        }

        WriteAccess(html);
        WriteErrors(html);
        return html.Append("</main></body></html>\n").ToString();
    }

    private static string Navigation(
        IEnumerable<(string Name, List<(string Path, string Method, JsonObject Operation)> Operations)> groups) => "<nav>"
        + string.Concat(groups.Select(group => $"<p><a href=\"#{Slug(group.Name)}\">{Escape(group.Name)}</a></p><ul>"
            + string.Concat(group.Operations.Select(operation =>
                $"<li><a href=\"#{operation.Operation["operationId"]}\"><span class=\"m " +
                $"{operation.Method.ToLowerInvariant()}\">{operation.Method}</span>{Escape((string)operation.Operation["summary"]!)}</a></li>"))
            + "</ul>"))
        + "<p><a href=\"#access\">Access</a></p><p><a href=\"#errors\">Errors</a></p></nav>";

    private void WriteOperation(StringBuilder html, string path, string method, JsonObject operation)
    {
        var id = (string)operation["operationId"]!;
        html.Append(
            CultureInfo.InvariantCulture,
            $"<article id=\"{id}\"><div class=\"text\"><h3><a href=\"#{id}\">{Escape((string)operation["summary"]!)}</a></h3>");
        html.Append(
            CultureInfo.InvariantCulture,
            $"<p class=\"route\"><span class=\"m " +
            $"{method.ToLowerInvariant()}\">{method}</span><code>{Path(path)}</code></p>{Words((string)operation["description"]!)}");
        var access = operation["security"]!.AsArray().Select(entry => entry!.AsObject().First().Key).ToList();
        html.Append("<p class=\"chips\">");
        html.Append(
            access.Count == 0 ? "<span>public</span>" : string.Concat(access.Select(name => $"<a href=\"#access\">{Escape(name)}</a>")));
        html.Append(operation["x-limit"] is { } limit ? $"<span>{Escape((string)limit!)}</span></p>" : "</p>");
        if (operation["parameters"] is JsonArray parameters)
        {
            html.Append("<h4>Parameters</h4>");
            WriteFields(html, parameters.Select(_document.Resolve!).Select(parameter => (
                (string)parameter["name"]!, parameter["schema"]!.AsObject(), (bool?)parameter["required"] == true,
                (string)parameter["description"]!)));
        }

        if (operation["requestBody"] is { } body)
        {
            html.Append("<h4>Body</h4>").Append(body["description"] is { } words ? Words((string)words!) : "");
            WriteSchema(html, body["content"]!["application/json"]!["schema"]!);
        }

        WriteResponses(html, operation);
        html.Append("</div><div class=\"show\">").Append(Call(path, method, operation));
        html.Append(Answer(operation)).Append("</div></article>");
    }

    private void WriteResponses(StringBuilder html, JsonObject operation)
    {
        foreach (var (status, reference) in operation["responses"]!.AsObject())
        {
            var response = _document.Resolve(reference!);
            var content = response["content"]?.AsObject().First().Value;
            if (status[0] == '2')
            {
                html.Append(
                    CultureInfo.InvariantCulture,
                    $"<h4>Answer <span class=\"s ok\">{status}</span></h4>{Words((string)response["description"]!)}");
                if (content?["schema"]?["properties"]?["data"] is { } data)
                {
                    WriteSchema(html, data);
                }

                html.Append("<h4>Otherwise</h4><ul class=\"otherwise\">");
                continue;
            }

            html.Append(CultureInfo.InvariantCulture, $"<li><span class=\"s\">{status}</span> ");
            var examples = content?["examples"]?.AsObject().Select(example => example.Value!["value"]!["error"]!).ToList() ?? [];
            html.Append(examples.Count == 0
                ? Inline((string)response["description"]!)
                : string.Join(" ", examples.Select(error => "<a " +
                    $"href=\"#e-{status}-{Slug((string)error["i18nKey"]!)}\"><code>{error["i18nKey"]}</code></a>"))).Append("</li>");
        }

        html.Append("</ul>");
    }

    /// <summary>The members of an object and of its nested objects, as one list.</summary>
    private void WriteSchema(StringBuilder html, JsonNode schema) => WriteFields(html, Members(_document.Resolve(schema), ""));

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

    private static void WriteFields(StringBuilder html, IEnumerable<(string Name, JsonObject Schema, bool IsRequired, string Words)> fields)
    {
        html.Append("<dl>");
        foreach (var (name, schema, isRequired, words) in fields)
        {
            var dot = name.LastIndexOf('.') + 1;
            html.Append(
                CultureInfo.InvariantCulture,
                $"<dt><code><span class=\"quiet\">{Escape(name[..dot])}</span>{Escape(name[dot..])}</code> " +
                $"<small>{Escape(TypeOf(schema))}{(isRequired ? "" : ", optional")}</small></dt><dd>{Inline(words)}</dd>");
        }

        html.Append("</dl>");
    }

    private static string TypeOf(JsonObject schema)
    {
        var type = schema["type"] switch
        {
            JsonArray types => string.Join(" or ", types.Select(type => (string)type!)),
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

    private string Call(string path, string method, JsonObject operation)
    {
        var parameters = operation["parameters"]?.AsArray().Select(_document.Resolve!).ToList() ?? [];
        var query = new List<string>();
        foreach (var parameter in parameters)
        {
            var (name, example) = ((string)parameter["name"]!, parameter["example"]!.ToString());
            if ((string)parameter["in"]! == "path")
            {
                path = path.Replace($"{{{name}}}", example, StringComparison.Ordinal);
            }
            else
            {
                query.Add($"{name}={Uri.EscapeDataString(example)}");
            }
        }

        var call = new StringBuilder("curl ");
        call.Append(method == "GET" ? "" : $"-X {method} ").Append('\'').Append(Origin).Append(path)
            .Append(query.Count == 0 ? "" : "?" + string.Join('&', query)).Append('\'');
        if (operation["security"]!.AsArray().Any(entry => entry!["bearer"] is not null))
        {
            call.Append(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
        }

        if (operation["security"]!.AsArray().Any(entry => entry!["refreshCookie"] is not null))
        {
            call.Append(" \\\n  -H \"Cookie: bioscope_refresh=$REFRESH\"");
        }

        if (operation["requestBody"]?["content"]?["application/json"]?["example"] is { } body)
        {
            call.Append(" \\\n  -H 'Content-Type: application/json' \\\n  -d '")
                .Append(Indented(body).Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'');
        }

        return "<figure><figcaption>Call <span>click to select</span></figcaption><pre class=\"call\" " +
            $"tabindex=\"0\"><code>{Escape(call.ToString())}</code></pre></figure>";
    }

    private string Answer(JsonObject operation)
    {
        var (status, response) = operation["responses"]!.AsObject().First();
        if (_document.Resolve(response!)["content"]?.AsObject().First() is not { Value: { } content, Key: var media })
        {
            return "";
        }

        var example = content["example"] ?? content["schema"]?["const"];
        return example is null ? "" : $"<figure><figcaption>Answer <span>{status} {Escape(media)}</span></figcaption><pre " +
            $"tabindex=\"0\"><code>{(media == "application/json" ? JsonMarkup.Of(example) : Escape((string)example!))}</code></pre></figure>";
    }

    private void WriteAccess(StringBuilder html)
    {
        html.Append("<section id=\"access\"><h2>Access</h2><div class=\"intro\"><dl>");
        foreach (var (name, scheme) in _document.Root["components"]!["securitySchemes"]!.AsObject())
        {
            html.Append(
                CultureInfo.InvariantCulture, $"<dt><code>{Escape(name)}</code></dt><dd>{Inline((string)scheme!["description"]!)}</dd>");
        }

        html.Append("</dl></div></section>");
    }

    /// <summary>Every error, by status; the same one may occur in several responses.</summary>
    private void WriteErrors(StringBuilder html)
    {
        html.Append("<section id=\"errors\"><h2>Errors</h2><article><div class=\"text\"><dl class=\"errors\">");
        var statuses = _document.Operations()
            .SelectMany(operation => operation.Operation["responses"]!.AsObject())
            .Select(response => (Status: response.Key, Response: _document.Resolve(response.Value!)))
            .Concat(_document.Root["components"]!["responses"]!.AsObject().Where(response => response.Value!["x-status"] is not null)
                .Select(response => (Status: response.Value!["x-status"]!.ToString(), Response: response.Value!.AsObject())))
            .DistinctBy(entry => entry.Response);
        var seen = new HashSet<string>();
        foreach (var (status, response) in statuses.OrderBy(entry => entry.Status, StringComparer.Ordinal))
        {
            foreach (var (_, example) in response["content"]?.AsObject().First().Value?["examples"]?.AsObject() ?? [])
            {
                var error = example!["value"]!["error"]!;
                var id = $"e-{status}-{Slug((string)error["i18nKey"]!)}";
                if (seen.Add(id))
                {
                    html.Append(
                        CultureInfo.InvariantCulture,
                        $"<dt id=\"{id}\"><span class=\"s\">{status}</span> <code>{error["code"]}</code> <code " +
                        $"class=\"quiet\">{error["i18nKey"]}</code></dt><dd>{Inline((string?)example["summary"] ?? (string)response["description"]!)}</dd>");
                }
            }
        }

        var shown =
            _document.Root["components"]!["responses"]!["TooManyRequests"]!["content"]!["application/json"]!["examples"]!["rate_limited"]!["value"];
        html.Append(
            "</dl></div><div class=\"show\"><figure><figcaption>Every failure <span>application/json</span></figcaption><pre " +
            "tabindex=\"0\"><code>")
            .Append(JsonMarkup.Of(shown)).Append("</code></pre></figure></div></article></section>");
    }

    private static string Indented(JsonNode body) => WebUtility.HtmlDecode(TagPattern().Replace(JsonMarkup.Of(body), ""));

    private static string Words(string text) => string.Concat(text.Split("\n\n").Select(paragraph => $"<p>{Inline(paragraph)}</p>"));

    // The small subset of Markdown that the document uses.
    private static string Inline(string text) =>
        StrongPattern().Replace(CodePattern().Replace(Escape(text), "<code>$1</code>"), "<strong>$1</strong>");

    private static string Path(string path) =>
        ParameterPattern().Replace(Escape(path), "<em>$0</em>").Replace("/", "/<wbr>", StringComparison.Ordinal).Replace(
            "</<wbr>em>", "</em>", StringComparison.Ordinal);

    private static string Slug(string text) => SlugPattern().Replace(text.ToLowerInvariant(), "-");

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    [GeneratedRegex("^[A-Za-z0-9.:\\[\\]-]{1,255}$")]
    private static partial Regex HostPattern();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex TagPattern();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodePattern();

    [GeneratedRegex("\\*\\*([^*]+)\\*\\*")]
    private static partial Regex StrongPattern();

    [GeneratedRegex("\\{[^}]+\\}")]
    private static partial Regex ParameterPattern();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex SlugPattern();
}
