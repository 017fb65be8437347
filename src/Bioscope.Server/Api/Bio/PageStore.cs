using System.Data.Common;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Auditing;
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

    /// <returns>Why the page cannot be changed so; otherwise null.</returns>
    public static async Task<ApiError?> UpdateAsync(HttpContext http, Guid page, PageFields fields)
    {
        var main = http.RequestServices.GetRequiredService<MainDatabase>();
        await using var connection = await main.OpenAsync(http.RequestAborted);
        // Handles are given one after another: see OldHandles.
        await using var transaction = fields.Handle is null
            ? await connection.BeginTransactionAsync(http.RequestAborted)
            : await main.Dialect.BeginExclusiveAsync(connection, http.RequestAborted);
        var (isOther, problem) = fields.Handle is not { } handle ? (false, null) : await OldHandles.TakeAsync(
            main.Dialect, transaction, page, handle, http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(), http.RequestAborted);
        if (problem is not null)
        {
            return ApiError.Conflict(problem);
        }

        try
        {
            await main.Dialect.ExecuteAsync(
                transaction, UpdateSql, http.RequestAborted,
                ("@title", fields.Title), ("@description", fields.Description), ("@handle", fields.Handle), ("@theme", fields.Theme),
                ("@colour", fields.Colour), ("@font", fields.Font),
                ("@icons", fields.Icons is { } icons ? string.Join('\n', icons) : null), ("@published", fields.Published), ("@page", page));
            await transaction.CommitAsync(http.RequestAborted);
            if (isOther)
            {
                await Audit.WriteAsync(http, AuditKind.Handle, page: page);
            }

            return null;
        }
        catch (DbException e) when (main.Dialect.IsTaken(e))
        {
            return ApiError.Conflict(OldHandles.TakenProblem(fields.Handle ?? ""));
        }
    }
}
