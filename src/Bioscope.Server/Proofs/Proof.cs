using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Bioscope.Server.Proofs;

/// <summary>
/// Signed figures: a JSON Web Signature in flattened form (RFC 7515) over exactly the text of <see cref="Payload"/>, which stays readable
/// (RFC 7797, <c>b64: false</c>). So nothing has to be brought into a canonical form.
/// </summary>
internal sealed record Proof(string Protected, string Payload, string Signature)
{
    /// <summary>The version of the payload's form.</summary>
    public const string Format = "bioscope-proof-1";

    private const string Type = "bioscope-proof+json";

    /// <summary>For people: indented, with letters of every script as they are.</summary>
    public static JsonSerializerOptions Readable { get; } =
        new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), WriteIndented = true };

    public static Proof Make(ProofKey key, string payload)
    {
        var header = $$"""{"alg":"EdDSA","b64":false,"crit":["b64"],"kid":"{{key.Public.Kid}}","typ":"{{Type}}"}""";
        var encoded = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header));
        return new Proof(encoded, payload, Base64Url.EncodeToString(key.Sign(Message(encoded, payload))));
    }

    /// <summary>The file.</summary>
    public string ToText() => new JsonObject
    {
        ["protected"] = Protected,
        ["payload"] = Payload,
        ["signature"] = Signature,
    }.ToJsonString(Readable);

    /// <returns>The proof, or why the text is none.</returns>
    public static (Proof? Proof, string? Problem) Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && Text("protected") is { } header && Text("payload") is { } payload && Text("signature") is { } signature
                ? (new Proof(header, payload, signature), null)
                : (null, "it is no proof: it needs the texts protected, payload and signature");

            string? Text(string name) =>
                json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, "it is not JSON");
        }
    }

    /// <summary>Why the proof does not hold; null when one of the keys signed exactly its payload.</summary>
    public string? ProblemWith(IReadOnlyList<PublicProofKey> keys)
    {
        if (HeaderOf() is not { } header)
        {
            return "its header is not that of a proof";
        }

        if (keys.FirstOrDefault(key => key.Kid == header) is not { } signer)
        {
            return $"it is signed with the key {header}, which is not among the keys";
        }

        var signature = new byte[Base64Url.GetMaxDecodedLength(Signature.Length)];
        return Base64Url.DecodeFromChars(Signature, signature, out _, out var length) != OperationStatus.Done
            || !signer.Verifies(Message(Protected, Payload), signature[..length])
            ? "the signature does not match: the proof was changed after it was signed"
            : null;
    }

    /// <summary>The id of the key; null when the header is another than those of proofs.</summary>
    private string? HeaderOf()
    {
        try
        {
            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(Protected));
            var header = json.RootElement;
            return header.GetProperty("alg").GetString() == "EdDSA" && header.GetProperty("typ").GetString() == Type
                && !header.GetProperty("b64").GetBoolean()
                ? header.GetProperty("kid").GetString()
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static byte[] Message(string header, string payload) => Encoding.UTF8.GetBytes($"{header}.{payload}");
}
