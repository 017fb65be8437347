using System.Data.Common;
using Bioscope.Engine.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Bioscope.Engine.Storage.Migrations;

/// <summary>
/// Brings a database to this version's schema: runs the numbered .sql files beside this class that have not been applied, in one
/// transaction and under a lock. If two servers start at once, one of them migrates, and a failure changes nothing. Each applied file's
/// checksum is stored and compared at every start, so that a file changed later is detected.
/// </summary>
internal static class Migrator
{
    private const string Table = "BioscopeMigration";

    private const string ChecksumColumn = "checksum";

    private const string CreateTableSql = $$"""
        -- create migration table
        CREATE TABLE IF NOT EXISTS "{{Table}}" (
          "database" {text} NOT NULL, "number" {integer} NOT NULL, "name" {text} NOT NULL, "appliedAt" {instant} NOT NULL, "{{ChecksumColumn}}" {text},
          PRIMARY KEY ("database", "number"))
        """;

    // Tables of earlier versions lack this column.
    private const string AddChecksumSql = $$"""
        -- add migration checksum
        ALTER TABLE "{{Table}}" ADD COLUMN "{{ChecksumColumn}}" {text}
        """;

    private const string AppliedSql = $"""
        -- applied migrations
        SELECT "number", "{ChecksumColumn}", "name" FROM "{Table}" WHERE "database" = @database
        """;

    private const string AddSql = $"""
        -- add migration
        INSERT INTO "{Table}" ("database", "number", "name", "appliedAt", "{ChecksumColumn}") VALUES (@database, @number, @name, @at, @checksum)
        """;

    private const string SetChecksumSql = $"""
        -- set migration checksum
        UPDATE "{Table}" SET "{ChecksumColumn}" = @checksum WHERE "database" = @database AND "number" = @number
        """;

    /// <returns>The files that were run, as <c>main/0001_creators</c>, in order; empty when the schemas were up to date.</returns>
    /// <exception cref="MigrationException">
    /// A newer version created the database, an applied file was changed, or the database takes part in a move.
    /// </exception>
    public static Task<IReadOnlyList<string>> MigrateAsync(
        IEnumerable<Database> databases, TimeProvider clock, CancellationToken cancellationToken) =>
        MigrateAsync(databases, null, clock, cancellationToken);

