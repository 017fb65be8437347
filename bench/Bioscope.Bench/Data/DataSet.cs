using System.Diagnostics;
using System.Globalization;
using Bioscope.Bench.Engines;
using Bioscope.Bench.Processes;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Commands;

namespace Bioscope.Bench.Data;

/// <summary>Fills an engine's databases with the data set, or finds them filled by an earlier run.</summary>
internal sealed class DataSet(
    BenchEngine engine, ServerProgram server, Population population, double scale, TimeSpan maxAge, TimeProvider clock)
{
    private static readonly TimeSpan MaxSegmentTime = TimeSpan.FromMinutes(30);

    public async Task<DataStamp> PrepareAsync(CancellationToken cancellationToken)
    {
        var stamp = DataStamp.Read(engine.Folder);
        if (stamp?.IsUsable(scale, clock.GetUtcNow(), maxAge) != true)
        {
            if (Directory.Exists(engine.Folder))
            {
                await Commands.RunAsync("rm", cancellationToken, "-rf", engine.Folder);
            }

            await engine.StartAsync(cancellationToken);
            stamp = await LoadAsync(cancellationToken);
            stamp.Write(engine.Folder);
        }
        else
        {
            await engine.StartAsync(cancellationToken);
            await server.RunAsync(engine, cancellationToken, "migrate");
        }

        return await RebuildAsync(stamp, cancellationToken);
    }

    private async Task<DataStamp> LoadAsync(CancellationToken cancellationToken)
    {
        // The server's own schema, whatever it is by now.
        await server.RunAsync(engine, cancellationToken, "migrate");
        var (started, now) = (Stopwatch.GetTimestamp(), clock.GetUtcNow());
        await StoreCreatorsAsync(now, cancellationToken);
        // With all indexes there, so that they get as full as those of a server that lives.
        using (var progress = new ProgressLine($"{engine.Name}: loading"))
        {
            var done = 0;
            var chunks = Ahead.Of(new Traffic(population, now).Chunks(), cancellationToken);
            await engine.StoreAsync(
                chunks,
                stored => progress.Report(string.Create(CultureInfo.InvariantCulture, $"{done += stored:N0} of {population.Sessions:N0} sessions")),
                cancellationToken);
        }

        await engine.TidyAsync(cancellationToken);
        return new DataStamp(scale, now, population.Sessions, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private async Task StoreCreatorsAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var main = new MainDatabase(engine.MainConnection);
        var pages = population.Pages;
        await main.InsertAsync(UserRow.Table, [.. pages.Select(page => new UserRow(page.UserId, null, null, now))], cancellationToken);
        await main.InsertAsync(CreatorRow.Table, [.. pages.Select(page => new CreatorRow(page.CreatorId, page.UserId, now))], cancellationToken);
        await main.InsertAsync(BioPageRow.Table, [.. pages.Select(page => new BioPageRow(page.Id, page.CreatorId, null, now))], cancellationToken);
        await main.InsertAsync(
            BioLinkRow.Table,
            [.. pages.SelectMany(page => page.LinkIds.Select((id, i) => new BioLinkRow(id, page.Id, $"Link {i + 1}", $"https://example.com/{i + 1}") { Position = i }))],
            cancellationToken);
    }

    /// <summary>Makes the rollups, unless they are there from this schema: by the command for that or, where there is none, by serving until all is sealed.</summary>
    private async Task<DataStamp> RebuildAsync(DataStamp stamp, CancellationToken cancellationToken)
    {
        var schema = await SchemaAsync(cancellationToken);
        if (stamp.RebuiltBy == schema)
        {
            if ((await server.SettleAsync(engine, cancellationToken)).Sealed is var (rows, milliseconds)) // an hour ended since
            {
                stamp = stamp with { HourRows = rows, HourMilliseconds = milliseconds };
                stamp.Write(engine.Folder);
            }

            return stamp;
        }

        Console.Error.WriteLine($"{engine.Name}: sealing");
        var started = Stopwatch.GetTimestamp();
        if (await server.HasAsync(engine, "rebuild", cancellationToken))
        {
            await server.RunAsync(engine, cancellationToken, "rebuild");
            stamp = stamp with { RebuildSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds };
            await server.SettleAsync(engine, cancellationToken);
            stamp = stamp with { SegmentSeconds = await SegmentAsync(cancellationToken) };
        }
        else
        {
            var settled = await server.SettleAsync(engine, cancellationToken);
            // A later schema finds most of it sealed: the first time is the one that counts.
            stamp = stamp.RebuildSeconds is null ? stamp with { RebuildSeconds = settled.Busy.TotalSeconds, SealingMemory = settled.PeakMemory } : stamp;
        }

        stamp = stamp with { RebuiltBy = schema };
        await engine.TidyAsync(cancellationToken);
        stamp.Write(engine.Folder);
        return stamp;
    }

    /// <summary>Drops all segments and lets a server make them, to see how long that takes and that it does.</summary>
    /// <returns>Seconds; null where the schema has no segments.</returns>
    private async Task<double?> SegmentAsync(CancellationToken cancellationToken)
    {
        await using var analytics = engine.OpenAnalytics();
        await using var connection = await analytics.OpenAsync(cancellationToken);
        if ((await analytics.Dialect.ColumnsAsync(connection, "Segment", cancellationToken)).Count == 0)
        {
            return null;
        }

        Console.Error.WriteLine($"{engine.Name}: making segments");
        var all = await SegmentedAsync();
        await BenchEngine.RunAsync(
            connection,
            """DELETE FROM "Segment"; DELETE FROM "SegmentColumn"; UPDATE "RollupPage" SET "segmentedUntil" = NULL""",
            cancellationToken);
        if ((await analytics.Dialect.ColumnsAsync(connection, "Fence", cancellationToken)).Contains("sealedUntil"))
        {
            // Else a start would not go through the pages again in this hour.
            await BenchEngine.RunAsync(connection, """UPDATE "Fence" SET "sealedUntil" = NULL""", cancellationToken);
        }

        await engine.TidyAsync(cancellationToken);
        await using var serving = await server.ServeAsync(engine, cancellationToken);
        var started = Stopwatch.GetTimestamp();
        // That it is idle says nothing where other programs leave it no processor.
        while (await SegmentedAsync() < all)
        {
            if (Stopwatch.GetElapsedTime(started) > MaxSegmentTime)
            {
                throw new BenchException($"The server made segments of {await SegmentedAsync():N0} of {all:N0} sessions in {MaxSegmentTime}.");
            }

            await Task.Delay(500, cancellationToken);
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;

        async Task<long> SegmentedAsync() => Convert.ToInt64(
            await BenchEngine.ScalarAsync<object>(connection, """SELECT COALESCE(SUM("sessions"), 0) FROM "Segment" """, cancellationToken),
            CultureInfo.InvariantCulture);
    }

    /// <summary>The migrations that were applied.</summary>
    private async Task<string> SchemaAsync(CancellationToken cancellationToken)
    {
        await using var analytics = engine.OpenAnalytics();
        return string.Join(' ', await analytics.QueryAsync(
            """SELECT * FROM "BioscopeMigration" ORDER BY 1""", row => Convert.ToString(row.GetValue(0), CultureInfo.InvariantCulture), cancellationToken));
    }
}
