using System.Text.Json.Serialization;
using Bioscope.Engine.Storage;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Bio;

/// <summary>A creator's page with all of its links in order, as its owner edits it and as visitors see it.</summary>
internal sealed record BioPage(Guid Id, string? Handle, string? Title, string? Description, IReadOnlyList<BioLink> Links)
{
    private const string Sql = """
        -- bio page
        SELECT page."id", page."handle", page."title", page."description", link."id", link."title", link."url", link."active"
        FROM "BioPage" page LEFT JOIN "BioLink" link ON link."bioPageId" = page."id"
        """;

    private const string Order = """ ORDER BY link."position", link."id" """;

    private const string ByHandle = Sql + """ WHERE page."handle" = @key""" + Order;

    private const string ById = Sql + """ WHERE page."id" = @key""" + Order;

    public static Task<BioPage?> OfHandleAsync(MainDatabase main, string handle, CancellationToken cancellationToken) =>
        ReadAsync(main, ByHandle, handle, cancellationToken);

    public static Task<BioPage?> OfIdAsync(MainDatabase main, Guid id, CancellationToken cancellationToken) =>
        ReadAsync(main, ById, id, cancellationToken);

    // One statement, so that page and links are read at the same instant.
    private static async Task<BioPage?> ReadAsync(MainDatabase main, string sql, object key, CancellationToken cancellationToken)
    {
        BioPage? page = null;
        var links = new List<BioLink>();
        await main.QueryAsync(
            sql,
            row =>
            {
                string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
                page ??= new BioPage(main.Dialect.ReadGuid(row, 0), Text(1), Text(2), Text(3), links);
                if (!row.IsDBNull(4))
                {
                    links.Add(
                        new BioLink(main.Dialect.ReadGuid(row, 4), row.GetString(5), row.GetString(6), links.Count, row.GetBoolean(7)));
                }

                return true;
            },
            cancellationToken,
            ("@key", key));
        return page;
    }
}

/// <summary>A link; its position is its index among the page's links, from 0. Visitors see the active ones.</summary>
internal sealed record BioLink(Guid Id, string Title, string Url, int Position, bool Active);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<BioPage>))]
[JsonSerializable(typeof(Success<BioLink>))]
[JsonSerializable(typeof(Success<BioLinks>))]
internal sealed partial class BioJson : JsonSerializerContext;
