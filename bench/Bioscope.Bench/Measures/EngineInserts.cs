using System.Diagnostics;
using Bioscope.Bench.Data;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Demo;

namespace Bioscope.Bench.Measures;

/// <summary>
/// What the engine takes when it has nothing to do but insert: rows like those of the server into the same table, a transaction a
/// batch, by statements that are prepared once. Not through the server's own writer, whose speed is what is compared with it.
/// </summary>
internal abstract class EngineInserts : IAsyncDisposable
{
    private readonly DemoRandom _random = new(seed: 8);
    private readonly int[] _pages;
    private readonly Population _population;
    private int _next;

    protected EngineInserts(Population population) => (_population, _pages) = (population, ZipfThroughput.Picks(population));

    protected static Table<SessionRow> Table => SessionRow.Table;

    public static async Task<EngineInserts> OpenAsync(Population population, string connectionString, CancellationToken cancellationToken) =>
        connectionString.StartsWith("Data Source", StringComparison.Ordinal)
            ? await SqliteInserts.OpenAsync(population, connectionString)
            : await PostgresInserts.OpenAsync(population, connectionString, cancellationToken);

    /// <summary>Inserts batches of that many rows, one after the other.</summary>
    /// <returns>Rows a second.</returns>
    public async Task<double> RunAsync(int batchSize, TimeSpan duration, CancellationToken cancellationToken)
    {
        var (busy, rows) = (TimeSpan.Zero, 0);
        while (busy < duration)
        {
            // Making rows is not the engine's work, so it is not timed.
            var batch = Enumerable.Range(0, batchSize).Select(_ => Row()).ToArray();
            Prepare(batch);
            var started = Stopwatch.GetTimestamp();
            await InsertAsync(cancellationToken);
            busy += Stopwatch.GetElapsedTime(started);
            rows += batchSize;
        }

        return rows / busy.TotalSeconds;
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Takes the values of the rows out of them.</summary>
    protected abstract void Prepare(SessionRow[] rows);

    /// <summary>Inserts what was prepared, durably.</summary>
    protected abstract Task InsertAsync(CancellationToken cancellationToken);

    private SessionRow Row()
    {
        var now = TimeProvider.System.GetUtcNow().TruncateToMillisecond();
        var origin = Origins.Referrers.Next(_random);
        var (code, country) = Origins.Countries.Next(_random);
        var number = _next++;
        var page = _population.Pages[_pages[number % _pages.Length]].Id;
        return new SessionRow
        {
            BioPageId = page,
            Id = PagedId.SessionOf(_random.Uuid(now), page),
            VisitorId = VisitorHash.Of("bench"u8, number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            Referrer = origin.Referrer,
            ReferrerDomain = origin.Domain,
            Country = country,
            CountryCode = code,
            Device = "mobile",
            Browser = "Safari",
            Os = "iOS",
            OsVersion = "17.5",
            Timezone = "Europe/Berlin",
            StartedAt = now,
        };
    }
}
