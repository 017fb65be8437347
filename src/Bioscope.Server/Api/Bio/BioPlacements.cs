using System.Data.Common;
using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Json;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Bio;

/// <summary>
/// <c>/api/v1/creators/bio/placements</c>: the placement links of the caller's own page, oldest first. <c>/@{handle}/{slug}</c> shows the
/// page, and its visits have the source and the label that the creator gives here, also after the link was removed. A placement link of
/// another page gets 404, like one that does not exist.
/// </summary>
internal sealed record BioPlacements(IReadOnlyList<BioPlacement> Placements)
{
    /// <summary>The maximum of placement links that a page has at a time: more places than anyone keeps apart.</summary>
    public const int Max = 50;

    /// <summary>
    /// The maximum together with the removed ones, which are kept for their visits: each question reads them all, so their number has a
    /// bound. It is enough for a new link every week for 19 years.
    /// </summary>
    public const int MaxEver = 1_000;

    private const string ListSql = """
        -- placement links
        SELECT "id", "slug", "source", "label" FROM "Placement" WHERE "bioPageId" = @page AND "removedAt" IS NULL ORDER BY "createdAt", "id"
        """;

    private const string OfSlugSql = """
        -- placement link of slug
        SELECT "id" FROM "Placement" WHERE "bioPageId" = @page AND "slug" = @slug AND "removedAt" IS NULL
        """;

    private const string CountSql = """
        -- count placement links
        SELECT COUNT(*), COUNT(CASE WHEN "removedAt" IS NULL THEN 1 END) FROM "Placement" WHERE "bioPageId" = @page
        """;

    private const string UpdateSql = """
        -- update placement link
        UPDATE "Placement" SET "slug" = @slug, "source" = @source, "label" = @label
        WHERE "id" = @id AND "bioPageId" = @page AND "removedAt" IS NULL
        """;

    private const string RemoveSql = """
        -- remove placement link
        UPDATE "Placement" SET "removedAt" = @now WHERE "id" = @id AND "bioPageId" = @page AND "removedAt" IS NULL
        """;

