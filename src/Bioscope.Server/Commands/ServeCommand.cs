using System.Net.Sockets;
using Bioscope.Server.Configuration;
using Bioscope.Server.Operations;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope</c> or <c>bioscope serve</c>: runs the server until it is stopped (Ctrl+C or SIGTERM).</summary>
internal static partial class ServeCommand
{
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> given, CancellationToken cancellationToken)
    {
        var settings = Settings.Load(given);
        DataFolder.Check(settings);
        var complete = await BioscopeServer.WhenStartedAsync(
            () => KnownSecrets.CompleteAsync(settings, cancellationToken), TimeProvider.System, cancellationToken);
        return await RunAsync(given, complete, cancellationToken);
    }

    public static async Task<int> RunAsync(
        IReadOnlyDictionary<string, string?> given, Settings settings, CancellationToken cancellationToken)
    {
        settings = await KnownSecrets.CompleteKeyAsync(settings, cancellationToken);
        var configuration = Settings.Configure(new ConfigurationBuilder(), given).Build();
        await using var app = await StartAsync(settings, configuration, cancellationToken);
        foreach (var url in app.Urls)
        {
            if (settings.LogsJson)
            {
                Log.Listens(app.Logger, url); // standard output must contain only JSON lines
            }
            else
            {
                Console.WriteLine($"Bioscope listens on {url}");
            }
        }

        ServiceManager.SayReady();
        return await RunToEndAsync(app, cancellationToken);
    }

    /// <summary>Waits until the server is stopped, or stops it when a part that must run as long as the server has ended.</summary>
    /// <returns>0, or 1 if a part had failed, so that a service manager restarts the server.</returns>
    public static async Task<int> RunToEndAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        var parts = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
        var ended = 0;
        foreach (var part in parts)
        {
            _ = part.ExecuteTask?.ContinueWith(
                task =>
                {
                    if (task.IsFaulted || !stopping.IsCancellationRequested)
                    {
                        Interlocked.Exchange(ref ended, 1);
                        Log.PartEnded(app.Logger, task.Exception?.InnerException, part.GetType().Name);
                        app.Lifetime.StopApplication();
                    }
                },
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
        }

        await app.WaitForShutdownAsync(cancellationToken);
        return Volatile.Read(ref ended) != 0 || parts.Exists(part => part.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
    }

    private static async Task<WebApplication> StartAsync(
        Settings settings, IConfiguration configuration, CancellationToken cancellationToken)
    {
        try
        {
            return await BioscopeServer.StartAsync(settings, configuration, TimeProvider.System, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            // The address is in use, does not belong to this machine, is not allowed, or needs a certificate for https.
            throw new CommandException(
                $"Cannot listen on {settings.Urls}: {e.Message} Choose another address with --Urls, for example --Urls " +
                "http://localhost:5001");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Bioscope listens on {Url}")]
        public static partial void Listens(ILogger logger, string url);

        [LoggerMessage(LogLevel.Critical,
            "{Part} has ended although it must run for as long as the server. The server stops with exit code 1. Start it again, and " +
            "report this")]
        public static partial void PartEnded(ILogger logger, Exception? failure, string part);
    }
}
