using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;

namespace Bioscope.Server.Web;

/// <summary>
/// The size limits of requests. The web server responds without a body to what exceeds its own limits, so those are generous. The limits
/// that clients meet are checked here, where the refusal gets its envelope.
/// </summary>
internal sealed class HttpLimits(RequestDelegate next)
{
    /// <summary>A session with a referrer of 8,192 characters, all of them escaped, fits twice.</summary>
    public const int MaxBodyBytes = 128 * 1024;

    // A larger body is read and discarded before it is refused, because a client that is still sending could not read the refusal.
    private const int MaxDiscardedBytes = 32 * 1024 * 1024;
    private const int MaxHeaderChars = 32 * 1024;
    private const int MaxTargetChars = 8 * 1024;

    public static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxDiscardedBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * MaxHeaderChars;
        kestrel.Limits.MaxRequestHeaderCount = 1_000;
        kestrel.Limits.MaxRequestLineSize = 16 * MaxTargetChars;
        // Header bytes that are not UTF-8 are decoded to some text instead of being refused without a body. With a custom encoding for
        // this header, the web server decodes it into 20 characters and, if it is longer, fails without a response.
        kestrel.RequestHeaderEncodingSelector = name => name == HeaderNames.ContentLength ? null : Encoding.Latin1;
    }

    public Task InvokeAsync(HttpContext http)
    {
        var chars = 0;
        foreach (var (name, values) in http.Request.Headers)
        {
            foreach (var value in values)
            {
                chars += name.Length + (value?.Length ?? 0);
            }
        }

        if (chars > MaxHeaderChars)
        {
            return Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status431RequestHeaderFieldsTooLarge));
        }

        if (http.Request.Path.Value!.Length + http.Request.QueryString.Value!.Length > MaxTargetChars)
        {
            return Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status414UriTooLong));
        }

        if (!HasReadableHost(http.Request))
        {
            return Errors.WriteAsync(http, ApiError.Invalid("The Host header is not a valid host name."));
        }

        if (http.Request.Headers.TransferEncoding.Count > 0)
        {
            http.Features.Set<IRequestBodyPipeFeature>(new ChunkedBody(http.Request.BodyReader));
        }

        return next(http);
    }

    // The framework decodes Punycode whenever the host is read, and throws if it is malformed.
    private static bool HasReadableHost(HttpRequest request)
    {
        try
        {
            _ = request.Host;
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
