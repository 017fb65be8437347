using System.Data.Common;
using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Bio;

/// <summary>
/// Changes the links of a page, for the API and the dashboard alike. Every method does nothing to a link of another page, and returns why
/// a change was refused.
/// </summary>
internal static class LinkStore
{
    /// <summary>
    /// The maximum of links that can be added to a page: more than anyone scrolls through, and the page stays under 50 KB.
    /// </summary>
    public const int MaxLinks = 100;

    /// <summary>How many deleted links of a page can be restored, and for how long: they are for mistakes, not an archive.</summary>
    public const int MaxDeleted = 100;

    public static readonly TimeSpan DeletedFor = TimeSpan.FromDays(30);

    private const string UpdateSql = """
        -- update link
        UPDATE "BioLink" SET "title" = COALESCE(@title, "title"), "url" = COALESCE(@url, "url"),
          "heading" = COALESCE(@heading, "heading"), "active" = COALESCE(@active, "active")
        WHERE "id" = @link AND "bioPageId" = @page
        """;

    private const string ScheduleSql = """
        -- schedule link
        UPDATE "BioLink" SET "startsAt" = @startsAt, "endsAt" = @endsAt WHERE "id" = @link AND "bioPageId" = @page
        """;

    private const string UnpinSql = """
        -- unpin links
        UPDATE "BioLink" SET "pinned" = FALSE WHERE "bioPageId" = @page AND "pinned"
        """;

    private const string UnpinOneSql = UnpinSql + """ AND "id" = @link""";

    private const string PinSql = """
        -- pin link
        UPDATE "BioLink" SET "pinned" = TRUE WHERE "id" = @link AND "bioPageId" = @page
        """;

    private const string CountSql = """
        -- count links
        SELECT COUNT(*), COALESCE(MAX("position"), -1) FROM "BioLink" WHERE "bioPageId" = @page
        """;

    private const string IdsSql = """
        -- ids of links
        SELECT "id" FROM "BioLink" WHERE "bioPageId" = @page ORDER BY "position", "id"
        """;

    private const string MoveSql = """
        -- move link
        UPDATE "BioLink" SET "position" = @position WHERE "id" = @link AND "bioPageId" = @page
        """;

    private const string KeptColumns = """
        "id", "bioPageId", "title", "url", "position", "active", "heading", "startsAt", "endsAt"
        """;

    private const string KeepDeletedSql = $"""
        -- keep deleted link
        INSERT INTO "DeletedLink" ({KeptColumns}, "pinned", "deletedAt")
        SELECT {KeptColumns}, "pinned", @now FROM "BioLink" WHERE "id" = @link AND "bioPageId" = @page
        """;

    private const string DeleteSql = """
        -- delete link
        DELETE FROM "BioLink" WHERE "id" = @link AND "bioPageId" = @page
        """;

    private const string ForgetDeletedSql = """
        -- forget deleted links
        DELETE FROM "DeletedLink" WHERE "bioPageId" = @page AND ("deletedAt" <= @until OR "id" NOT IN (
          SELECT "id" FROM "DeletedLink" WHERE "bioPageId" = @page ORDER BY "deletedAt" DESC, "id" DESC LIMIT @max))
        """;

    private const string DeletedSql = $"""
        -- deleted links
        SELECT {BioLink.Columns}, link."deletedAt" FROM "DeletedLink" link WHERE link."bioPageId" = @page AND link."deletedAt" > @until
        ORDER BY link."deletedAt" DESC, link."id" DESC
        """;

    // Makes room at its old place.
    private const string MakeRoomSql = """
        -- make room for link
        UPDATE "BioLink" SET "position" = "position" + 1
        WHERE "bioPageId" = @page AND "position" < 2147483647 AND "position" >= (
          SELECT "position" FROM "DeletedLink" WHERE "id" = @link AND "bioPageId" = @page AND "deletedAt" > @until)
        """;

