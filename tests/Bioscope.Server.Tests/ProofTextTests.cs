using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Server.Proofs;

namespace Bioscope.Server.Tests;

/// <summary>What holds as a proof and what does not, whatever somebody writes into the file. <see cref="ProofTests"/> makes them by a server.</summary>
public sealed class ProofTextTests : IDisposable
{
    private const string Payload = """{"server":"https://links.example","frozenAt":"2026-01-31T08:00:00Z","visits":12}""";
    private const string ChangedSignature = "the signature does not match: the proof was changed after it was signed";
    private const string OtherHeader = "its header is not that of a proof";

    private static readonly ProofKey Key = new(new string('7', 64)), Other = new(new string('8', 64));
    private static readonly Proof Made = Proof.Make(Key, Payload);

    private readonly InProcessCli _cli = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void A_proof_holds_under_its_own_key_also_among_others()
    {
        var (read, problem) = Proof.Parse(Made.ToText());

        Assert.Null(problem);
        Assert.Equal(Made, read);
        Assert.Null(read!.ProblemWith([Other.Public, Key.Public]));
        Assert.Equal($"it is signed with the key {Key.Public.Kid}, which is not among the keys", read.ProblemWith([Other.Public]));
        Assert.Equal($"it is signed with the key {Key.Public.Kid}, which is not among the keys", read.ProblemWith([]));
    }

