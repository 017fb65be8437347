using System.Data.Common;
using System.Globalization;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Creators;

/// <summary>
/// The handles that pages had before: each leads to its page for <see cref="KeptFor"/>, and no other page can have it in that time. Whoever
/// gives a page a handle holds the main database's exclusive lock, so that nobody takes one that is becoming an old one.
/// </summary>
internal static class OldHandles
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(90);

    /// <summary>How many a page has at most, so that nobody reserves handles in heaps.</summary>
    public const int Max = 5;

    private const string OwnerSql = """
        -- page that has or had handle
        SELECT "id" FROM "BioPage" WHERE "handle" = @handle
        UNION ALL SELECT "bioPageId" FROM "OldHandle" WHERE "handle" = @handle AND "until" > @now
        """;

    private const string LeadsToSql = """
        -- handle that replaced another
        SELECT page."handle" FROM "OldHandle" old JOIN "BioPage" page ON page."id" = old."bioPageId"
          JOIN "CreatorProfile" creator ON creator."id" = page."creatorId" JOIN "User" account ON account."id" = creator."userId"
        WHERE old."handle" = @handle AND old."until" > @now AND page."handle" IS NOT NULL AND page."published" AND account."suspendedAt" IS NULL
        """;

    private const string HandleSql = """
        -- handle of page
        SELECT "handle" FROM "BioPage" WHERE "id" = @page
        """;

    private const string CountSql = """
        -- count old handles
        SELECT COUNT(*) FROM "OldHandle" WHERE "bioPageId" = @page AND "until" > @now AND "handle" <> @handle
        """;

    private const string ForgetSql = """
        -- forget old handles
        DELETE FROM "OldHandle" WHERE "handle" = @handle OR "handle" = @old OR ("bioPageId" = @page AND "until" <= @now)
        """;

    private const string KeepSql = """
        -- keep old handle
        INSERT INTO "OldHandle" ("handle", "bioPageId", "until") VALUES (@old, @page, @until)
        """;

    /// <summary>The page that has the handle, or had it and keeps it; null when it is free.</summary>
    public static async Task<Guid?> OwnerAsync(
        SqlDialect dialect, DbTransaction transaction, string handle, DateTimeOffset now, CancellationToken cancellationToken) =>
        await dialect.QueryAsync(
            transaction, OwnerSql, row => dialect.ReadGuid(row, 0), cancellationToken, ("@handle", handle), ("@now", now)) is [var page, ..]
            ? page
            : null;

    /// <summary>The present handle of the page that had this one; null when none had it, or it is hidden or suspended.</summary>
    public static async Task<string?> LeadsToAsync(
        MainDatabase main, string handle, DateTimeOffset now, CancellationToken cancellationToken) =>
        await main.QueryAsync(LeadsToSql, row => row.GetString(0), cancellationToken, ("@handle", handle), ("@now", now)) is [var present]
            ? present
            : null;

    /// <summary>Makes a handle free for a page, and keeps the one that it has.</summary>
    /// <returns>Whether it is another one; and why the page cannot have it, or null.</returns>
    public static async Task<(bool IsOther, string? Problem)> TakeAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, string handle, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await OwnerAsync(dialect, transaction, handle, now, cancellationToken) is { } owner && owner != page)
        {
            return (false, TakenProblem(handle));
        }

        var present = await dialect.QueryAsync(
            transaction, HandleSql, row => row.IsDBNull(0) ? null : row.GetString(0), cancellationToken, ("@page", page));
        return present is [{ } old] && old != handle && !await TryKeepAsync(dialect, transaction, page, old, handle, now, cancellationToken)
            ? (false, string.Create(CultureInfo.InvariantCulture, $"a page has at most {Max} earlier handles in {KeptFor.TotalDays} days"))
            : (present is not [var same] || same != handle, null);
    }

    /// <summary>Why a page cannot have a handle that another one has, or had.</summary>
    public static string TakenProblem(string handle) => $"handle {handle} belongs to another page";

    private static async Task<bool> TryKeepAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, string old, string handle, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var kept = await dialect.QueryAsync(
            transaction, CountSql, row => row.GetInt64(0), cancellationToken, ("@page", page), ("@now", now), ("@handle", handle));
        if (kept[0] >= Max)
        {
            return false;
        }

        await dialect.ExecuteAsync(
            transaction, ForgetSql, cancellationToken, ("@handle", handle), ("@old", old), ("@page", page), ("@now", now));
        await dialect.ExecuteAsync(
            transaction, KeepSql, cancellationToken, ("@old", old), ("@page", page), ("@until", now + KeptFor));
        return true;
    }
}
