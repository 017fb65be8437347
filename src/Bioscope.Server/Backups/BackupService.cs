using Bioscope.Engine;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Backups;

/// <summary>Makes backups by the settings <c>Backup:…</c>, and removes old ones. A failed one is tried again after an hour.</summary>
internal sealed partial class BackupService(
    Settings settings, MainDatabase main, AnalyticsDatabase analytics, TimeProvider clock, ILogger<BackupService> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1), AfterFailure = TimeSpan.FromHours(1);

    /// <summary>Makes a backup if one is due.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        // One from the future was made while the clock was wrong.
        if (Backup.In(settings.BackupFolder!).Any(backup => backup.CreatedAt <= now && backup.CreatedAt > now.AddHours(-settings.BackupHours)))
        {
            return;
        }

        var backup = await Backup.TakeAsync(settings.BackupFolder!, settings, main, analytics, now, _ => { }, cancellationToken);
        var removed = Backup.Prune(settings.BackupFolder!, settings.BackupsKept, now);
        Log.Made(log, backup.Folder, removed);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = Interval;
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e.IsFailure(stoppingToken))
            {
                Log.Failed(log, e.Message);
                wait = AfterFailure;
            }

            await Task.Delay(wait, clock, stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Backup made: {Folder}. Old ones removed: {Removed}")]
        public static partial void Made(ILogger logger, string folder, int removed);

        [LoggerMessage(LogLevel.Error, "No backup could be made; the next attempt is in an hour: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
