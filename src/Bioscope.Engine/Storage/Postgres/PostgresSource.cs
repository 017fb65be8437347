using Npgsql;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// Opens PostgreSQL with driver settings that suit many small prepared statements; the operator's own settings take precedence.
/// </summary>
internal static class PostgresSource
{
    /// <summary>The settings for Bioscope's own databases.</summary>
    // Just-in-time compilation costs more than any of our statements. What is acknowledged must be on disk, whatever the server's default
    // is. Each statement has its index: a plan made for a page with many rows, or once while a table was still empty, would scan the
    // whole table.
    public const string Options = "-c jit=off -c synchronous_commit=on -c plan_cache_mode=force_generic_plan -c enable_seqscan=off";

    // Settings for another service's tables are left to PostgreSQL.
    private const string ReadOnlyOptions = "-c jit=off -c default_transaction_read_only=on";

    public static NpgsqlDataSource Open(string connectionString, bool readOnly)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        var options = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = "bioscope",
            // Two databases, and perhaps several instances, share PostgreSQL's default of 100 connections.
            MaxPoolSize = 20,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            // Nothing is ever set outside a transaction.
            NoResetOnClose = true,
            Options = readOnly ? ReadOnlyOptions : Options,
            // A visitor waits this long when the database hangs; long operator commands set their own timeout.
            Timeout = 5,
            CommandTimeout = 10,
        };
        foreach (var keyword in given.Keys)
        {
            options[keyword] = given[keyword];
        }

        return NpgsqlDataSource.Create(options);
    }
}
