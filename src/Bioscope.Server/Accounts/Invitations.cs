using System.Data.Common;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Accounts;

/// <summary>
/// The operator's invitations: each is a link by which one person opens one account until it expires. A used one is deleted in the
/// transaction that adds the account, so that of two people with the same link one gets an account.
/// </summary>
internal static class Invitations
{
    private const string AddSql = """
        -- add invitation
        INSERT INTO "Invitation" ("id", "tokenHash", "email", "createdAt", "expiresAt") VALUES (@id, @token, @email, @now, @until)
        """;

    private const string OpenSql = """
        -- open invitations
        SELECT "id", "email", "expiresAt" FROM "Invitation" WHERE "expiresAt" > @now ORDER BY "expiresAt", "id"
        """;

    private const string OfTokenSql = """
        -- invitation of token
        SELECT "id", "email", "expiresAt" FROM "Invitation" WHERE "tokenHash" = @token AND "expiresAt" > @now
        """;

    private const string UseSql = """
        -- use invitation
        DELETE FROM "Invitation" WHERE "id" = @id AND "expiresAt" > @now
        """;

    private const string RevokeSql = """
        -- revoke invitation
        DELETE FROM "Invitation" WHERE "id" = @id
        """;

    private const string DeleteExpiredSql = """
        -- remove expired invitations
        DELETE FROM "Invitation" WHERE "expiresAt" <= @now
        """;

    /// <summary>Invites a person.</summary>
    /// <param name="main">The database.</param>
    /// <param name="email">The address of the account, normalized; null to let the person choose it.</param>
    /// <param name="now">The time.</param>
    /// <param name="life">How long the link works.</param>
    /// <param name="cancellationToken">Cancels writing.</param>
    /// <returns>The invitation, and its token, which is not stored.</returns>
    public static async Task<(Invitation Invitation, OneTimeToken Token)> AddAsync(
        MainDatabase main, string? email, DateTimeOffset now, TimeSpan life, CancellationToken cancellationToken)
    {
        var (invitation, token) = (new Invitation(Guid.CreateVersion7(now), email, now + life), OneTimeToken.New());
        await main.ExecuteAsync(DeleteExpiredSql, cancellationToken, ("@now", now));
        await main.ExecuteAsync(
            AddSql, cancellationToken, ("@id", invitation.Id), ("@token", token.Hash), ("@email", email), ("@now", now),
            ("@until", invitation.ExpiresAt));
        return (invitation, token);
    }

    /// <summary>Those that work, the next to expire first.</summary>
    public static Task<List<Invitation>> OpenAsync(MainDatabase main, DateTimeOffset now, CancellationToken cancellationToken) =>
        main.QueryAsync(OpenSql, row => Read(main.Dialect, row), cancellationToken, ("@now", now));

    /// <returns>The invitation of a link; null when it is unknown, used, revoked or expired.</returns>
    public static async Task<Invitation?> FindAsync(
        MainDatabase main, string token, DateTimeOffset now, CancellationToken cancellationToken) =>
        await main.QueryAsync(
            OfTokenSql, row => Read(main.Dialect, row), cancellationToken, ("@token", new OneTimeToken(token).Hash), ("@now", now))
            is [var invitation] ? invitation : null;

    /// <summary>Uses the invitation, in the transaction that adds the account.</summary>
    /// <returns>False when it no longer works.</returns>
    public static async Task<bool> UseAsync(
        SqlDialect dialect, DbTransaction transaction, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        await dialect.ExecuteAsync(transaction, UseSql, cancellationToken, ("@id", id), ("@now", now)) == 1;

    /// <returns>False when there is no such invitation.</returns>
    public static async Task<bool> RevokeAsync(MainDatabase main, Guid id, CancellationToken cancellationToken) =>
        await main.ExecuteAsync(RevokeSql, cancellationToken, ("@id", id)) == 1;

    private static Invitation Read(SqlDialect dialect, DbDataReader row) =>
        new(dialect.ReadGuid(row, 0), row.IsDBNull(1) ? null : row.GetString(1), dialect.ReadInstant(row, 2));
}

/// <summary>An invitation to open an account.</summary>
/// <param name="Id">Names it to the operator; it opens nothing.</param>
/// <param name="Email">The address that the account gets; null where the invited person chooses it.</param>
/// <param name="ExpiresAt">Until when its link works.</param>
internal sealed record Invitation(Guid Id, string? Email, DateTimeOffset ExpiresAt);
