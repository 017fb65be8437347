using System.Buffers;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Bio;

/// <summary>
/// <c>PUT</c> and <c>DELETE /api/v1/creators/bio/avatar</c>: the picture of the caller's own page, uploaded as the body of the request. See
/// <see cref="AvatarImage"/> for what is kept of it.
/// </summary>
internal static class BioAvatar
{
    private const string DeleteSql = """
        -- delete avatar
        DELETE FROM "Avatar" WHERE "bioPageId" = @page
        """;

    private const string AddSql = """
        -- add avatar
        INSERT INTO "Avatar" ("bioPageId", "hash", "small", "large") VALUES (@page, @hash, @small, @large)
        """;

    private const string OfPageSql = """
        -- avatar of page
        SELECT "small", "large" FROM "Avatar" WHERE "bioPageId" = @page AND "hash" = @hash
        """;

    private static readonly string[] MediaTypes = ["image/jpeg", "image/png", "image/webp", "image/avif"];

    // Decoding a picture takes up to 100 MB for a moment.
    private static readonly SemaphoreSlim OneAtATime = new(1);

    public static void Map(IEndpointRouteBuilder creators, Settings settings)
    {
        creators.MapPut("bio/avatar", http => CallerPage.WithOwnAsync(http, page => PutAsync(http, page)))
            .RequireAuthorization().WithMetadata(BioEditing.Edits("bio avatar put", settings));
        creators.MapDelete("bio/avatar", http => CallerPage.WithOwnAsync(http, page => DeleteAsync(http, page)))
            .RequireAuthorization().WithMetadata(BioEditing.Edits("bio avatar delete", settings));
    }

    /// <summary>Makes the page's picture of a file.</summary>
    /// <returns>What is wrong with the file; null when it was stored.</returns>
    public static async Task<ApiError?> KeepAsync(HttpContext http, Guid page, byte[] file)
    {
        await OneAtATime.WaitAsync(http.RequestAborted);
        AvatarImage? image;
        try
        {
            (image, var problem) = await Task.Run(() => AvatarImage.Of(file), http.RequestAborted);
            if (image is null)
            {
                return ApiError.Invalid(problem!);
            }
        }
        finally
        {
            OneAtATime.Release();
        }

        return await BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            await main.Dialect.ExecuteAsync(transaction, DeleteSql, http.RequestAborted, ("@page", page));
            await main.Dialect.ExecuteAsync(
                transaction, AddSql, http.RequestAborted,
                ("@page", page), ("@hash", image.Hash), ("@small", image.Small), ("@large", image.Large));
            return null;
        });
    }

    public static Task RemoveAsync(HttpContext http, Guid page) =>
        http.RequestServices.GetRequiredService<MainDatabase>().ExecuteAsync(DeleteSql, http.RequestAborted, ("@page", page));

    /// <summary>The page's pictures with that hash.</summary>
    public static async Task<AvatarImage?> ReadAsync(MainDatabase main, Guid page, string hash, CancellationToken cancellationToken) =>
        await main.QueryAsync(
            OfPageSql, row => new AvatarImage(row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1)), cancellationToken,
            ("@page", page), ("@hash", hash)) is [var image]
            ? image
            : null;

    private static async Task PutAsync(HttpContext http, Guid page)
    {
        if (!MediaTypes.Contains(http.Request.ContentType, StringComparer.OrdinalIgnoreCase))
        {
            var refused = ApiError.ForStatus(StatusCodes.Status415UnsupportedMediaType);
            await Errors.WriteAsync(
                http, refused with { Details = ["The body of this route is a picture: image/jpeg, image/png or image/webp."] });
            return;
        }

        var file = await ReadAsync(http);
        var refusal = file is null ? ApiError.ForStatus(StatusCodes.Status413PayloadTooLarge) : await KeepAsync(http, page, file);
        await (refusal is null ? BioEditing.AnswerAsync(http, page) : Errors.WriteAsync(http, refusal));
    }

    private static async Task DeleteAsync(HttpContext http, Guid page)
    {
        await RemoveAsync(http, page);
        await ApiResponse.AcknowledgeAsync(http);
    }

    /// <returns>The body; null when it is too large.</returns>
    private static async Task<byte[]?> ReadAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        var result = await reader.ReadAtLeastAsync(AvatarImage.MaxUploadBytes + 1, http.RequestAborted);
        var file = result.Buffer.Length <= AvatarImage.MaxUploadBytes ? result.Buffer.ToArray() : null;
        // A client that is still sending could not read the refusal.
        while (!result.IsCompleted)
        {
            reader.AdvanceTo(result.Buffer.End);
            result = await reader.ReadAsync(http.RequestAborted);
        }

        reader.AdvanceTo(result.Buffer.End);
        return file;
    }
}
