using System.Globalization;
using System.Text.Json.Nodes;
using Bioscope.Server.Docs;

namespace Bioscope.Server.Tests.Support;

/// <summary>Whose token is sent.</summary>
internal enum Caller
{
    Creator,
    CreatorWithoutPage,
    Stranger,
    Nobody,
}

/// <summary>A call of an operation, as in its example or with a change.</summary>
internal sealed record OpenApiCall(string Method, string Path, JsonObject Operation, IReadOnlyDictionary<int, JsonObject> Responses)
{
    public Caller Caller { get; init; }

    public string? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    /// <summary>More headers, each as <c>Name: value</c>; <c>{etag}</c> stands for the ETag that the server sent before.</summary>
    public string? Header { get; init; }

    /// <summary>The body of a call that uploads a file.</summary>
    public byte[]? File { get; init; }

    /// <summary>Whether the page is full of links before the call.</summary>
    public bool PageIsFull { get; init; }

    /// <summary>Whether visits are no longer kept, and no view is frozen, before the call.</summary>
    public bool VisitsAreGone { get; init; }

    public static OpenApiCall Of(ApiDocument document, string id)
    {
        var (path, method, operation) = document.Operations().Single(entry => (string)entry.Operation["operationId"]! == id);
        var query = new List<string>();
        foreach (var parameter in operation["parameters"]?.AsArray().Select(document.Resolve!) ?? [])
        {
            var (name, example) = ((string)parameter["name"]!, parameter["example"]!.ToString());
            Assert.Empty(JsonSchema.Problems(document.Root, parameter["schema"]!, parameter["example"]));
            if ((string)parameter["in"]! == "path")
            {
                path = path.Replace($"{{{name}}}", example, StringComparison.Ordinal);
            }
            else
            {
                query.Add($"{name}={example}");
            }
        }

        var body = operation["requestBody"]?["content"]?["application/json"];
        if (body?["example"] is not null)
        {
            Assert.Empty(JsonSchema.Problems(document.Root, body["schema"]!, body["example"]));
        }

        var file = operation["requestBody"]?["content"]?["image/png"]?["example"];
        var security = operation["security"]!.AsArray().Select(entry => ApiDocument.NameOf(entry!.AsObject())).ToList();
        return new OpenApiCall(
            method,
            path + (query.Count == 0 ? "" : "?" + string.Join('&', query)),
            operation,
            operation["responses"]!.AsObject().ToDictionary(
                response => int.Parse(response.Key, CultureInfo.InvariantCulture), response => document.Resolve(response.Value!)))
        {
            Caller = security.Contains("bearer") ? Caller.Creator : Caller.Nobody,
            Body = body?["example"]?.ToJsonString(),
            File = file is null ? null : Convert.FromBase64String((string)file!),
            ContentType = file is null ? "application/json" : "image/png",
            Header = security.Contains("refreshCookie") ? "Cookie: bioscope_refresh={refresh}" : null,
        };
    }