    [Fact]
    public void A_change_of_any_part_is_noticed()
    {
        Assert.Equal(ChangedSignature, (Made with { Payload = Payload.Replace("12", "13", StringComparison.Ordinal) }).ProblemWith([Key.Public]));
        Assert.Equal(ChangedSignature, (Made with { Payload = Payload + " " }).ProblemWith([Key.Public]));
        Assert.Equal(ChangedSignature, (Made with { Signature = Proof.Make(Key, "{}").Signature }).ProblemWith([Key.Public]));
        Assert.Equal(ChangedSignature, (Made with { Protected = Header(kid: Key.Public.Kid, more: ""","x":1""") }).ProblemWith([Key.Public]));
        // Signed by another key under the name of this one.
        Assert.Equal(ChangedSignature, (Proof.Make(Other, Payload) with { Protected = Made.Protected }).ProblemWith([Key.Public]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("no base64url!")]
    [InlineData("A")]
    [InlineData("ÄÖÜ")]
    public void A_signature_that_is_none_does_not_hold(string signature) =>
        Assert.Equal(ChangedSignature, (Made with { Signature = signature }).ProblemWith([Key.Public]));

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("no base64url!")]
    public void A_key_that_is_none_verifies_nothing(string x) => Assert.Equal(ChangedSignature, Made.ProblemWith([Key.Public with { X = x }]));

    [Fact]
    public void Another_kind_of_signature_is_no_proof()
    {
        Assert.Equal(OtherHeader, (Made with { Protected = "" }).ProblemWith([Key.Public]));
        Assert.Equal(OtherHeader, (Made with { Protected = "no base64url!" }).ProblemWith([Key.Public]));
        Assert.Equal(OtherHeader, (Made with { Protected = Encoded("[]") }).ProblemWith([Key.Public]));
        Assert.Equal(OtherHeader, (Made with { Protected = Encoded("{}") }).ProblemWith([Key.Public]));
        foreach (var (name, value) in (((string, JsonNode?)[])[("alg", "none"), ("alg", 1), ("typ", "JWT"), ("b64", true), ("kid", 1), ("kid", null)]))
        {
            var header = JsonNode.Parse(Base64Url.DecodeFromChars(Made.Protected))!;
            header[name] = value;
            Assert.Equal(OtherHeader, (Made with { Protected = Encoded(header.ToJsonString()) }).ProblemWith([Key.Public]));
        }
    }

    [Theory]
    [InlineData("", "it is not JSON")]
    [InlineData("{", "it is not JSON")]
    [InlineData("[]", "it is no proof: it needs the texts protected, payload and signature")]
    [InlineData("null", "it is no proof: it needs the texts protected, payload and signature")]
    [InlineData("""{"protected":"x","payload":"y"}""", "it is no proof: it needs the texts protected, payload and signature")]
    [InlineData("""{"protected":"x","payload":{},"signature":"z"}""", "it is no proof: it needs the texts protected, payload and signature")]
    [InlineData("""{"protected":"x","payload":"\ud800","signature":"z"}""", "it is not JSON")]
    public void What_is_no_proof_says_what_is_missing(string text, string problem) => Assert.Equal((null, problem), Proof.Parse(text));

    [Fact]
    public async Task The_command_reads_keys_from_a_file_and_says_what_is_wrong_with_it()
    {
        var proof = await FileAsync("proof.json", Made.ToText());
        var keys = await FileAsync("keys.json", $$"""{"keys":[{"kty":"OKP","crv":"Ed25519","x":"{{Key.Public.X}}","kid":"{{Key.Public.Kid}}"}]}""");
        var lines = (await _cli.SucceedAsync("proof", "verify", proof, "--keys", keys)).Split('\n');
        Assert.Equal("The proof holds. https://links.example signed these figures at 2026-01-31T08:00:00Z.", lines[0]);
        Assert.Contains("  \"visits\": 12", lines);

        foreach (var (text, message) in ((string, string)[])[
            ("", "it is not the JSON of /.well-known/bioscope-keys.json"), ("[]", "it is not the JSON of /.well-known/bioscope-keys.json"),
            ("null", "it has no keys"), ("{}", "it has no keys"), ("""{"keys":null}""", "it has no keys"), ("""{"keys":[null]}""", "it has no keys")])
        {
            Assert.Equal($"{keys}: {message}\n", await AfterAsync(keys, text));
        }

        Assert.Equal(
            $"The proof does not hold: it is signed with the key {Key.Public.Kid}, which is not among the keys.\n", await AfterAsync(keys, """{"keys":[]}"""));
        Assert.StartsWith("missing.json: it cannot be read (", await _cli.FailAsync(1, "proof", "verify", proof, "--keys", "missing.json"), StringComparison.Ordinal);
        await FileAsync("proof.json", "x");
        Assert.Equal("The proof does not hold: it is not JSON.\n", await AfterAsync(keys, """{"keys":[]}"""));

        async Task<string> AfterAsync(string path, string text)
        {
            await File.WriteAllTextAsync(path, text, Cancelled);
            return await _cli.FailAsync(1, "proof", "verify", proof, "--keys", path);
        }
    }

    [Fact]
    public async Task Without_keys_it_is_this_installations_key()
    {
        var proof = await FileAsync("proof.json", Made.ToText());
        Assert.Equal(
            $"There is no {_cli.Data}/proof-key here. Name the keys with --keys, or the server with --url.\n", await _cli.FailAsync(1, "proof", "verify", proof));
        await _cli.SucceedAsync("proof", "verify", proof, "--Proof:SigningKey=" + new string('7', 64));
        Assert.Contains("not among the keys", await _cli.FailAsync(1, "proof", "verify", proof, "--Proof:SigningKey=" + new string('8', 64)), StringComparison.Ordinal);

        Directory.CreateDirectory(_cli.Data);
        await File.WriteAllTextAsync(Path.Combine(_cli.Data, "proof-key"), new string('7', 64) + "\n", Cancelled);
        await _cli.SucceedAsync("proof", "verify", proof);
        await File.WriteAllTextAsync(Path.Combine(_cli.Data, "proof-key"), "7777", Cancelled);
        Assert.StartsWith($"{_cli.Data}/proof-key: the file is damaged.", await _cli.FailAsync(1, "proof", "verify", proof), StringComparison.Ordinal);

        foreach (var url in (string[])["links.example", "ftp://links.example", "/keys"])
        {
            Assert.Equal(
                $"--url: '{url}' is not an address such as https://links.example.\n", await _cli.FailAsync(1, "proof", "verify", proof, "--url", url));
        }
    }

    public void Dispose() => _cli.Dispose();

    private static string Header(string kid, string more = "") =>
        Encoded($$"""{"alg":"EdDSA","b64":false,"crit":["b64"],"kid":"{{kid}}","typ":"bioscope-proof+json"{{more}}}""");

    private static string Encoded(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private async Task<string> FileAsync(string name, string text)
    {
        var path = Path.Combine(_cli.Folder, name);
        await File.WriteAllTextAsync(path, text, Cancelled);
        return path;
    }
}
