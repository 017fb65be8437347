using System.Data.Common;
using Bioscope.Core;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Creators;

/// <summary>A user as the operator sees her.</summary>
/// <param name="UserId">The user.</param>
/// <param name="BioPageId">Her page; null for a user without one.</param>
/// <param name="Email">Null for a user of another service.</param>
/// <param name="Handle">The page's handle.</param>
/// <param name="Title">The page's title.</param>
/// <param name="CreatedAt">Since when there is the account.</param>
/// <param name="SuspendedAt">Since when she is suspended.</param>
/// <param name="IsOperator">Whether she is an operator.</param>
/// <param name="IsHidden">Whether she hides her page.</param>
internal sealed record ListedCreator(
    Guid UserId, Guid? BioPageId, string? Email, string? Handle, string? Title, DateTimeOffset CreatedAt, DateTimeOffset? SuspendedAt,
    bool IsOperator, bool IsHidden)
{
    /// <summary>What she is called in a message.</summary>
    public string Name => Handle ?? Email ?? UserId.ToString("D");
}

/// <summary>Lists users with their pages, and finds one.</summary>
internal static class CreatorList
{
    /// <summary>The longest text to search for.</summary>
    public const int MaxSearch = 255;

    private const string Columns = """
        account."id", page."id", account."email", page."handle", page."title", account."createdAt", account."suspendedAt",
          CASE WHEN account."operatorSince" IS NULL THEN 0 ELSE 1 END, CASE WHEN page."published" THEN 0 ELSE 1 END
        """;

    private const string From = """
        FROM "User" account
        LEFT JOIN "CreatorProfile" creator ON creator."userId" = account."id" LEFT JOIN "BioPage" page ON page."creatorId" = creator."id"
        """;

    // SQLite lowers letters without accents only.
    private const string ListSql = $$"""
        -- list creators
        SELECT {{Columns}}, COUNT(*) OVER () {{From}}
        WHERE @search = '' OR {indexOf}(account."email", @search) > 0 OR {indexOf}(page."handle", @search) > 0
          OR {indexOf}(LOWER(page."title"), @search) > 0 OR {indexOf}(page."title", @typed) > 0
        ORDER BY COALESCE(page."handle", account."email", ''), account."id" LIMIT @limit OFFSET @offset
        """;

    private const string FindSql = $"""
        -- find creator by handle, id or e-mail
        SELECT {Columns} {From}
        WHERE account."id" = @id OR page."id" = @id OR creator."id" = @id OR account."email" = @email OR page."handle" = @handle
        """;

    private const string OperatorsSql = $"""
        -- operators
        SELECT {Columns} {From} WHERE account."operatorSince" IS NOT NULL ORDER BY account."operatorSince", account."id"
        """;

    /// <summary>A part of the users whose handle, e-mail address or title has a text, by handle.</summary>
    /// <returns>The part, and how many there are in all; 0 when the part is empty.</returns>
    public static async Task<(IReadOnlyList<ListedCreator> Creators, long Total)> ReadAsync(
        MainDatabase main, string search, int limit, int offset, CancellationToken cancellationToken)
    {
        var total = 0L;
        var creators = await main.QueryAsync(
            ListSql,
            row =>
            {
                total = row.GetInt64(9);
                return Read(main.Dialect, row);
            },
            cancellationToken,
            ("@search", Handle.Normalize(search)), ("@typed", search.Trim()), ("@limit", limit), ("@offset", offset));
        return (creators, total);
    }

    /// <summary>The user with a handle, an e-mail address, or an id: the user's, the page's or the profile's.</summary>
    public static async Task<ListedCreator?> FindAsync(MainDatabase main, string text, CancellationToken cancellationToken)
    {
        var id = Uuid.TryParse(text.Trim(), out var given) ? given : Guid.Empty;
        var found = await main.QueryAsync(
            FindSql, row => Read(main.Dialect, row), cancellationToken,
            ("@id", id), ("@email", CreatorStore.NormalizeEmail(text)), ("@handle", Handle.Normalize(text)));
        return found is [var creator] ? creator : null;
    }

    /// <summary>The operators, those of longest standing first.</summary>
    public static Task<List<ListedCreator>> OperatorsAsync(MainDatabase main, CancellationToken cancellationToken) =>
        main.QueryAsync(OperatorsSql, row => Read(main.Dialect, row), cancellationToken);

    private static ListedCreator Read(SqlDialect dialect, DbDataReader row)
    {
        return new ListedCreator(
            dialect.ReadGuid(row, 0), row.IsDBNull(1) ? null : dialect.ReadGuid(row, 1), Text(2), Text(3), Text(4),
            dialect.ReadInstant(row, 5), row.IsDBNull(6) ? null : dialect.ReadInstant(row, 6), row.GetInt32(7) == 1,
            !row.IsDBNull(1) && row.GetInt32(8) == 1);

        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
    }
}
