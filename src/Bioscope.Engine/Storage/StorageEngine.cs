using System.Data.Common;
using Bioscope.Engine.Storage.Postgres;
using Bioscope.Engine.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Bioscope.Engine.Storage;

/// <summary>Chooses the engine by the connection string's keywords or scheme.</summary>
internal static class StorageEngine
{
    /// <summary>The file that the string, which <see cref="Open"/> accepts, names; null when it names a database server.</summary>
    public static string? FileOf(string connectionString)
    {
        using var source = Open(connectionString).Source;
        return source is SqliteSource ? new SqliteConnectionStringBuilder(connectionString).DataSource : null;
    }

    /// <param name="connectionString">The operator's connection string.</param>
    /// <param name="readOnly">Whether another service owns the database.</param>
    /// <param name="notice">Receives notices about a file for the operator, one sentence each.</param>
    /// <exception cref="FormatException">The string names no engine, or the engine does not accept it.</exception>
    public static (DbDataSource Source, SqlDialect Dialect) Open(
        string connectionString, bool readOnly = false, Action<string>? notice = null)
    {
        try
        {
            if (PostgresUrl.Is(connectionString))
            {
                return OpenPostgres(PostgresUrl.ToConnectionString(connectionString), readOnly);
            }

            var keywords = new DbConnectionStringBuilder { ConnectionString = connectionString };
            if (keywords.ContainsKey("Host") || keywords.ContainsKey("Server"))
            {
                return OpenPostgres(connectionString, readOnly);
            }

            if (keywords.ContainsKey("Data Source") || keywords.ContainsKey("DataSource") || keywords.ContainsKey("Filename"))
            {
                return (new SqliteSource(connectionString, readOnly, notice), new SqliteDialect());
            }
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }

        throw new FormatException("It must start with 'Data Source=' (SQLite), or with 'Host=' or 'postgres://' (PostgreSQL).");
    }

    private static (DbDataSource Source, SqlDialect Dialect) OpenPostgres(string connectionString, bool readOnly)
    {
        var source = new PostgresSource(connectionString, readOnly);
        return (source, new PostgresDialect(() => source.IsDistributed));
    }
}
