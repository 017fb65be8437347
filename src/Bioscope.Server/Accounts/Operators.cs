using Bioscope.Engine.Storage;

namespace Bioscope.Server.Accounts;

/// <summary>Who runs this server. It is read for every request: who was removed is out at once, on every instance.</summary>
internal static class Operators
{
    private const string IsSql = """
        -- is operator
        SELECT 1 FROM "User" WHERE "id" = @user AND "operatorSince" IS NOT NULL AND "suspendedAt" IS NULL
        """;

    private const string AddSql = """
        -- add operator
        UPDATE "User" SET "operatorSince" = @now WHERE "id" = @user AND "operatorSince" IS NULL
        """;

    private const string RemoveSql = """
        -- remove operator
        UPDATE "User" SET "operatorSince" = NULL WHERE "id" = @user AND "operatorSince" IS NOT NULL
        """;

    public static async Task<bool> IsAsync(MainDatabase main, Guid user, CancellationToken cancellationToken) =>
        await main.QueryAsync(IsSql, _ => true, cancellationToken, ("@user", user)) is [_];

    /// <returns>False when the user is one already.</returns>
    public static async Task<bool> AddAsync(MainDatabase main, Guid user, DateTimeOffset now, CancellationToken cancellationToken) =>
        await main.ExecuteAsync(AddSql, cancellationToken, ("@user", user), ("@now", now)) == 1;

    /// <returns>False when the user is none.</returns>
    public static async Task<bool> RemoveAsync(MainDatabase main, Guid user, CancellationToken cancellationToken) =>
        await main.ExecuteAsync(RemoveSql, cancellationToken, ("@user", user)) == 1;
}
