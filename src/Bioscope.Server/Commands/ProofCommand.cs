using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bioscope.Server.Configuration;
using Bioscope.Server.Proofs;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope proof verify FILE</c>: whether a proof was signed by one of the keys and is unchanged, and what it says. Exit code 1 when it
/// does not hold.
/// </summary>
internal static class ProofCommand
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(20);

    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var file = new Argument<string>("file") { Description = "The proof, as downloaded from a frozen view; '-' for standard input" };
        var keys = new Option<string>("--keys")
        {
            Description = "A file with the server's public keys, from /.well-known/bioscope-keys.json; without it and --url, this installation's key",
            HelpName = "file",
        };
        var url = new Option<string>("--url") { Description = "The server to ask for its keys, such as https://links.example", HelpName = "url" };
        var verify = new Command("verify", "Verify a proof and print what it says") { file, keys, url };
        verify.SetAction(async (parse, cancellationToken) =>
        {
            var text = await ReadAsync(parse.GetRequiredValue(file), cancellationToken);
            var known = parse.GetValue(keys) is { } path ? KeysOf(await ReadAsync(path, cancellationToken), path)
                : parse.GetValue(url) is { } address ? await FetchAsync(address, cancellationToken)
                : [OwnKey(Settings.Load(CommandLine.Given(parse, settings)))];
            return Report(text, known, parse.GetValue(url));
        });
        return new Command("proof", "Check signed figures") { verify };
    }

    private static int Report(string text, IReadOnlyList<PublicProofKey> keys, string? url)
    {
        var (proof, problem) = Proof.Parse(text);
        problem ??= proof!.ProblemWith(keys);
        var payload = problem is null ? JsonNode.Parse(proof!.Payload)! : null;
        if (payload is not null && url is not null && (string?)payload["server"] != OriginOf(url))
        {
            problem = $"it is of {payload["server"]}, not of {OriginOf(url)}";
        }

        if (problem is not null)
        {
            throw new CommandException($"The proof does not hold: {problem}.");
        }

        Console.WriteLine($"The proof holds. {payload!["server"]} signed these figures at {payload["frozenAt"]}.");
        Console.WriteLine(payload.ToJsonString(Proof.Readable));
        return 0;
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return path == "-" ? await Console.In.ReadToEndAsync(cancellationToken) : await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path}: it cannot be read ({e.Message})");
        }
    }

    private static async Task<IReadOnlyList<PublicProofKey>> FetchAsync(string address, CancellationToken cancellationToken)
    {
        var keys = OriginOf(address) + ProofPages.KeysPath;
        try
        {
            using var http = new HttpClient { Timeout = MaxWait };
            return KeysOf(await http.GetStringAsync(keys, cancellationToken), keys);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            throw new CommandException($"{keys}: it cannot be read ({e.Message})");
        }
    }

    private static IReadOnlyList<PublicProofKey> KeysOf(string text, string name)
    {
        try
        {
            return JsonSerializer.Deserialize(text, ProofKeyJson.Default.ProofKeySet) is { Keys: { } keys } && keys.All(key => key is not null)
                ? keys
                : throw new CommandException($"{name}: it has no keys");
        }
        catch (JsonException)
        {
            throw new CommandException($"{name}: it is not the JSON of {ProofPages.KeysPath}");
        }
    }

    private static PublicProofKey OwnKey(Settings settings)
    {
        var seed = settings.ProofKey.Length > 0 ? settings.ProofKey : ProofKeyFile.Read(ProofKeyFile.FileOf(settings));
        return seed is null
            ? throw new CommandException($"There is no {ProofKeyFile.FileOf(settings)} here. Name the keys with --keys, or the server with --url.")
            : new ProofKey(seed).Public;
    }

    private static string OriginOf(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url.GetLeftPart(UriPartial.Authority)
            : throw new CommandException($"--url: '{address}' is not an address such as https://links.example.");
}
