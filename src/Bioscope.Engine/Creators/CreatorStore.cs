using System.Data.Common;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Creators;

/// <summary>A creator to add. Omitted ids are derived from the user's id, so that adding the same creator twice gives one.</summary>
internal sealed record NewCreator(Guid UserId)
{
    public Guid? CreatorId { get; init; }

    public Guid? BioPageId { get; init; }

    public string? Email { get; init; }

    /// <summary>Whether nobody vouches for the address yet: neither the operator nor a mail that reached it.</summary>
    public bool IsEmailUnconfirmed { get; init; }

    /// <summary>Computes the hash of the password, which is slow; called only for a new user.</summary>
    public Func<string>? HashPassword { get; init; }

    public string? Handle { get; init; }

    public string? Title { get; init; }

    public string? Description { get; init; }

    /// <summary>What else is decided about the page.</summary>
    public PageChoices Choices { get; init; } = PageChoices.None;

    /// <summary>When the creator began; null for now.</summary>
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>A creator as stored.</summary>
internal sealed record Creator(Guid UserId, Guid CreatorId, Guid BioPageId);

/// <summary>Adds creators: a user, its profile and its bio page belong together.</summary>
internal static class CreatorStore
{
    private const string CreatorOfUserSql = """
        -- creator of user
        SELECT "id" FROM "CreatorProfile" WHERE "userId" = @value
        """;

    private const string CreatorByIdSql = """
        -- creator by id
        SELECT "id" FROM "CreatorProfile" WHERE "id" = @value
        """;

    private const string PageOfCreatorSql = """
        -- page of creator
        SELECT "id" FROM "BioPage" WHERE "creatorId" = @value
        """;

    private const string PageByIdSql = """
        -- page by id
        SELECT "id" FROM "BioPage" WHERE "id" = @value
        """;

    private const string UserByEmailSql = """
        -- user by email
        SELECT "id" FROM "User" WHERE "email" = @value
        """;

    private const string UserByIdSql = """
        -- user by id
        SELECT "id" FROM "User" WHERE "id" = @value
        """;

    private const string PageOfUserSql = """
        -- page of creator's user
        SELECT page."id" FROM "BioPage" page JOIN "CreatorProfile" creator ON creator."id" = page."creatorId" WHERE creator."userId" = @user
        """;

    public const int MaxEmailChars = 255;

    /// <summary>An e-mail address in the form in which it is stored, compared and counted.</summary>
    public static string NormalizeEmail(string email) => email.Trim().ToLowerInvariant();

    /// <summary>Refuses only what cannot be an address, and what the login route would refuse.</summary>
    public static bool IsEmail(string text) =>
        text.Length <= MaxEmailChars && text.Trim().IndexOf('@', StringComparison.Ordinal) > 0 && !text.Any(char.IsControl);

    /// <summary>
    /// Adds the user, the profile and the page where they are missing. Existing ones are left unchanged; when they contradict <paramref
    /// name="creator"/>, nothing is added.
    /// </summary>
    /// <returns>The creator, and whether anything was added.</returns>
    /// <exception cref="CreatorConflictException">An id, e-mail address or handle is taken, or the handle is invalid.</exception>
    public static async Task<(Creator Creator, bool Added)> AddAsync(
        SqlDialect dialect, DbTransaction transaction, NewCreator creator, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var createdAt = creator.CreatedAt ?? now;
        var email = creator.Email is { } given ? NormalizeEmail(given) : null;
        var handle = creator.Handle is null ? null : Handle.Normalize(creator.Handle);
        if (handle is not null && !Handle.IsValid(handle))
        {
            throw new CreatorConflictException($"handle '{handle}' must be {Handle.Rule}");
        }

        var profile = await IdAsync(CreatorOfUserSql, creator.UserId);
        var creatorId = profile ?? creator.CreatorId ?? Uuid.Named($"bioscope creator {creator.UserId:D}");
        var page = await IdAsync(PageOfCreatorSql, creatorId);
        var bioPageId = page ?? creator.BioPageId ?? Uuid.Named($"bioscope page {creator.UserId:D}");
        if (creator.CreatorId is { } otherCreator && otherCreator != creatorId)
        {
            throw new CreatorConflictException($"user {creator.UserId} already has another creator profile, {creatorId}");
        }

        if (creator.BioPageId is { } otherPage && otherPage != bioPageId)
        {
            throw new CreatorConflictException($"creator {creatorId} already has another bio page, {bioPageId}");
        }

        if (profile is null && await IdAsync(CreatorByIdSql, creatorId) is not null)
        {
            throw new CreatorConflictException($"creator id {creatorId} belongs to another user");
        }

        if (page is null && await IdAsync(PageByIdSql, bioPageId) is not null)
        {
            throw new CreatorConflictException($"bio page id {bioPageId} belongs to another creator");
        }

        if (email is not null && await IdAsync(UserByEmailSql, email) is { } emailOwner && emailOwner != creator.UserId)
        {
            throw new CreatorConflictException($"e-mail {email} belongs to another user");
        }

        if (handle is not null
            && await OldHandles.OwnerAsync(dialect, transaction, handle, now, cancellationToken) is { } handleOwner
            && handleOwner != bioPageId)
        {
            throw new CreatorConflictException($"handle {handle} belongs to another page");
        }

        var added = 0;
        if (!await HasUserAsync(dialect, transaction, creator.UserId, cancellationToken))
        {
            var row = new UserRow(creator.UserId, email, creator.HashPassword?.Invoke(), createdAt)
            {
                EmailConfirmedAt = email is null || creator.IsEmailUnconfirmed ? null : now,
            };
            added += await dialect.InsertAsync(transaction, UserRow.Table, [row], cancellationToken);
        }

        if (profile is null)
        {
            added += await dialect.InsertAsync(
                transaction, CreatorRow.Table, [new CreatorRow(creatorId, creator.UserId, createdAt)], cancellationToken);
        }

        if (page is null)
        {
            var row = new BioPageRow(bioPageId, creatorId, handle, createdAt)
            {
                Title = creator.Title,
                Description = creator.Description,
                Choices = creator.Choices,
            };
            added += await dialect.InsertAsync(transaction, BioPageRow.Table, [row], cancellationToken);
        }

        return (new Creator(creator.UserId, creatorId, bioPageId), added > 0);

        Task<Guid?> IdAsync(string sql, object value) => CreatorStore.IdAsync(dialect, transaction, sql, value, cancellationToken);
    }

    /// <summary>The page of a user; null for a user without one.</summary>
    public static async Task<Guid?> PageOfUserAsync(MainDatabase main, Guid user, CancellationToken cancellationToken) =>
        await main.QueryAsync(PageOfUserSql, row => main.Dialect.ReadGuid(row, 0), cancellationToken, ("@user", user)) is [var page] ? page : null;

    public static async Task<bool> HasUserAsync(
        SqlDialect dialect, DbTransaction transaction, Guid user, CancellationToken cancellationToken) =>
        await IdAsync(dialect, transaction, UserByIdSql, user, cancellationToken) is not null;

    private static async Task<Guid?> IdAsync(
        SqlDialect dialect, DbTransaction transaction, string sql, object value, CancellationToken cancellationToken)
    {
        var ids = await dialect.QueryAsync(transaction, sql, row => dialect.ReadGuid(row, 0), cancellationToken, ("@value", value));
        return ids is [var id, ..] ? id : null;
    }
}

/// <summary>A creator cannot be added; the message names the id, e-mail address or handle that conflicts.</summary>
internal sealed class CreatorConflictException(string message) : Exception(message);
