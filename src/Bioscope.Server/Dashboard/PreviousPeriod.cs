using Bioscope.Engine.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// Distinct visitors of a period that is over. Rollups tell those of windows that end now, and only these; so the rows are counted, which
/// takes a second for a quarter of a million of them. Hence in whole hours (for today in minutes), kept until that hour is over, and the
/// page waits for it only a moment.
/// </summary>
internal sealed partial class PreviousPeriod(AnalyticsDatabase analytics, ILogger<PreviousPeriod> log) : IDisposable
{
    private const string Sql = """
        -- visitors before
        SELECT COUNT(DISTINCT "visitorId") FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @from AND "startedAt" < @until
        """;

    // Real time, whatever clock the server has: a browser waits for the page.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly MemoryCache _counts = new(new MemoryCacheOptions { SizeLimit = 10_000 });
    private readonly Lock _starting = new();

    // One after the other: the same disk answers everybody's reports.
    private readonly SemaphoreSlim _turn = new(1);

    /// <returns>How many, or null when that is not known yet: it is being counted.</returns>
    public async Task<long?> CountAsync(Guid page, Period period, DateTimeOffset from, DateTimeOffset until)
    {
        var grain = period.IsToday ? TimeSpan.FromMinutes(1) : TimeSpan.FromHours(1);
        var count = Start(page, Floor(from, grain), Floor(until, grain));
        return await Task.WhenAny(count, Task.Delay(Patience, TimeProvider.System)) == count ? await count : null;
    }

    public void Dispose()
    {
        _counts.Dispose();
        _turn.Dispose();
    }

    private static DateTimeOffset Floor(DateTimeOffset instant, TimeSpan grain) => instant.AddTicks(-(instant.Ticks % grain.Ticks));

    private Task<long?> Start(Guid page, DateTimeOffset from, DateTimeOffset until)
    {
        lock (_starting)
        {
            if (_counts.TryGetValue((page, from, until), out Task<long?>? known) && known is not { IsCompleted: true, Result: null })
            {
                return known!;
            }

            using var _ = ExecutionContext.SuppressFlow(); // it outlives the request
            var count = Task.Run(() => ReadAsync(page, from, until));
            return _counts.Set((page, from, until), count, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = TimeSpan.FromHours(1) });
        }
    }

    private async Task<long?> ReadAsync(Guid page, DateTimeOffset from, DateTimeOffset until)
    {
        await _turn.WaitAsync();
        try
        {
            var counts = await analytics.QueryAloneAsync(Sql, row => row.GetInt64(0), CancellationToken.None, ("@page", page), ("@from", from), ("@until", until));
            return counts[0];
        }
        catch (Exception e)
        {
            Log.NotCounted(log, e.Message);
            return null;
        }
        finally
        {
            _turn.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The visitors of the period before could not be counted: {Reason}")]
        public static partial void NotCounted(ILogger logger, string reason);
    }
}
