using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The fields of a posted form, of limited size.</summary>
internal static class PostedForm
{
    private const int MaxFormBytes = 16 * 1024;

    /// <returns>The form, or null when a response was already sent.</returns>
    public static async Task<IFormCollection?> ReadAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (http.Request.ContentLength > MaxFormBytes)
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status413PayloadTooLarge));
            return null;
        }

        if (!MediaType.IsUtf8(http.Request, "application/x-www-form-urlencoded"))
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status415UnsupportedMediaType));
            return null;
        }

        try
        {
            return await http.Request.ReadFormAsync(
                new() { BufferBodyLengthLimit = MaxFormBytes, KeyLengthLimit = 100, ValueCountLimit = 10, ValueLengthLimit = 4 * 1024 },
                http.RequestAborted);
        }
        catch (InvalidDataException e)
        {
            await Errors.WriteAsync(http, ApiError.Invalid(e.Message));
            return null;
        }
    }
}
