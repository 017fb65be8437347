using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The fields of a posted form, of limited size.</summary>
internal static class PostedForm
{
    /// <param name="http">The request.</param>
    /// <param name="maxFields">The maximum of fields.</param>
    /// <param name="maxBytes">The maximum size.</param>
    /// <returns>The form, or null when a response was already sent.</returns>
    public static async Task<IFormCollection?> ReadAsync(HttpContext http, int maxFields = 10, int maxBytes = 16 * 1024)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (http.Request.ContentLength > maxBytes)
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
                new() { BufferBodyLengthLimit = maxBytes, KeyLengthLimit = 100, ValueCountLimit = maxFields, ValueLengthLimit = 4 * 1024 },
                http.RequestAborted);
        }
        catch (InvalidDataException e)
        {
            await Errors.WriteAsync(http, ApiError.Invalid(e.Message));
            return null;
        }
    }
}
