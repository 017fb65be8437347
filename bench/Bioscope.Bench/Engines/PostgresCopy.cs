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
    public static async Task StoreAsync(string connectionString, IEnumerable<Chunk> chunks, Action<int> stored, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Command Timeout=0");
        await using var forSessions = await source.OpenConnectionAsync(cancellationToken);
        await using var forPageViews = await source.OpenConnectionAsync(cancellationToken);
        await using var sessions = await BeginAsync(forSessions, SessionRow.Table, cancellationToken);
        await using var pageViews = await BeginAsync(forPageViews, PageViewRow.Table, cancellationToken);
        foreach (var chunk in chunks)
        {
            await Task.WhenAll(
                Task.Run(() => WriteAsync(sessions, SessionRow.Table, chunk.Sessions, cancellationToken), cancellationToken),
                Task.Run(() => WriteAsync(pageViews, PageViewRow.Table, chunk.PageViews, cancellationToken), cancellationToken));
            stored(chunk.Sessions.Count);
        }

        await sessions.CompleteAsync(cancellationToken);
        await pageViews.CompleteAsync(cancellationToken);
    }

    private static Task<NpgsqlBinaryImporter> BeginAsync<T>(NpgsqlConnection connection, Table<T> table, CancellationToken cancellationToken) =>
        connection.BeginBinaryImportAsync($"""COPY "{table.Name}" ({table.ColumnList}) FROM STDIN (FORMAT BINARY)""", cancellationToken);

    private static async Task WriteAsync<T>(NpgsqlBinaryImporter importer, Table<T> table, List<T> rows, CancellationToken cancellationToken)
    {
        var dialect = new PostgresDialect();
        foreach (var row in rows)
        {
            await importer.StartRowAsync(cancellationToken);
            foreach (var column in table.Columns)
            {
                switch (dialect.Value(column.Value(row)))
                {
                    case DBNull:
                        await importer.WriteNullAsync(cancellationToken);
                        break;
                    case Guid id:
                        await importer.WriteAsync(id, NpgsqlDbType.Uuid, cancellationToken);
                        break;
                    case string text:
                        await importer.WriteAsync(text, NpgsqlDbType.Text, cancellationToken);
                        break;
                    case int number:
                        await importer.WriteAsync(number, NpgsqlDbType.Integer, cancellationToken);
                        break;
                    case bool flag:
                        await importer.WriteAsync(flag, NpgsqlDbType.Boolean, cancellationToken);
                        break;
                    case DateTime instant:
                        await importer.WriteAsync(instant, NpgsqlDbType.Timestamp, cancellationToken);
                        break;
                    case var other:
                        throw new NotSupportedException($"A {other.GetType().Name} in column {column.Name}");
                }
            }
        }
    }
}
