using Bioscope.Bench.Data;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Bioscope.Bench.Engines;

/// <summary>Binary COPY into both raw tables at once.</summary>
internal static class PostgresCopy
{
    public static async Task StoreAsync(string connectionString, IEnumerable<Chunk> chunks, Action<int> stored, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Command Timeout=0");
        await using var forSessions = await source.OpenConnectionAsync(cancellation);
        await using var forPageViews = await source.OpenConnectionAsync(cancellation);
        await using var sessions = await BeginAsync(forSessions, SessionRow.Table, cancellation);
        await using var pageViews = await BeginAsync(forPageViews, PageViewRow.Table, cancellation);
        foreach (var chunk in chunks)
        {
            await Task.WhenAll(
                Task.Run(() => WriteAsync(sessions, SessionRow.Table, chunk.Sessions, cancellation), cancellation),
                Task.Run(() => WriteAsync(pageViews, PageViewRow.Table, chunk.PageViews, cancellation), cancellation));
            stored(chunk.Sessions.Count);
        }

        await sessions.CompleteAsync(cancellation);
        await pageViews.CompleteAsync(cancellation);
    }

    private static Task<NpgsqlBinaryImporter> BeginAsync<T>(NpgsqlConnection connection, Table<T> table, CancellationToken cancellation) =>
        connection.BeginBinaryImportAsync($"""COPY "{table.Name}" ({table.ColumnList}) FROM STDIN (FORMAT BINARY)""", cancellation);

    private static async Task WriteAsync<T>(NpgsqlBinaryImporter importer, Table<T> table, List<T> rows, CancellationToken cancellation)
    {
        var dialect = new PostgresDialect();
        foreach (var row in rows)
        {
            await importer.StartRowAsync(cancellation);
            foreach (var column in table.Columns)
            {
                switch (dialect.Value(column.Value(row)))
                {
                    case DBNull:
                        await importer.WriteNullAsync(cancellation);
                        break;
                    case Guid id:
                        await importer.WriteAsync(id, NpgsqlDbType.Uuid, cancellation);
                        break;
                    case string text:
                        await importer.WriteAsync(text, NpgsqlDbType.Text, cancellation);
                        break;
                    case int number:
                        await importer.WriteAsync(number, NpgsqlDbType.Integer, cancellation);
                        break;
                    case bool flag:
                        await importer.WriteAsync(flag, NpgsqlDbType.Boolean, cancellation);
                        break;
                    case DateTime instant:
                        await importer.WriteAsync(instant, NpgsqlDbType.Timestamp, cancellation);
                        break;
                    case var other:
                        throw new NotSupportedException($"A {other.GetType().Name} in column {column.Name}");
                }
            }
        }
    }
}
