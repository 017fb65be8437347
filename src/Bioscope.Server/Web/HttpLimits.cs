using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;

namespace Bioscope.Server.Web;

/// <summary>
/// How large a request may be. The web server answers what is over its own limits without a body, so those are set wide, and
/// the limits that clients meet are checked here, where the refusal gets its envelope.
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
        // Header bytes that are no UTF-8 become some text, and not a refusal without a body. With an encoding for this one, the web server
        // decodes it into 20 characters and fails without an answer when it has more.
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

    // The framework decodes Punycode whenever somebody asks for the host, and throws at what is none.
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
