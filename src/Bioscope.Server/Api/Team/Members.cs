using System.Data.Common;
using System.Text.Json.Serialization;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;

namespace Bioscope.Server.Api.Team;

/// <summary>Who may see or change a page beside its owner, and who is invited to. Every statement names the page, so that no id of another page acts.</summary>
internal sealed class Members(MainDatabase main, MailedLinks links, TimeProvider clock)
{
    /// <summary>Members and open invitations of a page together: a large agency, and few enough for one list.</summary>
    public const int Max = 100;

    /// <summary>How long an invitation's link works.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    private const string LinkKind = "team";

    private const string ListSql = """
        -- members of page
        SELECT member."userId", u."email", member."role", member."createdAt"
        FROM "PageMember" member LEFT JOIN "User" u ON u."id" = member."userId"
        WHERE member."bioPageId" = @page ORDER BY member."createdAt", member."userId"
        """;

    private const string AnySql = """
        -- any membership of user
        SELECT 1 FROM "PageMember" WHERE "userId" = @user LIMIT 1
        """;

    private const string ChangeSql = """
        -- change role of member
        UPDATE "PageMember" SET "role" = @role WHERE "bioPageId" = @page AND "userId" = @user
        """;

    private const string RemoveSql = """
        -- remove member
        DELETE FROM "PageMember" WHERE "bioPageId" = @page AND "userId" = @user
        """;

    private const string InvitationsSql = """
        -- open invitations of page
        SELECT "id", "email", "role", "expiresAt" FROM "MemberInvitation" WHERE "bioPageId" = @page AND "expiresAt" > @now
        ORDER BY "createdAt", "id"
        """;

    private const string CountSql = """
        -- count members of page
        SELECT (SELECT COUNT(*) FROM "PageMember" WHERE "bioPageId" = @page)
          + (SELECT COUNT(*) FROM "MemberInvitation" WHERE "bioPageId" = @page AND "expiresAt" > @now)
        """;

    private const string InviteSql = """
        -- invite member
        INSERT INTO "MemberInvitation" ("id", "bioPageId", "email", "role", "createdAt", "expiresAt")
        VALUES (@id, @page, @email, @role, @now, @until)
        """;

    private const string DeleteExpiredSql = """
        -- remove expired invitations of page
        DELETE FROM "MemberInvitation" WHERE "bioPageId" = @page AND "expiresAt" <= @now
        """;

    private const string RevokeSql = """
        -- revoke invitation of page
        DELETE FROM "MemberInvitation" WHERE "id" = @id AND "bioPageId" = @page
        """;

    private const string InvitedSql = """
        -- page of invitation
        SELECT invitation."bioPageId", invitation."role", page."handle", page."title", creator."userId", invitation."email", invitation."expiresAt"
        FROM "MemberInvitation" invitation JOIN "BioPage" page ON page."id" = invitation."bioPageId"
          JOIN "CreatorProfile" creator ON creator."id" = page."creatorId"
        WHERE invitation."id" = @id AND invitation."expiresAt" > @now
        """;

    private const string UseSql = """
        -- use invitation of page
        DELETE FROM "MemberInvitation" WHERE "id" = @id AND "expiresAt" > @now
        """;

    private const string AddSql = """
        -- add member
        INSERT INTO "PageMember" ("bioPageId", "userId", "role", "createdAt") VALUES (@page, @user, @role, @now)
        ON CONFLICT ("bioPageId", "userId") DO UPDATE SET "role" = @role
        """;

    /// <summary>The members, those of longest standing first.</summary>
    public Task<List<Member>> ReadAsync(Guid page, CancellationToken cancellationToken) => main.QueryAsync(
        ListSql,
        row => new Member(main.Dialect.ReadGuid(row, 0), TextOf(row, 1), row.GetString(2), main.Dialect.ReadInstant(row, 3)),
        cancellationToken, ("@page", page));

    /// <summary>Whether a user is a member of any page.</summary>
    public async Task<bool> IsMemberAsync(Guid user, CancellationToken cancellationToken) =>
        await main.QueryAsync(AnySql, _ => true, cancellationToken, ("@user", user)) is not [];

    /// <summary>The invitations that work, oldest first.</summary>
    public Task<List<MemberInvitation>> InvitationsAsync(Guid page, CancellationToken cancellationToken) => main.QueryAsync(
        InvitationsSql,
        row => new MemberInvitation(main.Dialect.ReadGuid(row, 0), TextOf(row, 1), row.GetString(2), main.Dialect.ReadInstant(row, 3)),
        cancellationToken, ("@page", page), ("@now", clock.GetUtcNow()));

    /// <summary>Gives a member another role.</summary>
    /// <returns>False when the page has no such member.</returns>
    public async Task<bool> ChangeAsync(Guid page, Guid user, string role, CancellationToken cancellationToken) =>
        await main.ExecuteAsync(ChangeSql, cancellationToken, ("@page", page), ("@user", user), ("@role", role)) == 1;

