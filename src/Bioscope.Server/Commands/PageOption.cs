using System.CommandLine;
using Bioscope.Core;
using Bioscope.Engine.Rows;

namespace Bioscope.Server.Commands;

/// <summary><c>--page ID</c>: one page instead of all.</summary>
internal static class PageOption
{
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

    /// <summary>Whoever mistypes an id would otherwise read that all is well with the page.</summary>
    /// <exception cref="CommandException">No page has this id.</exception>
    public static async Task CheckAsync(CommandContext context, Guid? page, CancellationToken cancellationToken)
    {
        if (page is not { } id)
        {
            return;
        }

        var isPage = await context.Main.QueryAsync(
            "-- page exists\nSELECT 1 FROM \"BioPage\" WHERE \"id\" = @id", _ => true, cancellationToken, ("@id", id)) is [_];
        if (!isPage && !(await Pages.KnownAsync(context.Analytics, cancellationToken)).Contains(id))
        {
            throw new CommandException($"--page: there is no page {id}, and no row belongs to it. Nothing was done.");
        }
    }
}
