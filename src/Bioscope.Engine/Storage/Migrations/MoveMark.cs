using System.Data.Common;

namespace Bioscope.Engine.Storage.Migrations;

/// <summary>
/// Says in a database that it takes part in a move to another one, so that no start counts visits where nobody looks for them: a row of the
/// migrations with a number that no file has.
/// </summary>
internal static class MoveMark
{
    /// <summary>Its number among the migrations.</summary>
    public const int Number = 0;

    /// <summary>Being copied from; copied from, so another one has the data now; being copied to.</summary>
    public const string Source = "source of move", Moved = "moved", Target = "target of move";

    private const string RemoveSql = """
        -- remove mark of move
        DELETE FROM "BioscopeMigration" WHERE "database" = @database AND "number" = 0
        """;

    private const string AddSql = """
        -- add mark of move
        INSERT INTO "BioscopeMigration" ("database", "number", "name", "appliedAt") VALUES (@database, 0, @name, @at)
        """;

    private const string FindSql = """
        -- mark of move
        SELECT "name" FROM "BioscopeMigration" WHERE "database" = @database AND "number" = 0
        """;

    /// <summary>Reads the mark; null where there is none.</summary>
    public static async Task<string?> FindAsync(Database database, DbTransaction transaction, CancellationToken cancellationToken) =>
        await database.Dialect.QueryAsync(
            transaction, FindSql, row => row.GetString(0), cancellationToken, ("@database", database.Name)) is [var mark] ? mark : null;

    /// <summary>Sets the mark, or removes it with null.</summary>
    public static async Task SetAsync(
        Database database, DbTransaction transaction, string? mark, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await database.Dialect.ExecuteAsync(transaction, RemoveSql, cancellationToken, ("@database", database.Name));
        if (mark is not null)
        {
            await database.Dialect.ExecuteAsync(
                transaction, AddSql, cancellationToken, ("@database", database.Name), ("@name", mark), ("@at", now));
        }
    }

    /// <summary>Why a database with this mark must not be used, and what to do.</summary>
    public static string Problem(Database database, string mark) => mark switch
    {
        Source => $"The {database.Name} database is being moved, and the move has not ended. Nothing was started or changed. Run 'bioscope move' " +
            "again, with the same --to, to finish it; or 'bioscope move --cancel' to go on with this database.",
        Moved => $"The {database.Name} database was moved to PostgreSQL, which has all of it. Nothing was started or changed. Name that one in the " +
            "setting Database. To go on with this old one instead, without what the other has counted since: 'bioscope move --cancel'.",
        _ => $"A move to the {database.Name} database has not ended. Nothing was started or changed. Run 'bioscope move' again, with the settings and " +
            "--to of the first time; or drop this database and go on with the old one, after 'bioscope move --cancel'.",
    };
}
