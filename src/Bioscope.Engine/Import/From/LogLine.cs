using System.Globalization;
using System.Text;
using System.Text.Json;
using Bioscope.Core;

namespace Bioscope.Engine.Import.From;

/// <summary>One request in an access log.</summary>
internal sealed record LogLine(string Address, DateTimeOffset At, string Method, string Uri, int Status)
{
    private const string Combined = "dd/MMM/yyyy:HH:mm:ss zzz";

    public string? Host { get; init; }

    public string? Referrer { get; init; }

    public string? Agent { get; init; }

    /// <summary>The header <c>Accept-Language</c>.</summary>
    public string? Language { get; init; }

    /// <summary>
    /// Reads a line in the combined format of nginx, Apache and others, also with the host before it, or a JSON object as Caddy, Traefik
    /// and usual settings of nginx write it.
    /// </summary>
    /// <returns>Null when it is neither.</returns>
    public static LogLine? Read(ReadOnlyMemory<byte> line, ImportTarget target)
    {
        var start = line.Span.TrimStart((byte)' ');
        return start is [(byte)'{', ..] ? OfJson(line, target) : OfCombined(Encoding.UTF8.GetString(line.Span));
    }

    private static LogLine? OfCombined(string line)
    {
        var (open, close) = (line.IndexOf('[', StringComparison.Ordinal), line.IndexOf(']', StringComparison.Ordinal));
        if (open <= 0 || close < open || !DateTimeOffset.TryParseExact(
            line.AsSpan((open + 1)..close), Combined, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
        {
            return null;
        }

        var before = line[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (before.Length == 0)
        {
            return null;
        }

        // With the page's host first: "example.com:443 203.0.113.7 - - [". A server may also write the visitor's host instead of an
        // address.
        var hasHost = before.Length > 1 && !IsAddress(before[0]) && IsAddress(before[1]);

        var rest = line.AsSpan(close + 1);
        var request = Quoted(ref rest)?.Split(' ');
        var status = rest.TrimStart();
        status = status[..(status.IndexOf(' ') is >= 0 and var end ? end : status.Length)];
        return request is not { Length: >= 2 } || !int.TryParse(status, CultureInfo.InvariantCulture, out var code) ? null
            : new LogLine(hasHost ? before[1] : before[0], at.ToUniversalTime(), request[0], request[1], code)
            {
                Host = hasHost ? before[0] : null,
                Referrer = Quoted(ref rest),
                Agent = Quoted(ref rest),
            };
    }

    private static bool IsAddress(string text) => System.Net.IPAddress.TryParse(text, out _);

    /// <summary>The next text in quotation marks, without its escapes: <c>\"</c> and <c>\x22</c>.</summary>
    private static string? Quoted(ref ReadOnlySpan<char> rest)
    {
        var start = rest.IndexOf('"');
        if (start < 0)
        {
            return null;
        }

        var text = new StringBuilder();
        for (var i = start + 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                return text.Length == 0 || (text.Length == 1 && text[0] == '-') ? null : text.ToString();
            }

            if (rest[i] == '\\' && i + 1 < rest.Length)
            {
                i++;
                if (rest[i] == 'x' && i + 2 < rest.Length && byte.TryParse(
                    rest.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                {
                    text.Append((char)code);
                    i += 2;
                    continue;
                }
            }

            text.Append(rest[i]);
        }

        rest = [];
        return null;
    }

    private static LogLine? OfJson(ReadOnlyMemory<byte> line, ImportTarget target)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return OfJson(json.RootElement, target);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static LogLine? OfJson(JsonElement root, ImportTarget target)
    {
        // Caddy has the request in an object of its own; the others have one field for each fact.
        var request = root.Part("request");
        var of = request.ValueKind == JsonValueKind.Object ? request : root;
        var line = root.Text("request")?.Split(' '); // nginx: "GET / HTTP/1.1"
        var address = First(of, "client_ip", "remote_ip", "remote_addr", "remoteAddr", "ClientHost", "ip", "clientip");
        var uri = First(of, "uri", "request_uri", "RequestPath", "path", "url") ?? line?.ElementAtOrDefault(1);
        var status = First(root, "status", "DownstreamStatus", "status_code", "response") ?? First(of, "status");
        var at = TimeOf(First(root, "ts", "time_iso8601", "time_local", "StartUTC", "time", "@timestamp", "timestamp", "msec"), target);
        if (address is null || uri is null || at is null
            || !int.TryParse(status, CultureInfo.InvariantCulture, out var code))
        {
            return null;
        }

        var headers = of.Part("headers");
        return new LogLine(
            // Older versions of Caddy add the port. An IPv6 address has brackets then, with which it would pass as an address too.
            (address[0] != '[' && IsAddress(address)) || !System.Net.IPEndPoint.TryParse(address, out var end) ? address
                : end.Address.ToString(),
            at.Value, First(of, "method", "request_method", "RequestMethod") ?? line?[0] ?? "GET",
            WithoutOrigin(uri), code)
        {
            Host = First(of, "host", "http_host", "server_name", "RequestHost"),
            Referrer = Header(headers, "Referer") ?? First(of, "http_referer", "referer", "referrer", "request_Referer"),
            Agent = Header(headers, "User-Agent") ?? First(of, "http_user_agent", "user_agent", "agent", "request_User-Agent"),
            Language = Header(headers, "Accept-Language") ?? First(of, "http_accept_language"),
        };
    }

    /// <summary>Path and query of an address that may be whole.</summary>
    private static string WithoutOrigin(string uri)
    {
        if (SiteOrigin.PathOf(uri, int.MaxValue) is null)
        {
            return uri;
        }

        var rest = uri[(uri.IndexOf("://", StringComparison.Ordinal) + 3)..];
        rest = rest.IndexOfAny(['/', '?', '#']) is >= 0 and var path ? rest[path..] : "/";
        return rest[0] == '/' ? rest : "/" + rest; // a query may follow the host at once, and have a slash in it
    }

    private static DateTimeOffset? TimeOf(string? text, ImportTarget target) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            // Milliseconds since 1970 are beyond the year 5000 as seconds.
            ? ToolJson.Instant(seconds > 100_000_000_000 ? seconds / 1_000 : seconds)
            : DateTimeOffset.TryParseExact(text, Combined, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
                ? at.ToUniversalTime() : target.InstantOf(text?.Replace('/', '-'));

    private static string? First(JsonElement element, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (element.Text(field) is { } text and not "-")
            {
                return text;
            }
        }

        return null;
    }

    /// <summary>A header of Caddy: a list of texts. Its logs have the name as HTTP/1.1 writes it.</summary>
    private static string? Header(JsonElement headers, string name) =>
        headers.Part(name).Items().FirstOrDefault() is { ValueKind: JsonValueKind.String } value ? value.GetString() : headers.Text(name);
}