    public static void Map(IEndpointRouteBuilder creators, Settings settings)
    {
        var placements = creators.MapGroup("bio/placements").RequireAuthorization();
        placements.MapGet("", Own(ListAsync)).WithMetadata(BioEditing.Reads("bio placements", settings), KeyAccess.Read);
        placements.MapPost("", Own(PostAsync)).WithMetadata(BioEditing.Edits("bio placement post", settings));
        placements.MapGet("{id}", OwnPlacement(AnswerAsync)).WithMetadata(BioEditing.Reads("bio placement", settings), KeyAccess.Read);
        placements.MapPut("{id}", OwnPlacement(PutAsync)).WithMetadata(BioEditing.Edits("bio placement put", settings));
        placements.MapDelete("{id}", OwnPlacement(DeleteAsync)).WithMetadata(BioEditing.Edits("bio placement delete", settings));

        static RequestDelegate Own(Func<HttpContext, Guid, Task> answer) =>
            http => CallerPage.WithOwnAsync(http, page => answer(http, page));

        static RequestDelegate OwnPlacement(Func<HttpContext, Guid, Guid, Task> answer) =>
            Own((http, page) => Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id)
                ? answer(http, page, id)
                : Errors.WriteAsync(http, ApiError.PlacementNotFound));
    }

    /// <summary>The id of the page's placement link; null when it has no such slug, or removed it.</summary>
    /// <exception cref="DbException">The main database is unavailable.</exception>
    public static async Task<Guid?> IdOfAsync(MainDatabase main, Guid page, string slug, CancellationToken cancellationToken) =>
        Slug.IsValid(slug)
        && await main.QueryAsync(
            OfSlugSql, row => main.Dialect.ReadGuid(row, 0), cancellationToken, ("@page", page), ("@slug", slug)) is [var id]
            ? id
            : null;

    /// <summary>The page's placement links, oldest first.</summary>
    public static Task<List<BioPlacement>> ReadAsync(MainDatabase main, Guid page, CancellationToken cancellationToken) => main.QueryAsync(
        ListSql,
        row => new BioPlacement(main.Dialect.ReadGuid(row, 0), row.GetString(1), row.GetString(2), row.GetString(3)),
        cancellationToken,
        ("@page", page));

    private static async Task ListAsync(HttpContext http, Guid page) =>
        await ApiResponse.OkAsync(
            http, new BioPlacements(await ReadAsync(MainOf(http), page, http.RequestAborted)), PlacementJson.Default.SuccessBioPlacements);

    private static async Task AnswerAsync(HttpContext http, Guid page, Guid id)
    {
        var found = (await ReadAsync(MainOf(http), page, http.RequestAborted)).Find(other => other.Id == id);
        await (found is null
            ? Errors.WriteAsync(http, ApiError.PlacementNotFound)
            : ApiResponse.OkAsync(http, found, PlacementJson.Default.SuccessBioPlacement));
    }

    private static async Task PostAsync(HttpContext http, Guid page)
    {
        var (fields, refusal) = await JsonRequest.ReadAsync(http, PlacementFields.Read);
        var id = Guid.CreateVersion7(Now(http));
        refusal ??= await AddAsync(http, page, id, fields!);
        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.Location = $"{http.Request.Path.Value!.TrimEnd('/')}/{id:D}";
        await AnswerAsync(http, page, id);
    }

    /// <summary>Adds a placement link, or returns why the page cannot have it.</summary>
    public static Task<ApiError?> AddAsync(HttpContext http, Guid page, Guid id, PlacementFields fields) =>
        BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            var (ever, active) = (await main.Dialect.QueryAsync(
                transaction, CountSql, counts => (counts.GetInt64(0), counts.GetInt64(1)), http.RequestAborted, ("@page", page)))[0];
            if (active >= Max || ever >= MaxEver)
            {
                var most = active >= Max ? $"{Max} placement links" : $"{MaxEver} placement links, with the removed ones";
                return ApiError.Conflict("a page has at most " + most);
            }

            // A row whose slug is taken is not added.
            var row = new PlacementRow(id, page, fields.Slug, fields.Source, fields.Label, Now(http));
            var added = await main.Dialect.InsertAsync(transaction, PlacementRow.Table, [row], http.RequestAborted);
            return added == 0 ? Taken(fields.Slug) : null;
        });

    private static async Task PutAsync(HttpContext http, Guid page, Guid id)
    {
        var (fields, refusal) = await JsonRequest.ReadAsync(http, PlacementFields.Read);
        refusal ??= await UpdateAsync(http, page, id, fields!);
        // If the placement link does not exist, the following read returns 404.
        await (refusal is null ? AnswerAsync(http, page, id) : Errors.WriteAsync(http, refusal));
    }

    /// <summary>Changes a placement link if the page has it, or returns why it cannot be so.</summary>
    public static async Task<ApiError?> UpdateAsync(HttpContext http, Guid page, Guid id, PlacementFields fields)
    {
        var main = MainOf(http);
        try
        {
            await main.ExecuteAsync(
                UpdateSql, http.RequestAborted, ("@slug", fields.Slug), ("@source", fields.Source), ("@label", fields.Label), ("@id", id),
                ("@page", page));
            return null;
        }
        catch (DbException e) when (main.Dialect.IsTaken(e))
        {
            return Taken(fields.Slug);
        }
    }

    private static async Task DeleteAsync(HttpContext http, Guid page, Guid id) =>
        await (await RemoveAsync(http, page, id) ? ApiResponse.AcknowledgeAsync(http) : Errors.WriteAsync(http, ApiError.PlacementNotFound));

    /// <returns>False when the page does not have it.</returns>
    public static async Task<bool> RemoveAsync(HttpContext http, Guid page, Guid id) =>
        await MainOf(http).ExecuteAsync(RemoveSql, http.RequestAborted, ("@now", Now(http)), ("@id", id), ("@page", page)) == 1;

    private static ApiError Taken(string slug) => ApiError.Conflict($"slug {slug} belongs to another placement link of the page");

    private static DateTimeOffset Now(HttpContext http) => http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();

    private static MainDatabase MainOf(HttpContext http) => http.RequestServices.GetRequiredService<MainDatabase>();
}

/// <summary>The validated fields of a body that adds or changes a placement link.</summary>
internal sealed record PlacementFields(string Slug, string Source, string Label)
{
    public static PlacementFields Read(JsonBody body)
    {
        var slug = body.OptionalRawText("slug");
        if (slug is null ? body.Problems.Count == 0 : !Engine.Creators.Slug.IsValid(slug))
        {
            body.Refuse("slug", slug is null ? "is required" : "must be " + Engine.Creators.Slug.Rule);
        }

        return new PlacementFields(slug ?? "", DisplayText.RequiredLine(body, "source"), DisplayText.RequiredLine(body, "label"));
    }
}

/// <summary>A placement link: <c>Source</c> is a name that <see cref="SourceName"/> knows, or the creator's own words.</summary>
internal sealed record BioPlacement(Guid Id, string Slug, string Source, string Label);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<BioPlacement>))]
[JsonSerializable(typeof(Success<BioPlacements>))]
internal sealed partial class PlacementJson : JsonSerializerContext;
