using System.Data.Common;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Bioscope.Engine.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Bioscope.Engine.Storage.Migrations;

/// <summary>
/// Brings a database to this version's schema: runs the numbered .sql files beside this class that it has not run yet, all
/// in one transaction under a lock, so that of two servers that start at once one does it and a failure leaves nothing half done.
/// What the engines do in different ways is a file each, <c>0004_name.sqlite.sql</c>.
/// </summary>
internal static partial class Migrator
{
    private const string AppliedSql = """
        -- applied migrations
        SELECT "number" FROM "BioscopeMigration" WHERE "database" = @database
        """;

    /// <returns>What was run, as <c>main/0001_creators</c>, in order; nothing when the schemas were up to date.</returns>
    /// <exception cref="MigrationException">A database was made by a newer version.</exception>
    public static async Task<IReadOnlyList<string>> MigrateAsync(IEnumerable<Database> databases, TimeProvider clock, CancellationToken cancellationToken)
    {
        var done = new List<string>();
        foreach (var database in databases)
        {
            try
            {
                foreach (var name in await MigrateAsync(database, clock, cancellationToken))
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

    private static async Task<IReadOnlyList<string>> MigrateAsync(Database database, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        if (await IsCurrentAsync(database, connection, cancellationToken))
        {
            return [];
        }

        await using var transaction = await database.Dialect.BeginExclusiveAsync(connection, cancellationToken);
        await RunAsync("""
            -- create migration table
            CREATE TABLE IF NOT EXISTS "BioscopeMigration" (
              "database" {text} NOT NULL, "number" {integer} NOT NULL, "name" {text} NOT NULL, "appliedAt" {instant} NOT NULL,
              PRIMARY KEY ("database", "number"))
            """);
        var done = await AppliedAsync(database, connection, transaction, cancellationToken);
        var missing = Files(database).Where(file => !done.Contains(file.Number)).ToList();
        foreach (var file in missing)
        {
            await RunAsync(file.Sql);
            await RunAsync(
                """
                -- add migration
                INSERT INTO "BioscopeMigration" ("database", "number", "name", "appliedAt") VALUES (@database, @number, @name, @at)
                """,
                ("@database", database.Name), ("@number", file.Number), ("@name", file.Name), ("@at", clock.GetUtcNow()));
        }

        await transaction.CommitAsync(cancellationToken);
        return missing.ConvertAll(file => file.Name);

        async Task RunAsync(string sql, params (string Name, object? Value)[] parameters)
        {
            await using var command = database.Dialect.Command(connection, transaction, sql, parameters);
            command.CommandTimeout = 0; // an index over a large table takes its time
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Whether nothing is left to do; looks only, so it needs no lock and no right to write.</summary>
    public static async Task<bool> IsCurrentAsync(Database database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await IsCurrentAsync(database, connection, cancellationToken);
    }

    private static async Task<bool> IsCurrentAsync(Database database, DbConnection connection, CancellationToken cancellationToken)
    {
        var table = await database.Dialect.ColumnsAsync(connection, "BioscopeMigration", cancellationToken);
        if (table.Count == 0)
        {
            return false;
        }

        var done = await AppliedAsync(database, connection, null, cancellationToken);
        var files = Files(database);
        if (done.Count > 0 && done.Max() > files[^1].Number)
        {
            throw new MigrationException(
                $"The {database.Name} database was made by a newer Bioscope (its schema is {done.Max()}, this version knows {files[^1].Number}). " +
                "Start that version again, or restore a backup.");
        }

        return files.All(file => done.Contains(file.Number));
    }

    private static async Task<HashSet<int>> AppliedAsync(
        Database database, DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        // Both databases may be one: an operator is free to give the same connection string twice.
        await using var command = database.Dialect.Command(connection, transaction, AppliedSql, ("@database", database.Name));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var numbers = new HashSet<int>();
        while (await reader.ReadAsync(cancellationToken))
        {
            numbers.Add(reader.GetInt32(0));
        }

        return numbers;
    }

    /// <summary>The embedded files of one database for its engine, by number.</summary>
    private static List<(int Number, string Name, string Sql)> Files(Database database)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new List<(int Number, string Name, string Sql)>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (ResourceName().Match(resource) is not { Success: true } match || match.Groups["database"].Value != database.Name
                || (match.Groups["engine"] is { Success: true, Value: var engine } && !engine.Equals(database.Dialect.Name, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            using var text = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            files.Add((int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture), match.Groups["name"].Value, text.ReadToEnd()));
        }

        files.Sort((a, b) => a.Number.CompareTo(b.Number));
        return files;
    }

    [GeneratedRegex(@"^Migrations/(?<database>\w+)/(?<name>(?<number>\d{4})_\w+)(\.(?<engine>\w+))?\.sql$")]
    private static partial Regex ResourceName();
}

/// <summary>The schema cannot be brought to this version; the message says what to do.</summary>
internal sealed class MigrationException(string message) : Exception(message);
