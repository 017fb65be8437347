using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Api.Bio;

/// <summary>
/// What a creator says of where the visits of her page come from. It is read for each question, so that what she changes acts at once, on
/// the past too. Nothing is said in databases of another service.
/// </summary>
internal sealed class PageNaming(MainDatabase main, Settings settings)
{
    private const string Sql = """
        -- naming of page
        SELECT "id", "source", "label" FROM "Placement" WHERE "bioPageId" = @page ORDER BY "id"
        """;

    /// <summary>The page's placement links, the removed ones too.</summary>
    public async Task<Naming> ReadAsync(Guid page, CancellationToken cancellationToken)
    {
        if (settings.SharedOwnership)
        {
            return Naming.None;
        }

        var placements = await main.QueryAsync(
            Sql,
            row => new PlacementName(main.Dialect.ReadGuid(row, 0).ToString("D"), row.GetString(1), row.GetString(2)),
            cancellationToken,
            ("@page", page));
        return placements.Count == 0 ? Naming.None : new Naming([.. placements]);
    }
}