    /// <summary>As above, where the databases may take part in a move in one way.</summary>
    /// <param name="databases">The databases.</param>
    /// <param name="allowed">The <see cref="MoveMark"/> that they may have.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<string>> MigrateAsync(
        IEnumerable<Database> databases, string? allowed, TimeProvider clock, CancellationToken cancellationToken)
    {
        var done = new List<string>();
        foreach (var database in databases)
        {
            try
            {
                foreach (var name in await MigrateAsync(database, allowed, clock, cancellationToken))
                {
                    done.Add($"{database.Name}/{name}");
                }
            }
            catch (SqliteException e) when (SqliteAdvice.IsBare(e))
            {
                throw SqliteAdvice.For(e, $"The {database.Name} database");
            }
        }

        return done;
    }

    private static async Task<IReadOnlyList<string>> MigrateAsync(
        Database database, string? allowed, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        if (await IsCurrentAsync(database, allowed, connection, cancellationToken))
        {
            return [];
        }

        await using var transaction = await database.Dialect.BeginExclusiveAsync(connection, cancellationToken);
        await RunAsync(CreateTableSql);
        if (!(await database.Dialect.ColumnsAsync(connection, transaction, Table, cancellationToken)).Contains(ChecksumColumn))
        {
            await RunAsync(AddChecksumSql);
        }

        // Another server may have migrated while this one waited for the lock.
        var applied = await AppliedAsync(database, allowed, connection, transaction, cancellationToken);
        var files = MigrationFile.Of(database);
        Check(database, files, applied);
        var missing = files.FindAll(file => !applied.ContainsKey(file.Number));
        if (database.Dialect.IsDistributed)
        {
            await DistributedTables.BeginChangesAsync(database.Dialect, transaction, cancellationToken);
        }

        foreach (var file in missing)
        {
            await RunAsync(file.Sql);
            await RunAsync(
                AddSql,
                ("@database", database.Name), ("@number", file.Number), ("@name", file.Name), ("@at", clock.GetUtcNow()),
                ("@checksum", file.Checksum));
        }

        foreach (var table in database.Dialect.IsDistributed
            ? await DistributedTables.MissingAsync(database.Dialect, transaction, cancellationToken) : [])
        {
            await DistributedTables.DistributeAsync(database.Dialect, transaction, table, shards: 0, cancellationToken); // a new one
        }

        foreach (var file in files.Where(file => applied.ContainsKey(file.Number) && applied[file.Number] is null))
        {
            await RunAsync(SetChecksumSql, ("@database", database.Name), ("@number", file.Number), ("@checksum", file.Checksum));
        }

        await transaction.CommitAsync(cancellationToken);
        return missing.ConvertAll(file => file.Name);

        async Task RunAsync(string sql, params (string Name, object? Value)[] parameters)
        {
            await using var command = database.Dialect.Command(connection, transaction, sql, parameters);
            command.CommandTimeout = 0; // an index on a large table may take long
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Whether a start has created tables in this database.</summary>
    public static async Task<bool> HasTablesAsync(Database database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (await database.Dialect.ColumnsAsync(connection, Table, cancellationToken)).Count > 0;
    }

    /// <summary>Whether the schema is up to date. Only reads, so it needs neither a lock nor write permission.</summary>
    /// <exception cref="MigrationException">As for <see cref="MigrateAsync(IEnumerable{Database}, TimeProvider,
    /// CancellationToken)"/>.</exception>
    public static async Task<bool> IsCurrentAsync(Database database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await IsCurrentAsync(database, null, connection, cancellationToken);
    }

    private static async Task<bool> IsCurrentAsync(
        Database database, string? allowed, DbConnection connection, CancellationToken cancellationToken)
    {
        var columns = await database.Dialect.ColumnsAsync(connection, Table, cancellationToken);
        if (!columns.Contains(ChecksumColumn))
        {
            return false;
        }

        var applied = await AppliedAsync(database, allowed, connection, null, cancellationToken);
        var files = MigrationFile.Of(database);
        Check(database, files, applied);
        return files.TrueForAll(file => applied.GetValueOrDefault(file.Number) is not null);
    }

    private static void Check(Database database, List<MigrationFile> files, Dictionary<int, string?> applied)
    {
        var newest = applied.Keys.DefaultIfEmpty().Max();
        if (newest > files[^1].Number)
        {
            throw new MigrationException(
                $"The {database.Name} database was made by a newer Bioscope (its schema is {newest}, this version knows " +
                $"{files[^1].Number}). Start that version again, or restore a backup.");
        }

        if (files.Find(file => applied.GetValueOrDefault(file.Number) is { } checksum && checksum != file.Checksum) is { } changed)
        {
            throw new MigrationException(
                $"The migration {database.Name}/{changed.Name} was changed after it was applied: \"{Table}\" has the checksum " +
                $"{applied[changed.Number]}, this program's file has {changed.Checksum}. The schema may differ from what this version " +
                "expects, so nothing was started or changed. Start the version that made this database, or an official release. If you " +
                $"have checked that the schema is right, accept the file: UPDATE \"{Table}\" SET \"{ChecksumColumn}\" = NULL WHERE " +
                $"\"database\" = '{database.Name}' AND \"number\" = {changed.Number};");
        }
    }

    /// <returns>The checksums of the applied files, by number; null where an earlier version stored none.</returns>
    private static async Task<Dictionary<int, string?>> AppliedAsync(
        Database database, string? allowed, DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        // Both databases may be the same: an operator may give the same connection string twice.
        await using var command = database.Dialect.Command(connection, transaction, AppliedSql, ("@database", database.Name));
        var rows = await SqlDialect.ReadAsync(
            command, row => (Number: row.GetInt32(0), Checksum: row.IsDBNull(1) ? null : row.GetString(1), Name: row.GetString(2)),
            cancellationToken);
        if (rows.Find(row => row.Number == MoveMark.Number).Name is { } mark && mark != allowed)
        {
            throw new MigrationException(MoveMark.Problem(database, mark));
        }

        return rows.Where(row => row.Number != MoveMark.Number).ToDictionary(row => row.Number, row => row.Checksum);
    }
}

/// <summary>The schema cannot be brought to this version; the message says what to do.</summary>
internal sealed class MigrationException(string message) : Exception(message);
