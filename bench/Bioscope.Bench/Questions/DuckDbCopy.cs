using System.Data.Common;
using Bioscope.Bench.Data;
using Bioscope.Bench.Engines;
using Bioscope.Engine.Storage;
using DuckDB.NET.Data;

namespace Bioscope.Bench.Questions;

/// <summary>
/// The rows of one page as DuckDB stores them, in a file beside the data set: a column store in the process of whoever asks, so it
/// shows how fast a question can be. It has only this page's rows and the columns that questions read, in the order of time; instants are
/// in milliseconds since 1970.
/// </summary>
internal static class DuckDbCopy
{
    private const string Tables = """
        CREATE TABLE "AnalyticsSession" (
          "id" UUID, "visitorId" VARCHAR, "referrerDomain" VARCHAR, "countryCode" VARCHAR,
          "device" VARCHAR, "browser" VARCHAR, "os" VARCHAR, "startedAt" BIGINT, "duration" INTEGER, "pageViews" INTEGER);
        CREATE TABLE "AnalyticsPageView" ("id" UUID, "sessionId" UUID, "enteredAt" BIGINT, "linkClicked" UUID)
        """;

    private const string SessionsSql = """
        SELECT CAST("id" AS {text}), "visitorId", "referrerDomain", "countryCode", "device", "browser", "os",
          "startedAt", "duration", "pageViews"
        FROM "AnalyticsSession" WHERE "bioPageId" = @page ORDER BY "startedAt"
        """;

    private const string ViewsSql = """
        SELECT CAST("id" AS {text}), CAST("sessionId" AS {text}), "enteredAt", CAST("linkClicked" AS {text})
        FROM "AnalyticsPageView" WHERE "bioPageId" = @page ORDER BY "enteredAt"
        """;

    /// <summary>Opens the copy; the first time it is made.</summary>
    public static async Task<DuckDBConnection> OpenAsync(BenchEngine engine, BenchPage page, CancellationToken cancellationToken)
    {
        var file = Path.Combine(engine.Folder, "page.duckdb");
        if (!File.Exists(file))
        {
            Console.Error.WriteLine($"{engine.Name}: copying a page to DuckDB");
            var part = file + ".part";
            File.Delete(part);
            await using (var made = await ConnectAsync(part, "READ_WRITE", cancellationToken))
            {
                await FillAsync(engine, page, made, cancellationToken);
            }

            File.Move(part, file);
        }

        // Several runs may read it at once.
        return await ConnectAsync(file, "READ_ONLY", cancellationToken);
    }

    private static async Task<DuckDBConnection> ConnectAsync(string file, string mode, CancellationToken cancellationToken)
    {
        var connection = new DuckDBConnection($"DataSource={file};ACCESS_MODE={mode}");
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task FillAsync(BenchEngine engine, BenchPage page, DuckDBConnection to, CancellationToken cancellationToken)
    {
        await BenchEngine.RunAsync(to, Tables, cancellationToken);
        await using var analytics = engine.OpenAnalytics();
        await CopyAsync(analytics, page, SessionsSql, to, "AnalyticsSession", AppendSession, cancellationToken);
        await CopyAsync(analytics, page, ViewsSql, to, "AnalyticsPageView", AppendView, cancellationToken);
        await BenchEngine.RunAsync(to, "CHECKPOINT", cancellationToken);
    }

    private static void AppendSession(SqlDialect dialect, DbDataReader from, IDuckDBAppenderRow row)
    {
        row.AppendValue(Guid.Parse(from.GetString(0)));
        for (var column = 1; column <= 6; column++)
        {
            row.AppendValue(from.IsDBNull(column) ? null : from.GetString(column));
        }

        row.AppendValue(dialect.ReadInstant(from, 7).ToUnixTimeMilliseconds());
        row.AppendValue(from.GetInt32(8)).AppendValue(from.GetInt32(9));
    }

    private static void AppendView(SqlDialect dialect, DbDataReader from, IDuckDBAppenderRow row)
    {
        row.AppendValue(Guid.Parse(from.GetString(0))).AppendValue(Guid.Parse(from.GetString(1)));
        row.AppendValue(dialect.ReadInstant(from, 2).ToUnixTimeMilliseconds());
        row.AppendValue(from.IsDBNull(3) ? null : Guid.Parse(from.GetString(3)));
    }

    private static async Task CopyAsync(
        AnalyticsDatabase analytics, BenchPage page, string sql, DuckDBConnection to, string table,
        Action<SqlDialect, DbDataReader, IDuckDBAppenderRow> append, CancellationToken cancellationToken)
    {
        await using var connection = await analytics.OpenAsync(cancellationToken);
        await using var command = analytics.Dialect.Command(connection, null, sql, ("@page", page.Id));
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        using var appender = to.CreateAppender(table);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = appender.CreateRow();
            append(analytics.Dialect, reader, row);
            row.EndRow();
        }
    }
}