    /// <summary>The valid call, and every mistake that a caller can make.</summary>
    public IEnumerable<OpenApiCall> Attacks()
    {
        yield return this;
        if (Caller == Caller.Creator)
        {
            yield return this with { Caller = Caller.Nobody };
            yield return this with { Caller = Caller.Stranger };
            yield return this with { Caller = Caller.CreatorWithoutPage };
        }

        if (Header is not null)
        {
            // The refresh token: used before, none, and in the body.
            yield return this with { Header = "Cookie: bioscope_refresh={used}" };
            yield return this with { Header = null };
            yield return this with { Header = null, Body = """{"refreshToken":7}""" };
            yield return this with { Header = null, Body = "{}", ContentType = "application/xml" };
            yield return this with { Header = null, Body = new string(' ', 200_000) };
        }

        if (Path.StartsWith("/@", StringComparison.Ordinal))
        {
            yield return this with { Path = Path.Replace("anna", "nobody", StringComparison.Ordinal) };
            yield return this with { Path = Path.Replace("anna", "Anna", StringComparison.Ordinal) };
            yield return this with { Path = Path.Replace("anna", "anna.old", StringComparison.Ordinal) };
            if (Path.EndsWith("/story", StringComparison.Ordinal))
            {
                yield return this with { Path = Path + "-of-old" };
            }
        }

        if (File is not null)
        {
            yield return this with { File = [] };
            yield return this with { File = new byte[9 << 20] };
            yield return this with { ContentType = "application/json" };
        }

        if (Path.EndsWith("/instagram.svg", StringComparison.Ordinal))
        {
            yield return this with { Path = Path.Replace("instagram", "nobody", StringComparison.Ordinal) };
        }

        if (Path.Contains("&limit=15", StringComparison.Ordinal))
        {
            yield return this with { Path = Path.Replace("&limit=15", "&limit=none", StringComparison.Ordinal) };
        }

        if (Path.Contains("&sort=visits", StringComparison.Ordinal))
        {
            yield return this with { Path = Path.Replace("&sort=visits", "&sort=size", StringComparison.Ordinal) };
        }

        if (Body?.Contains("\"handle\"", StringComparison.Ordinal) == true)
        {
            yield return this with { Body = Body.Replace("\"anna\"", "\"ben\"", StringComparison.Ordinal) };
        }

        if (Body?.Contains("\"invitation\"", StringComparison.Ordinal) == true)
        {
            yield return this with { Body = Body.Replace("\"Yk3", "\"Yk4", StringComparison.Ordinal) };
            yield return this with { Body = Body.Replace("\"carla\"", "\"ben\"", StringComparison.Ordinal) };
        }

        if (Path.EndsWith("/login", StringComparison.Ordinal))
        {
            var withSecondFactor = Body!.Replace("anna@", "dora@", StringComparison.Ordinal);
            yield return this with { Body = withSecondFactor };
            yield return this with { Body = withSecondFactor[..^1] + ""","code":"000000"}""" };
        }

        if (Body?.Contains("\"slug\"", StringComparison.Ordinal) == true)
        {
            yield return this with { Body = Body.Replace("\"story\"", "\"tour-poster\"", StringComparison.Ordinal) };
        }

        // Until the page is full.
        for (var i = 0; i < 100 && Method == "POST" && Path.Split('/')[^1] is "links" or "shared-views" or "invitations" or "keys"; i++)
        {
            yield return this;
        }

        for (var i = 0; i < 5 && Method == "POST" && Path.EndsWith("/webhooks", StringComparison.Ordinal); i++)
        {
            yield return this;
        }

        if (Body?.Contains("password", StringComparison.Ordinal) == true)
        {
            yield return this with { Body = Body.Replace("horse", "cow", StringComparison.Ordinal) };
        }

        if (Body is not null)
        {
            yield return this with { Body = "{}" };
            yield return this with { Body = "[" };
            yield return this with { ContentType = "application/xml" };
            yield return this with { Body = new string(' ', 200_000) };
            // Documented where sendBeacon is to be used, refused elsewhere.
            yield return this with { ContentType = "text/plain" };
        }

        foreach (var other in Operation["parameters"] is not null && Path.LastIndexOf("019d9103-", StringComparison.Ordinal) is >= 0 and var at
            ? (string[])[Path[..at] + Guid.NewGuid() + Path[(at + 36)..], Path[..at] + "no-uuid" + Path[(at + 36)..]] : [])
        {
            yield return this with { Path = other };
        }

        if (Path.Contains('?', StringComparison.Ordinal))
        {
            yield return this with { Path = Path.Split('?')[0] };
        }

        if (Path.EndsWith("/restore", StringComparison.Ordinal))
        {
            yield return this with { PageIsFull = true };
        }

        if (Path.EndsWith("/proof", StringComparison.Ordinal))
        {
            yield return this with { VisitsAreGone = true };
        }

        yield return this with { Header = "X-Forwarded-For: 203.0.113.7" };
        yield return this with { Header = "If-None-Match: {etag}" };
    }

    public override string ToString() => $"{Method} {Path} as {Caller} with {ContentType} {Body?[..Math.Min(Body.Length, 200)]} {Header}";
}