    /// <summary>Removes a member, from the next request on.</summary>
    /// <returns>False when the page has no such member.</returns>
    public async Task<bool> RemoveAsync(Guid page, Guid user, CancellationToken cancellationToken) =>
        await main.ExecuteAsync(RemoveSql, cancellationToken, ("@page", page), ("@user", user)) == 1;

    /// <summary>Ends an invitation.</summary>
    /// <returns>False when the page has no such invitation.</returns>
    public async Task<bool> RevokeAsync(Guid page, Guid id, CancellationToken cancellationToken) =>
        await main.ExecuteAsync(RevokeSql, cancellationToken, ("@page", page), ("@id", id)) == 1;

    /// <summary>Invites somebody, within a transaction that holds the page.</summary>
    /// <returns>Null when the page has as many members and invitations as it may.</returns>
    public async Task<MemberInvitation?> InviteAsync(
        DbTransaction transaction, Guid page, string? email, string role, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await main.Dialect.ExecuteAsync(transaction, DeleteExpiredSql, cancellationToken, ("@page", page), ("@now", now));
        var count = await main.Dialect.QueryAsync(
            transaction, CountSql, row => row.GetInt64(0), cancellationToken, ("@page", page), ("@now", now));
        if (count is [>= Max])
        {
            return null;
        }

        var invitation = new MemberInvitation(Guid.CreateVersion7(now), email, role, now + Life);
        await main.Dialect.ExecuteAsync(
            transaction, InviteSql, cancellationToken, ("@id", invitation.Id), ("@page", page), ("@email", email), ("@role", role), ("@now", now),
            ("@until", invitation.ExpiresAt));
        return invitation;
    }

    /// <summary>The token in an invitation's link.</summary>
    public string TokenOf(Guid invitation) => links.TokenOf(LinkKind, invitation);

    /// <summary>What a link invites to; null when it is unknown, used, revoked or expired.</summary>
    public async Task<InvitedTo?> FindAsync(string token, CancellationToken cancellationToken) =>
        links.IdOf(LinkKind, token) is { } id ? await FindAsync(id, cancellationToken) : null;

    /// <inheritdoc cref="FindAsync(string, CancellationToken)"/>
    public async Task<InvitedTo?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var found = await main.QueryAsync(
            InvitedSql,
            row => new InvitedTo(
                id, main.Dialect.ReadGuid(row, 0), row.GetString(1), TextOf(row, 2), TextOf(row, 3), main.Dialect.ReadGuid(row, 4), TextOf(row, 5),
                main.Dialect.ReadInstant(row, 6)),
            cancellationToken, ("@id", id), ("@now", clock.GetUtcNow()));
        return found is [var invited] ? invited : null;
    }

    /// <summary>Makes a user a member by an invitation, which is used up; who is one already has the invitation's role from now on.</summary>
    /// <returns>False when somebody else used it in the meantime, or it was revoked.</returns>
    public Task<bool> JoinAsync(InvitedTo invited, Guid user, CancellationToken cancellationToken) => main.TransactAsync(
        "join page",
        async transaction =>
        {
            var now = clock.GetUtcNow();
            if (await main.Dialect.ExecuteAsync(transaction, UseSql, cancellationToken, ("@id", invited.Id), ("@now", now)) != 1)
            {
                return false;
            }

            await main.Dialect.ExecuteAsync(
                transaction, AddSql, cancellationToken, ("@page", invited.Page), ("@user", user), ("@role", invited.Role), ("@now", now));
            return true;
        },
        cancellationToken);

    private static string? TextOf(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>A member of a page.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Email">The address of the account; null for one of another service.</param>
/// <param name="Role"><c>viewer</c> or <c>editor</c>.</param>
/// <param name="CreatedAt">Since when.</param>
internal sealed record Member(
    Guid UserId, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Email, string Role, DateTimeOffset CreatedAt);

/// <summary>An invitation that works.</summary>
/// <param name="Id">Names it to the owner; it opens nothing.</param>
/// <param name="Email">Where its link was sent; null where it was not.</param>
/// <param name="Role">The role that it gives.</param>
/// <param name="ExpiresAt">Until when its link works.</param>
internal sealed record MemberInvitation(Guid Id, string? Email, string Role, DateTimeOffset ExpiresAt);

/// <summary>What an invitation is to.</summary>
internal sealed record InvitedTo(
    Guid Id, Guid Page, string Role, string? Handle, string? Title, Guid Owner, string? Email, DateTimeOffset ExpiresAt)
{
    /// <summary>The page's name; null where it has none.</summary>
    public string? Name => Title ?? (Handle is null ? null : "@" + Handle);
}
