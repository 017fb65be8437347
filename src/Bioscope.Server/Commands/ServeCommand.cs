using Bioscope.Server.Configuration;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope</c> or <c>bioscope serve</c>: serves until it is stopped (Ctrl+C or SIGTERM).</summary>
internal static class ServeCommand
{
    public static Task<int> RunAsync(IReadOnlyDictionary<string, string?> given, CancellationToken cancellation) =>
        RunAsync(given, Secrets.Complete(Settings.Load(given)), cancellation);

    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> given, Settings settings, CancellationToken cancellation)
    {
        var configuration = Settings.Configure(new ConfigurationBuilder(), given).Build();
        await using var app = await BioscopeServer.StartAsync(settings, configuration, TimeProvider.System, cancellation);
        foreach (var url in app.Urls)
            Console.WriteLine($"Bioscope listens on {url}");
        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }
}