    // Another link may have been pinned since.
    private const string RestoreSql = $"""
        -- restore link
        INSERT INTO "BioLink" ({KeptColumns}, "pinned")
        SELECT {KeptColumns}, CASE WHEN EXISTS (SELECT 1 FROM "BioLink" WHERE "bioPageId" = @page AND "pinned") THEN FALSE ELSE "pinned" END
        FROM "DeletedLink" WHERE "id" = @link AND "bioPageId" = @page AND "deletedAt" > @until
        """;

    private const string ForgetSql = """
        -- forget restored link
        DELETE FROM "DeletedLink" WHERE "id" = @link AND "bioPageId" = @page
        """;

    /// <summary>Adds a link as the last one.</summary>
    public static Task<ApiError?> AddAsync(HttpContext http, Guid page, Guid id, LinkFields fields) =>
        BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            var (count, last) = await CountAsync(main, transaction, page, http.RequestAborted);
            if (count >= MaxLinks)
            {
                return Full;
            }

            var row = new BioLinkRow(id, page, fields.Title!, fields.Url!)
            {
                Position = last == int.MaxValue ? last : last + 1,
                Active = fields.Active ?? true,
                Heading = fields.Heading ?? false,
                StartsAt = fields.Schedule?.StartsAt,
                EndsAt = fields.Schedule?.EndsAt,
            };
            await main.Dialect.InsertAsync(transaction, BioLinkRow.Table, [row], http.RequestAborted);
            await PinAsync(main, transaction, page, id, fields.Pinned, http.RequestAborted);
            return null;
        });

    /// <summary>Changes a link.</summary>
    public static Task<ApiError?> UpdateAsync(HttpContext http, Guid page, Guid link, LinkFields fields) =>
        BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            var changed = await main.Dialect.ExecuteAsync(
                transaction, UpdateSql, http.RequestAborted, ("@title", fields.Title), ("@url", fields.Url), ("@heading", fields.Heading),
                ("@active", fields.Active), ("@link", link), ("@page", page));
            if (changed == 0)
            {
                return ApiError.LinkNotFound;
            }

            if (fields.Schedule is { } schedule)
            {
                await main.Dialect.ExecuteAsync(
                    transaction, ScheduleSql, http.RequestAborted, ("@startsAt", schedule.StartsAt), ("@endsAt", schedule.EndsAt),
                    ("@link", link), ("@page", page));
            }

            await PinAsync(main, transaction, page, link, fields.Pinned, http.RequestAborted);
            return null;
        });

    /// <summary>Deletes a link; <see cref="RestoreAsync"/> undoes it. Its clicks stay.</summary>
    public static Task<ApiError?> DeleteAsync(HttpContext http, Guid page, Guid link) =>
        BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            var now = Now(http);
            await main.Dialect.ExecuteAsync(
                transaction, KeepDeletedSql, http.RequestAborted, ("@now", now), ("@link", link), ("@page", page));
            if (await main.Dialect.ExecuteAsync(transaction, DeleteSql, http.RequestAborted, ("@link", link), ("@page", page)) == 0)
            {
                return ApiError.LinkNotFound;
            }

            await main.Dialect.ExecuteAsync(
                transaction, ForgetDeletedSql, http.RequestAborted, ("@page", page), ("@until", now - DeletedFor), ("@max", MaxDeleted));
            return null;
        });

    /// <summary>Brings a deleted link back to its place, with its id, so that its clicks are its own again.</summary>
    public static Task<ApiError?> RestoreAsync(HttpContext http, Guid page, Guid link) =>
        BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            if ((await CountAsync(main, transaction, page, http.RequestAborted)).Count >= MaxLinks)
            {
                return Full;
            }

            (string, object?)[] which = [("@link", link), ("@page", page), ("@until", Now(http) - DeletedFor)];
            await main.Dialect.ExecuteAsync(transaction, MakeRoomSql, http.RequestAborted, which);
            if (await main.Dialect.ExecuteAsync(transaction, RestoreSql, http.RequestAborted, which) == 0)
            {
                return ApiError.LinkNotFound;
            }

            await main.Dialect.ExecuteAsync(transaction, ForgetSql, http.RequestAborted, ("@link", link), ("@page", page));
            return null;
        });

    /// <summary>The deleted links that can be restored, the last deleted first.</summary>
    public static Task<List<BioLink>> DeletedAsync(HttpContext http, Guid page)
    {
        var main = http.RequestServices.GetRequiredService<MainDatabase>();
        return main.QueryAsync(
            DeletedSql,
            row => BioLink.Of(main.Dialect, row, 0) with { DeletedAt = main.Dialect.ReadInstant(row, 9) },
            http.RequestAborted,
            ("@page", page), ("@until", Now(http) - DeletedFor));
    }

    /// <summary>Puts all links of the page in this order.</summary>
    public static Task<ApiError?> OrderAsync(HttpContext http, Guid page, IReadOnlyList<Guid> ids) =>
        BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            var known = await IdsAsync(main, transaction, page, http.RequestAborted);
            if (ids.Count != known.Count || !known.ToHashSet().SetEquals(ids))
            {
                return ApiError.Invalid("ids must name every link of the page once, and no other");
            }

            await PlaceAsync(main, transaction, page, ids, http.RequestAborted);
            return null;
        });

    /// <summary>Moves one link.</summary>
    /// <param name="http">The request.</param>
    /// <param name="page">The page.</param>
    /// <param name="link">The link.</param>
    /// <param name="to"><c>up</c> or <c>down</c> by one place, <c>last</c>, or the id of the link before which it shall be.</param>
    public static Task<ApiError?> MoveAsync(HttpContext http, Guid page, Guid link, string to) =>
        BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            var ids = await IdsAsync(main, transaction, page, http.RequestAborted);
            var from = ids.IndexOf(link);
            if (from < 0)
            {
                return ApiError.LinkNotFound;
            }

            ids.RemoveAt(from);
            var place = to switch
            {
                "up" => Math.Max(0, from - 1),
                "down" => Math.Min(ids.Count, from + 1),
                "last" => ids.Count,
                _ => Uuid.TryParse(to, out var next) ? ids.IndexOf(next) : -1,
            };
            if (place < 0)
            {
                return ApiError.LinkNotFound;
            }

            ids.Insert(place, link);
            await PlaceAsync(main, transaction, page, ids, http.RequestAborted);
            return null;
        });

    private static ApiError Full =>
        ApiError.Conflict(string.Create(CultureInfo.InvariantCulture, $"a page has at most {MaxLinks} links"));

    private static DateTimeOffset Now(HttpContext http) => http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();

    private static async Task<(long Count, int Last)> CountAsync(
        MainDatabase main, DbTransaction transaction, Guid page, CancellationToken cancellationToken) => (
        await main.Dialect.QueryAsync(
            transaction, CountSql, row => (row.GetInt64(0), row.GetInt32(1)), cancellationToken, ("@page", page)))[0];

    private static Task<List<Guid>> IdsAsync(
        MainDatabase main, DbTransaction transaction, Guid page, CancellationToken cancellationToken) =>
        main.Dialect.QueryAsync(transaction, IdsSql, row => main.Dialect.ReadGuid(row, 0), cancellationToken, ("@page", page));

    private static Task<int> PlaceAsync(
        MainDatabase main, DbTransaction transaction, Guid page, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        main.Dialect.ExecuteEachAsync(
            transaction, MoveSql,
            StatementValues.Of(ids.Index(), link => [("@position", link.Index), ("@link", link.Item), ("@page", page)]), cancellationToken);

    // At most one link of a page is pinned, so the other one is unpinned first.
    private static async Task PinAsync(
        MainDatabase main, DbTransaction transaction, Guid page, Guid link, bool? pinned, CancellationToken cancellationToken)
    {
        if (pinned == false)
        {
            await main.Dialect.ExecuteAsync(transaction, UnpinOneSql, cancellationToken, ("@page", page), ("@link", link));
        }
        else if (pinned == true)
        {
            await main.Dialect.ExecuteAsync(transaction, UnpinSql, cancellationToken, ("@page", page));
            await main.Dialect.ExecuteAsync(transaction, PinSql, cancellationToken, ("@page", page), ("@link", link));
        }
    }
}
