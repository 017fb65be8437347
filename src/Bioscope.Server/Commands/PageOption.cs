using System.CommandLine;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;

namespace Bioscope.Server.Commands;

/// <summary><c>--page ID</c>: one page instead of all.</summary>
internal static class PageOption
{
    private const string FindSql = """
        -- page of handle or id
        SELECT "id" FROM "BioPage" WHERE "handle" = @handle OR "id" = @id
        """;

    public static Option<Guid?> Create() => new("--page")
    {
        Description = "Only this page",
        HelpName = "id",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (Uuid.TryParse(text, out var id))
            {
                return id;
            }

            result.AddError($"--page: '{text}' is not the id of a page. It must be a UUID, such as 01234567-89ab-cdef-0123-456789abcdef.");
            return null;
        },
    };

    /// <summary>The page with a handle or an id; null where there is none.</summary>
    public static async Task<Guid?> FindAsync(CommandContext context, string? handle, Guid? id, CancellationToken cancellationToken) =>
        await context.Main.QueryAsync(
            FindSql, row => context.Main.Dialect.ReadGuid(row, 0), cancellationToken,
            ("@handle", handle is null ? null : Handle.Normalize(handle)), ("@id", id)) is [var page] ? page : null;

    /// <summary>Whoever mistypes an id would otherwise read that all is well with the page.</summary>
    /// <exception cref="CommandException">No page has this id.</exception>
    public static async Task CheckAsync(CommandContext context, Guid? page, CancellationToken cancellationToken)
    {
        if (page is not { } id)
        {
            return;
        }

        if (await FindAsync(context, null, id, cancellationToken) is null && !(await Pages.KnownAsync(context.Analytics, cancellationToken)).Contains(id))
        {
            throw new CommandException($"--page: there is no page {id}, and no row belongs to it. Nothing was done.");
        }
    }
}
