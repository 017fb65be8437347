using System.Globalization;
using System.Text;
using Bioscope.Bench.Engines;
using Bioscope.Bench.Load;
using Bioscope.Bench.Processes;
using Bioscope.Core;

namespace Bioscope.Bench.Faults;

/// <summary>A creator with a page and its links, whose ids follow from its number.</summary>
internal sealed record FaultPage(Guid Id, Guid UserId, string Handle, IReadOnlyList<Guid> Links)
{
    private static readonly byte[] Secret = Encoding.UTF8.GetBytes(ServerProgram.HmacSecret);

    /// <summary>A tracking token that holds now.</summary>
    public string TrackingToken => Core.TrackingToken.Create(Secret, Id, TimeProvider.System.GetUtcNow());

    /// <summary>An access token that holds for a day.</summary>
    public string AccessToken { get; } = Requests.TokenOf(UserId, TimeProvider.System.GetUtcNow());
}

/// <summary>The creators of a fault test, and how the server is started: with its default limits, behind a proxy at 127.0.0.1.</summary>
internal sealed class FaultWorld(ServerProgram program, BenchEngine engine)
{
    private const int Pages = 20;
    private const int LinksPerPage = 5;
    private const int OldSessionsPerPage = 400;

    public static IReadOnlyList<FaultPage> AllPages { get; } = [.. Enumerable.Range(0, Pages).Select(number => new FaultPage(
        Uuid.Named($"fault page {number}"),
        Uuid.Named($"fault user {number}"),
        string.Create(CultureInfo.InvariantCulture, $"fault{number}"),
        [.. Enumerable.Range(0, LinksPerPage).Select(link => Uuid.Named($"fault link {number} {link}"))]))];

    /// <summary>Adds the creators to the databases; those that are there stay.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(engine.Folder, "creators.ndjson");
        Directory.CreateDirectory(engine.Folder);
        await File.WriteAllLinesAsync(file, AllPages.SelectMany(Lines), cancellationToken);
        await program.RunAsync(engine, cancellationToken, "import", file);
    }

    /// <summary>Starts the server and waits until it listens.</summary>
    /// <param name="line">Told of each line that it writes.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public Task<WebProcess> ServeAsync(Action<string>? line, CancellationToken cancellationToken)
    {
        var start = program.With(engine, null, "--Urls", "http://127.0.0.1:0");
        start.Environment["Throttle__Enabled"] = "true";
        start.Environment["Proxies__Trusted"] = "127.0.0.1";
        return WebProcess.StartAsync(start, "Bioscope listens on ", cancellationToken, line);
    }

    /// <summary>Runs <c>bioscope verify</c>.</summary>
    /// <exception cref="BenchException">Something that is kept differs from the recount; the message says what.</exception>
    public Task<string> VerifyAsync(CancellationToken cancellationToken) => program.RunAsync(engine, cancellationToken, "verify");

    private static IEnumerable<string> Lines(FaultPage page)
    {
        yield return $$"""{"type":"creator","userId":"{{page.UserId}}","bioPageId":"{{page.Id}}","handle":"{{page.Handle}}"}""";
        foreach (var link in page.Links)
        {
            yield return $$"""{"type":"link","id":"{{link}}","bioPageId":"{{page.Id}}","title":"Shop","url":"https://shop.example/"}""";
        }

        // Something to seal, so that there are rollups that a crash could damage.
        var lastMonth = TimeProvider.System.GetUtcNow().AddDays(-60);
        for (var i = 0; i < OldSessionsPerPage; i++)
        {
            var at = lastMonth.AddHours(i * 3).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            var id = Uuid.Named($"old {page.Id} {i}");
            yield return $$"""{"type":"session","id":"{{id}}","bioPageId":"{{page.Id}}","visitorId":"{{i % 50}}","startedAt":"{{at}}","pageViews":1}""";
        }
    }
}
