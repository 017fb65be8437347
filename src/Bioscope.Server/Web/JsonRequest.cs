using System.Buffers;
using Bioscope.Engine.Json;

namespace Bioscope.Server.Web;

/// <summary>Reads the JSON object of a request; all its problems are reported in one refusal.</summary>
internal static class JsonRequest
{
    /// <summary>
    /// Like <see cref="ReadAsync(HttpContext, bool)"/>, with the fields read too: a value if all are valid, otherwise the refusal.
    /// </summary>
    public static async Task<(T? Value, ApiError? Refusal)> ReadAsync<T>(HttpContext http, Func<JsonBody, T> read, bool orPlainText = false)
        where T : class
    {
        var (body, refusal) = await ReadAsync(http, orPlainText);
        if (body is null)
        {
            return (null, refusal);
        }

        using (body)
        {
            var value = read(body);
            return Refusal(body) is { } problem ? (null, problem) : (value, null);
        }
    }

    /// <summary>
    /// Reads the body; if the body is null, the refusal says why. With <paramref name="orPlainText"/> it may also be sent as
    /// <c>text/plain</c>, which a browser's <c>sendBeacon</c> can send to another origin without a preflight.
    /// </summary>
    public static async Task<(JsonBody? Body, ApiError? Refusal)> ReadAsync(HttpContext http, bool orPlainText = false)
    {
        if (!IsJson(http.Request, orPlainText))
        {
            return (null, ApiError.ForStatus(StatusCodes.Status415UnsupportedMediaType));
        }

        // A client that sends Expect: 100-continue is refused before it sends the body.
        if (http.Request.ContentLength > HttpLimits.MaxBodyBytes && http.Request.Headers.Expect.Count > 0)
        {
            return (null, ApiError.ForStatus(StatusCodes.Status413PayloadTooLarge));
        }

        var reader = http.Request.BodyReader;
        var result = await reader.ReadAtLeastAsync(HttpLimits.MaxBodyBytes + 1, http.RequestAborted);
        if (result.Buffer.Length <= HttpLimits.MaxBodyBytes)
        {
            var (body, problem) = JsonBody.Parse(result.Buffer.ToArray());
            reader.AdvanceTo(result.Buffer.End);
            return (body, problem is null ? null : ApiError.Invalid(problem));
        }

        while (!result.IsCompleted)
        {
            reader.AdvanceTo(result.Buffer.End);
            result = await reader.ReadAsync(http.RequestAborted);
        }

        reader.AdvanceTo(result.Buffer.End);
        return (null, ApiError.ForStatus(StatusCodes.Status413PayloadTooLarge));
    }

    /// <summary>The error with all problems of the fields read so far, or null.</summary>
    public static ApiError? Refusal(JsonBody body) => body.Problems.Count > 0 ? ApiError.Invalid(body.Problems) : null;

    private static bool IsJson(HttpRequest request, bool orPlainText) =>
        MediaType.IsUtf8(request, "application/json") || (orPlainText && MediaType.IsUtf8(request, "text/plain"));
}
