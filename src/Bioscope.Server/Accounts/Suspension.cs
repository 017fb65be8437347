using Bioscope.Engine.Storage;

namespace Bioscope.Server.Accounts;

/// <summary>Suspends a user: she cannot sign in, and her page is shown to nobody. Nothing is deleted but her sessions.</summary>
internal static class Suspension
{
    private const string SuspendSql = """
        -- suspend user
        UPDATE "User" SET "suspendedAt" = @now WHERE "id" = @user AND "suspendedAt" IS NULL
        """;

    private const string ResumeSql = """
        -- resume user
        UPDATE "User" SET "suspendedAt" = NULL WHERE "id" = @user AND "suspendedAt" IS NOT NULL
        """;

    /// <returns>False when she is suspended already.</returns>
    public static Task<bool> BeginAsync(MainDatabase main, Guid user, DateTimeOffset now, CancellationToken cancellationToken) =>
        main.TransactAsync(
            "suspend",
            async transaction =>
            {
                // It locks the user's row: a sign-in at the same time either is ended here, or does not begin.
                var isNew = await main.Dialect.ExecuteAsync(transaction, SuspendSql, cancellationToken, ("@user", user), ("@now", now)) == 1;
                await MailedLinks.EndAllAsync(main.Dialect, transaction, user, cancellationToken);
                await RefreshFamilies.EndAllAsync(main.Dialect, transaction, user, cancellationToken);
                return isNew;
            },
            cancellationToken);

    /// <returns>False when she is not suspended.</returns>
    public static async Task<bool> EndAsync(MainDatabase main, Guid user, CancellationToken cancellationToken) =>
        await main.ExecuteAsync(ResumeSql, cancellationToken, ("@user", user)) == 1;
}
