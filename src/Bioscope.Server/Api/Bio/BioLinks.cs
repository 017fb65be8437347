using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Json;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Bio;

/// <summary>
/// <c>/api/v1/creators/bio/links</c>: the links of the caller's own page. A link of another page gets 404, like one that does not exist.
/// </summary>
internal sealed record BioLinks(IReadOnlyList<BioLink> Links)
{
    /// <summary>
    /// The maximum of links that can be added to a page: more than anyone scrolls through, and the page stays under 50 KB.
    /// </summary>
    public const int MaxLinks = 100;

    private const int MaxUrl = 2048;

    private const string UpdateSql = """
        -- update link
        UPDATE "BioLink" SET "title" = @title, "url" = @url, "active" = COALESCE(@active, "active") WHERE "id" = @link AND "bioPageId" = @page
        """;

    private const string DeleteSql = """
        -- remove link
        DELETE FROM "BioLink" WHERE "id" = @link AND "bioPageId" = @page
        """;

    private const string CountSql = """
        -- count links
        SELECT COUNT(*), COALESCE(MAX("position"), -1) FROM "BioLink" WHERE "bioPageId" = @page
        """;

    private const string IdsSql = """
        -- ids of links
        SELECT "id" FROM "BioLink" WHERE "bioPageId" = @page
        """;

    private const string MoveSql = """
        -- move link
        UPDATE "BioLink" SET "position" = @position WHERE "id" = @link AND "bioPageId" = @page
        """;

    public static void Map(IEndpointRouteBuilder creators, Settings settings)
    {
        var links = creators.MapGroup("bio/links").RequireAuthorization();
        links.MapGet("", Own(ListAsync)).WithMetadata(BioEditing.Reads("bio links", settings));
        links.MapPost("", Own(PostAsync)).WithMetadata(BioEditing.Edits("bio link post", settings));
        links.MapPut("order", Own(OrderAsync)).WithMetadata(BioEditing.Edits("bio links order", settings));
        links.MapGet("{id}", OwnLink(AnswerAsync)).WithMetadata(BioEditing.Reads("bio link", settings));
        links.MapPut("{id}", OwnLink(PutAsync)).WithMetadata(BioEditing.Edits("bio link put", settings));
        links.MapDelete("{id}", OwnLink(DeleteAsync)).WithMetadata(BioEditing.Edits("bio link delete", settings));

        static RequestDelegate Own(Func<HttpContext, Guid, Task> answer) =>
            http => CallerPage.WithOwnAsync(http, page => answer(http, page));

        static RequestDelegate OwnLink(Func<HttpContext, Guid, Guid, Task> answer) =>
            Own((http, page) => Uuid.TryParse((string?)http.Request.RouteValues["id"], out var link)
                ? answer(http, page, link)
                : Errors.WriteAsync(http, ApiError.LinkNotFound));
    }

    private static async Task ListAsync(HttpContext http, Guid page) =>
        await ApiResponse.OkAsync(http, new BioLinks(await LinksAsync(http, page)), BioJson.Default.SuccessBioLinks);

    private static async Task AnswerAsync(HttpContext http, Guid page, Guid link)
    {
        var found = (await LinksAsync(http, page)).FirstOrDefault(other => other.Id == link);
        await (found is null
            ? Errors.WriteAsync(http, ApiError.LinkNotFound)
            : ApiResponse.OkAsync(http, found, BioJson.Default.SuccessBioLink));
    }

    private static async Task PostAsync(HttpContext http, Guid page)
    {
        var (fields, refusal) = await JsonRequest.ReadAsync(http, LinkFields.Read);
        var id = Guid.CreateVersion7(http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        refusal ??= await BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            var (count, last) = (
                await main.Dialect.QueryAsync(
                    transaction, CountSql, row => (row.GetInt64(0), row.GetInt32(1)), http.RequestAborted, ("@page", page)))[0];
            if (count >= MaxLinks)
            {
                return ApiError.Conflict(string.Create(CultureInfo.InvariantCulture, $"a page has at most {MaxLinks} links"));
            }

            var row = new BioLinkRow(id, page, fields!.Title, fields.Url)
            {
                Position = last == int.MaxValue ? last : last + 1,
                Active = fields.Active ?? true,
            };
            await main.Dialect.InsertAsync(transaction, BioLinkRow.Table, [row], http.RequestAborted);
            return null;
        });
        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.Location = $"{http.Request.Path.Value!.TrimEnd('/')}/{id:D}";
        await AnswerAsync(http, page, id);
    }

    private static async Task PutAsync(HttpContext http, Guid page, Guid link)
    {
        var (fields, refusal) = await JsonRequest.ReadAsync(http, LinkFields.Read);
        if (fields is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        // If the link does not exist, the following read returns 404.
        await http.RequestServices.GetRequiredService<MainDatabase>().ExecuteAsync(
            UpdateSql,
            http.RequestAborted,
            ("@title", fields.Title), ("@url", fields.Url), ("@active", fields.Active), ("@link", link), ("@page", page));
        await AnswerAsync(http, page, link);
    }

    private static async Task DeleteAsync(HttpContext http, Guid page, Guid link)
    {
        var deleted = await http.RequestServices.GetRequiredService<MainDatabase>().ExecuteAsync(
            DeleteSql, http.RequestAborted, ("@link", link), ("@page", page));
        await (deleted == 0 ? Errors.WriteAsync(http, ApiError.LinkNotFound) : ApiResponse.AcknowledgeAsync(http));
    }

    private static async Task OrderAsync(HttpContext http, Guid page)
    {
        var (ids, refusal) = await JsonRequest.ReadAsync(http, body => body.RequiredUuids("ids"));
        refusal ??= await BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            var known = await main.Dialect.QueryAsync(
                transaction, IdsSql, row => main.Dialect.ReadGuid(row, 0), http.RequestAborted, ("@page", page));
            if (ids!.Count != known.Count || !known.ToHashSet().SetEquals(ids))
            {
                return ApiError.Invalid("ids must name every link of the page once, and no other");
            }

            var moves = StatementValues.Of(ids.Index(), link => [("@position", link.Index), ("@link", link.Item), ("@page", page)]);
            await main.Dialect.ExecuteEachAsync(transaction, MoveSql, moves, http.RequestAborted);
            return null;
        });
        await (refusal is null ? ListAsync(http, page) : Errors.WriteAsync(http, refusal));
    }

    private static async Task<IReadOnlyList<BioLink>> LinksAsync(HttpContext http, Guid page) =>
        (await BioPage.OfIdAsync(http.RequestServices.GetRequiredService<MainDatabase>(), page, http.RequestAborted))?.Links ?? [];

    /// <summary>The validated fields of a body that adds or changes a link.</summary>
    private sealed record LinkFields(string Title, string Url, bool? Active)
    {
        public static LinkFields Read(JsonBody body)
        {
            var title = BioEditing.RequiredLine(body, "title");
            var given = body.RequiredText("url", 1, MaxUrl);
            var url = given.Trim(' ');
            if (given.Length is > 0 and <= MaxUrl && !OutboundUrl.IsAllowed(url))
            {
                body.Refuse("url", "must be a web address that starts with http:// or https://, without a user name in it");
            }

            return new LinkFields(title, url, body.OptionalBoolean("active"));
        }
    }
}
