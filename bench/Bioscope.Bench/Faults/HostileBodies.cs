using System.Globalization;
using System.Text;

namespace Bioscope.Bench.Faults;

/// <summary>Bodies: what clients send, and what nobody should.</summary>
internal sealed class HostileBodies(Random random)
{
    private static readonly string[] Fields =
    [
        "kind", "visitorId", "consentAnalytics", "bioPageId", "trackingToken", "referrer", "url", "device", "browser", "os", "osVersion",
        "timezone", "language",
        "sessionId", "path", "title", "linkClicked", "duration", "scrollDepth", "email", "password", "refreshToken", "handle",
        "description", "position", "active",
        "ids", "id", "session", "link", "visitor", "consent", "page", "token", "view", "__proto__", "constructor", "",
    ];

    private static readonly string[] Texts =
    [
        "", " ", "null", "granted", "denied", "anonymous", "\\u0000", "\\ud800", "\\udfff\\ud800", "\\u202e\\u0007",
        "'; DROP TABLE \\\"User\\\"; --", "${jndi:ldap://x}",
        "<script>alert(1)</script>", "../../../../etc/passwd", "%00%ff%fe", "{{7*7}}", "=cmd|' /C calc'!A0", "http://[::1",
        "https://xn--\\u00df.example:99999/", "data:,",
        "javascript:alert(1)", "http://a@b@c:d/", "\\n\\r\\n\\tHTTP/1.1 200 OK", "\U0001F469\u200D\U0001F469\u200D\U0001F467",
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "{00000000-0000-0000-0000-000000000000}", "0",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "-0", "1e999", "-1e999", "1e-999", "2147483647", "2147483648", "-2147483649",
        "9223372036854775808", "1.5", "0.1e1", "3600", "3601", "100",
        "101", "99999999999999999999999999999999999999999999999999", "[]", "{}", "[null]", "[[[[]]]]", "{\"a\":{\"a\":{}}}", "NaN",
        "Infinity", "0x10", "01", "1.", "'a'", "undefined",
    ];

    /// <summary>Bytes for a route that takes JSON.</summary>
    public byte[] Next(string valid)
    {
        var kind = random.Next(14);
        return kind switch
        {
            0 or 1 or 2 => Encoding.UTF8.GetBytes(valid),
            3 or 4 => Mutated(Encoding.UTF8.GetBytes(valid)),
            5 or 6 or 7 => Encoding.UTF8.GetBytes(Object()),
            8 => Garbage(random.Next(1, 600)),
            9 => Encoding.UTF8.GetBytes(Deep()),
            10 => Encoding.UTF8.GetBytes(Huge()),
            11 => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(valid)],
            12 => random.Next(2) == 0 ? Encoding.Unicode.GetBytes(valid) : Encoding.UTF32.GetBytes(valid),
            _ => [],
        };
    }

    public byte[] Garbage(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Some bytes changed, removed or doubled.</summary>
    public byte[] Mutated(byte[] bytes)
    {
        var changed = bytes.ToList();
        for (var i = random.Next(1, 5); i > 0 && changed.Count > 0; i--)
        {
            var place = random.Next(changed.Count);
            switch (random.Next(4))
            {
                case 0:
                    changed[place] = (byte)random.Next(256);
                    break;
                case 1:
                    changed.RemoveAt(place);
                    break;
                case 2:
                    changed.Insert(place, changed[random.Next(changed.Count)]);
                    break;
                default:
                    changed.RemoveRange(place, changed.Count - place);
                    break;
            }
        }

        return [.. changed];
    }

    /// <summary>A text of some length that may be anything, within the quotes of JSON.</summary>
    private string Text() => random.Next(6) switch
    {
        0 => new string((char)random.Next('a', 'z' + 1), random.Next(1, 400)),
        1 => string.Concat(Enumerable.Repeat("\\u0041\U0001F469", random.Next(1, 300))),
        2 => HostileRequests.Page(random).Id.ToString("D"),
        _ => Texts[random.Next(Texts.Length)],
    };

    private string Object()
    {
        var json = new StringBuilder("{");
        for (var i = random.Next(12); i > 0; i--)
        {
            var value = random.Next(2) == 0 ? $"\"{Text()}\"" : Values[random.Next(Values.Length)];
            json.Append(CultureInfo.InvariantCulture, $"\"{Fields[random.Next(Fields.Length)]}\":{value}{(i > 1 ? "," : "")}");
        }

        return json.Append('}').ToString();
    }

    private string Deep()
    {
        var depth = random.Next(10, 20_000);
        var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"a\":", "}");
        var end = random.Next(2) == 0 ? string.Concat(Enumerable.Repeat(close, depth)) : "";
        return $"{{\"visitorId\":{string.Concat(Enumerable.Repeat(open, depth))}1{end}}}";
    }

    private string Huge() => random.Next(4) switch
    {
        0 => $"{{\"visitorId\":\"{new string('v', random.Next(1_000, 140_000))}\"}}",
        1 => $"{{\"ids\":[{string.Join(',', Enumerable.Repeat("\"00000000-0000-0000-0000-000000000000\"", random.Next(1, 3_000)))}]}}",
        2 => $"{{{string.Join(',', Enumerable.Range(0, random.Next(1, 5_000)).Select(i => $"\"f{i}\":{i}"))}}}",
        _ => new string(' ', random.Next(1, 200_000)),
    };
}
