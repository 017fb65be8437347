using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Bioscope.Server.Docs;

/// <summary>
/// The call of an operation with the document's example, to be copied: for a shell, in TypeScript and in C#. The code needs no package,
/// so that it runs as it is; <c>clients/check</c> compiles all of it.
/// </summary>
internal sealed partial class ApiCall
{
    private readonly string _method;
    private readonly string _address;
    private readonly bool _hasBearer;
    private readonly bool _hasCookie;
    private readonly string? _json;
    private readonly string? _image;
    private readonly string? _answer;

    public ApiCall(ApiDocument document, string path, string method, JsonObject operation)
    {
        _method = method;
        _address = ApiOrigin.Placeholder + AddressOf(document, path, operation);
        _hasBearer = Needs("bearer");
        _hasCookie = Needs("refreshCookie");
        var body = operation["requestBody"]?["content"]?.AsObject();
        _json = body?["application/json"]?["example"] is { } example ? Indented(example) : null;
        _image = body?.First().Key is { } media && media.StartsWith("image/", StringComparison.Ordinal) ? media : null;
        _answer = document.Resolve(operation["responses"]!.AsObject().First().Value!)["content"]?.AsObject().First().Key;

        bool Needs(string scheme) => operation["security"]!.AsArray().Any(entry => entry![scheme] is not null);
    }

    public string Curl()
    {
        var call = new StringBuilder("curl ").Append(_method == "GET" ? "" : $"-X {_method} ").Append('\'').Append(_address).Append('\'');
        if (_hasBearer)
        {
            call.Append(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
        }

        if (_hasCookie)
        {
            call.Append(" \\\n  -H \"Cookie: bioscope_refresh=$REFRESH\"");
        }

        if (_json is not null)
        {
            call.Append(" \\\n  -H 'Content-Type: application/json' \\\n  -d '")
                .Append(_json.Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'');
        }
        else if (_image is not null)
        {
            call.Append(" \\\n  -H 'Content-Type: ").Append(_image).Append("' \\\n  --data-binary @picture.png");
        }

        return call.ToString();
    }

    public string TypeScript()
    {
        var headers = new List<string>();
        if (_hasBearer)
        {
            headers.Add("Authorization: `Bearer ${token}`");
        }

        if ((_json is null ? _image : "application/json") is { } media)
        {
            headers.Add($"\"Content-Type\": \"{media}\"");
        }

        string?[] options =
        [
            _method == "GET" ? null : $"method: \"{_method}\"",
            _hasCookie ? "credentials: \"include\"" : null,
            headers.Count == 0 ? null : $"headers: {{ {string.Join(", ", headers)} }}",
            _json is null ? null : $"body: JSON.stringify({Within(_json, "  ")})",
            _image is null ? null : "body: picture",
        ];
        var given = options.OfType<string>().Select(option => $"  {option},\n").ToList();
        var call = $"const response = await fetch(\"{_address}\"{(given.Count == 0 ? "" : $", {{\n{string.Concat(given)}}}")});";
        return _answer switch
        {
            null => call,
            "application/json" => $"{call}\nconst answer = await response.json();",
            _ when IsBinary(_answer) => $"{call}\nconst answer = await response.blob();",
            _ => $"{call}\nconst answer = await response.text();",
        };
    }

    public string CSharp()
    {
        var name = _method[..1] + _method[1..].ToLowerInvariant();
        var call = new StringBuilder($"using var request = new HttpRequestMessage(\n    HttpMethod.{name}, \"{_address}\");\n");
        if (_hasBearer)
        {
            call.Append("request.Headers.Authorization = new(\"Bearer\", token);\n");
        }

        if (_hasCookie)
        {
            call.Append("request.Headers.Add(\"Cookie\", $\"bioscope_refresh={refresh}\");\n");
        }

        if (_json is not null)
        {
            // A raw string: its lines are as indented as its end.
            call.Append("request.Content = new StringContent(\"\"\"\n    ").Append(Within(_json, "    "))
                .Append("\n    \"\"\", new MediaTypeHeaderValue(\"application/json\"));\n");
        }
        else if (_image is not null)
        {
            call.Append("request.Content = new ByteArrayContent(picture);\n")
                .Append($"request.Content.Headers.ContentType = new(\"{_image}\");\n");
        }

        call.Append("using var response = await http.SendAsync(request);");
        return _answer is null
            ? call.ToString()
            : call.Append($"\nvar answer = await response.Content.ReadAs{(IsBinary(_answer) ? "ByteArray" : "String")}Async();").ToString();
    }

    private static bool IsBinary(string media) =>
        media is "application/octet-stream" or "application/zip" || (media.StartsWith("image/", StringComparison.Ordinal) && media != "image/svg+xml");

    private static string AddressOf(ApiDocument document, string path, JsonObject operation)
    {
        var query = new List<string>();
        foreach (var parameter in operation["parameters"]?.AsArray().Select(document.Resolve!) ?? [])
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

        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    private static string Within(string lines, string indent) => lines.Replace("\n", "\n" + indent, StringComparison.Ordinal);

    private static string Indented(JsonNode body) => WebUtility.HtmlDecode(TagPattern().Replace(JsonMarkup.Of(body).ToString(), ""));

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex TagPattern();
}
