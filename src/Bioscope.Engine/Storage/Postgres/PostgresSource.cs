using Npgsql;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>Opens PostgreSQL with the driver settings that suit many small prepared statements; the operator's own win.</summary>
internal static class PostgresSource
{
    /// <summary>With which our own databases are used.</summary>
    // Just-in-time compilation costs more than any of our statements. What is acknowledged must be on disk, whatever the server's
    // default is. Each statement has its index: planned anew for a page with many rows, or once for all while a table was still empty,
    // it would read the whole table.
    public const string Options = "-c jit=off -c synchronous_commit=on -c plan_cache_mode=force_generic_plan -c enable_seqscan=off";

    // What another service's tables need is PostgreSQL's to say.
    private const string ReadOnlyOptions = "-c jit=off -c default_transaction_read_only=on";

    public static NpgsqlDataSource Open(string connectionString, bool readOnly)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        var options = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = "bioscope",
            // Two databases, perhaps several instances, against PostgreSQL's default of 100 connections.
            MaxPoolSize = 20,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            // Nothing is ever set but within a transaction.
            NoResetOnClose = true,
            Options = readOnly ? ReadOnlyOptions : Options,
            // A visitor waits as long when the database hangs; long work of an operator sets its own.
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
