using System.Globalization;
using System.Reflection;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;
using Bioscope.Server.Backups;
using Bioscope.Server.Configuration;
using Bioscope.Server.Operations;

namespace Bioscope.Server.Dashboard.Operating;

/// <summary>The state of this server and its databases, as of now.</summary>
/// <param name="Warnings">What is wrong and how to fix it, in English, as in <c>bioscope doctor</c>.</param>
/// <param name="NotReady">What keeps the server from being ready.</param>
/// <param name="Databases">The databases with their engines and sizes in bytes.</param>
/// <param name="Waiting">How many events wait to be written.</param>
/// <param name="Drops">What was dropped today, by reason.</param>
/// <param name="SealedUntil">Up to when hours are sealed; null before the first.</param>
/// <param name="Outbox">What of mail and webhooks waits, and what failed in the last week.</param>
/// <param name="LastBackup">The newest backup; null for none.</param>
internal sealed record ServerState(
    IReadOnlyList<string> Warnings, IReadOnlyList<string> NotReady, IReadOnlyList<(string Name, string Engine, long Bytes)> Databases, int Waiting,
    IReadOnlyList<(string Reason, long Count)> Drops, DateTimeOffset? SealedUntil, (long Waiting, long Failed) Outbox, DateTimeOffset? LastBackup)
{
    private const string OutboxSql = """
        -- state of outbox
        SELECT (SELECT COUNT(*) FROM "Outbox" WHERE "doneAt" IS NULL),
          (SELECT COUNT(*) FROM "Outbox" WHERE "doneAt" >= @since AND "outcome" IN ('refused', 'expired'))
        """;

    /// <summary>How long a failed message counts.</summary>
    private static readonly TimeSpan FailedFor = TimeSpan.FromDays(7);

    public static string Version { get; } =
        typeof(ServerState).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public static async Task<ServerState> ReadAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var (settings, main, analytics) = (
            services.GetRequiredService<Settings>(), services.GetRequiredService<MainDatabase>(), services.GetRequiredService<AnalyticsDatabase>());
        Database[] databases = main.IsSameAs(analytics) ? [main] : [main, analytics];
        var sizes = new List<(string, string, long)>();
        foreach (var database in databases)
        {
            sizes.Add((database.Name, database.Dialect.Name, await database.SizeAsync(cancellationToken)));
        }

        var since = services.GetRequiredService<TimeProvider>().GetUtcNow() - FailedFor;
        var outbox = await main.QueryAsync(OutboxSql, row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken, ("@since", since));
        return new ServerState(
            SetupProblems.Of(settings, databases),
            await services.GetRequiredService<Readiness>().ProblemsAsync().WaitAsync(cancellationToken),
            sizes,
            services.GetRequiredService<IngestWriter>().Waiting,
            [.. services.GetRequiredService<IngestMetrics>().DropsToday().Where(drop => drop.Count > 0).OrderByDescending(drop => drop.Count)
                .Select(drop => (PageDrop.NameOf(drop.Reason), drop.Count))],
            await Fence.ReadAsync(analytics, cancellationToken),
            outbox[0],
            settings.BackupFolder is { } folder && Backup.In(folder) is [var newest, ..] ? newest.CreatedAt : null);
    }

    /// <summary>Bytes as mebibytes.</summary>
    public static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(bytes / 1048576.0):0} MiB");
}
