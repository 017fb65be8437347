using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The fields of a posted form, of limited size.</summary>
internal static class PostedForm
{
    private const int MaxFormBytes = 16 * 1024;

    /// <param name="http">The request.</param>
    /// <param name="maxFileBytes">The maximum of a file in the form; 0 for a form without files.</param>
    /// <param name="maxFields">The maximum of fields.</param>
    /// <param name="maxFieldBytes">The maximum of all fields together.</param>
    /// <returns>The form, or null when a response was already sent.</returns>
    public static async Task<IFormCollection?> ReadAsync(
        HttpContext http, int maxFileBytes = 0, int maxFields = 10, int maxFieldBytes = MaxFormBytes)
    {
        http.Response.Headers.CacheControl = "no-store";
        var maxBytes = maxFileBytes + maxFieldBytes;
        if (http.Request.ContentLength > maxBytes)
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status413PayloadTooLarge));
            return null;
        }

        if (!MediaType.IsUtf8(http.Request, maxFileBytes > 0 ? "multipart/form-data" : "application/x-www-form-urlencoded"))
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status415UnsupportedMediaType));
            return null;
        }

        try
        {
            return await http.Request.ReadFormAsync(
                new()
                {
                    BufferBodyLengthLimit = maxBytes,
                    MultipartBodyLengthLimit = maxBytes,
                    // In memory, never in a file.
                    MemoryBufferThreshold = maxBytes,
                    KeyLengthLimit = 100,
                    ValueCountLimit = maxFields,
                    ValueLengthLimit = 4 * 1024,
                },
                http.RequestAborted);
        }
        catch (InvalidDataException e)
        {
            await Errors.WriteAsync(http, ApiError.Invalid(e.Message));
            return null;
        }
    }
}
