using System.Data.Common;
using Bioscope.Engine.Storage.Postgres;
using Bioscope.Engine.Storage.Sqlite;

namespace Bioscope.Engine.Storage;

/// <summary>Chooses the engine by the connection string's keywords.</summary>
internal static class StorageEngine
{
    /// <param name="connectionString">The operator's.</param>
    /// <param name="readOnly">Whether another service owns the database.</param>
    /// <param name="notice">Told what an operator should know of a file: a sentence each.</param>
    /// <exception cref="FormatException">The text names no engine, or the engine does not understand it.</exception>
    public static (DbDataSource Source, SqlDialect Dialect) Open(string connectionString, bool readOnly = false, Action<string>? notice = null)
    {
        try
        {
            var keywords = new DbConnectionStringBuilder { ConnectionString = connectionString };
            if (keywords.ContainsKey("Host") || keywords.ContainsKey("Server"))
            {
                return (PostgresSource.Open(connectionString, readOnly), new PostgresDialect());
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

        throw new FormatException("The connection string must start with 'Data Source=' (SQLite) or 'Host=' (PostgreSQL).");
    }
}
