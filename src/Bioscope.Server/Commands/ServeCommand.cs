using System.Net.Sockets;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope</c> or <c>bioscope serve</c>: serves until it is stopped (Ctrl+C or SIGTERM).</summary>
internal static partial class ServeCommand
{
    public static Task<int> RunAsync(IReadOnlyDictionary<string, string?> given, CancellationToken cancellation) =>
        RunAsync(given, Secrets.Complete(Settings.Load(given)), cancellation);

    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> given, Settings settings, CancellationToken cancellation)
    {
        var configuration = Settings.Configure(new ConfigurationBuilder(), given).Build();
        await using var app = await StartAsync(settings, configuration, cancellation);
        foreach (var url in app.Urls)
        {
            if (settings.LogsJson)
            {
                Log.Listens(app.Logger, url); // whoever reads objects reads nothing else
            }
            else
            {
                Console.WriteLine($"Bioscope listens on {url}");
            }
        }

        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }

    private static async Task<WebApplication> StartAsync(Settings settings, IConfiguration configuration, CancellationToken cancellation)
    {
        try
        {
            return await BioscopeServer.StartAsync(settings, configuration, TimeProvider.System, cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            // Taken, not ours, not allowed, or https without a certificate.
            throw new CommandException($"Cannot listen on {settings.Urls}: {e.Message} Choose with --Urls, for example --Urls http://localhost:5001");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Bioscope listens on {Url}")]
        public static partial void Listens(ILogger logger, string url);
    }
}
