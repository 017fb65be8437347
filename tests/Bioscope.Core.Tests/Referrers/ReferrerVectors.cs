using System.Text.Json;

namespace Bioscope.Core.Tests.Referrers;

/// <summary>
/// <c>referrer-vectors.json</c>: referrers by topic with their domain, and texts with their Normalization Form C. The results are those
/// of Node 26.10 (<c>new URL(…).hostname</c>, <c>normalize('NFC')</c>; Unicode 17), which passes all web-platform-tests. Ten under "bidi"
/// and "joiners", where Node accepts what RFC 5893 and RFC 5892 do not, are those of npm's whatwg-url with tr46 6.0.0.
/// </summary>
internal sealed record ReferrerVectors(Dictionary<string, string?[][]> Referrers, string[][] Nfc)
{
    public static ReferrerVectors Read()
    {
        using var file = typeof(ReferrerVectors).Assembly.GetManifestResourceStream("referrer-vectors.json")!;
        return JsonSerializer.Deserialize<ReferrerVectors>(file, JsonSerializerOptions.Web)!;
    }
}
