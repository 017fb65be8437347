using System.Data.Common;
using System.Globalization;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Bio;

/// <summary>Changes a page, for the API and the dashboard alike.</summary>
internal static class PageStore
{
    private const string UpdateSql = """
        -- bio page edit
        UPDATE "BioPage" SET "title" = @title, "description" = @description, "handle" = COALESCE(@handle, "handle"),
          "theme" = NULLIF(COALESCE(@theme, "theme"), ''), "colour" = NULLIF(COALESCE(@colour, "colour"), ''),
          "font" = NULLIF(COALESCE(@font, "font"), ''), "icons" = NULLIF(COALESCE(@icons, "icons"), ''),
          "published" = COALESCE(@published, "published")
        WHERE "id" = @page
        """;

    private const string HandleSql = """
        -- handle of page
        SELECT "handle" FROM "BioPage" WHERE "id" = @page
        """;

    /// <returns>Why the page cannot be changed so; otherwise null.</returns>
    public static async Task<ApiError?> UpdateAsync(HttpContext http, Guid page, PageFields fields)
    {
        var main = http.RequestServices.GetRequiredService<MainDatabase>();
        await using var connection = await main.OpenAsync(http.RequestAborted);
        // Handles are given one after another: see OldHandles.
        await using var transaction = fields.Handle is null
            ? await connection.BeginTransactionAsync(http.RequestAborted)
            : await main.Dialect.BeginExclusiveAsync(connection, http.RequestAborted);
        if (fields.Handle is { } handle && await TakeAsync(http, main.Dialect, transaction, page, handle) is { } refusal)
        {
            return refusal;
        }

        try
        {
            await main.Dialect.ExecuteAsync(
                transaction, UpdateSql, http.RequestAborted,
                ("@title", fields.Title), ("@description", fields.Description), ("@handle", fields.Handle), ("@theme", fields.Theme),
                ("@colour", fields.Colour), ("@font", fields.Font),
                ("@icons", fields.Icons is { } icons ? string.Join('\n', icons) : null), ("@published", fields.Published), ("@page", page));
            await transaction.CommitAsync(http.RequestAborted);
            return null;
        }
        catch (DbException e) when (main.Dialect.IsTaken(e))
        {
            return Taken(fields.Handle);
        }
    }

    /// <summary>Makes the handle free for the page, and keeps the one that it has.</summary>
    private static async Task<ApiError?> TakeAsync(
        HttpContext http, SqlDialect dialect, DbTransaction transaction, Guid page, string handle)
    {
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var owner = await OldHandles.OwnerAsync(dialect, transaction, handle, now, http.RequestAborted);
        if (owner is { } other && other != page)
        {
            return Taken(handle);
        }

        var present = await dialect.QueryAsync(
            transaction, HandleSql, row => row.IsDBNull(0) ? null : row.GetString(0), http.RequestAborted, ("@page", page));
        return present is [{ } old] && old != handle
            && !await OldHandles.TryKeepAsync(dialect, transaction, page, old, handle, now, http.RequestAborted)
            ? ApiError.Conflict(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a page has at most {OldHandles.Max} earlier handles in {OldHandles.KeptFor.TotalDays} days"))
            : null;
    }

    private static ApiError Taken(string? handle) => ApiError.Conflict($"handle {handle} belongs to another page");
}
