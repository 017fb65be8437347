using System.Data.Common;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Retention;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Microsoft.Net.Http.Headers;

namespace Bioscope.Server.Web;

/// <summary>
/// The one place where a failure becomes a response. Exceptions, bare status codes and refusals of slices all end here, so that every
/// error has the same shape.
/// </summary>
internal sealed partial class Errors(
    RequestDelegate next, Settings settings, MainDatabase main, AnalyticsDatabase analytics, ILogger<Errors> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has disconnected, so nobody reads a response, and it is not a server error.
            http.Abort();
            return;
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            var error = From(e);
            LogFailure(http, error, e);
            if (e is MalformedBodyException)
            {
                http.Response.Headers.Connection = "close";
            }

            await WriteAsync(http, error);
            return;
        }
        catch (Exception e)
        {
            // Part of the response has been sent. Aborting the connection tells the client that it is incomplete.
            LogFailure(http, From(e), e);
            http.Abort();
            return;
        }

        if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
        {
            await WriteAsync(http, ApiError.ForStatus(http.Response.StatusCode));
        }
    }

    /// <summary>
    /// Sends the error in its envelope, or as a page to a browser that requests one outside the API. Headers set before, such as
    /// <c>Allow</c>, are kept.
    /// </summary>
    public static Task WriteAsync(HttpContext http, ApiError error)
    {
        http.Response.StatusCode = error.Status;
        if (!http.Request.Path.StartsWithSegments("/api"))
        {
            http.Response.Headers.Vary = "Accept";
            if (WantsPage(http.Request))
            {
                return ErrorPage.WriteAsync(http, error);
            }
        }

        return ApiResponse.WriteAsync(http, ApiJson.Utf8(Envelope(error, http.TraceIdentifier), ApiJson.Default.Failure));
    }

    public static Failure Envelope(ApiError error, string correlationId) => new(new FailureError(
        error.Code, error.Message, error.I18nKey, error.I18nVars, [.. error.Details.Select(detail => new FailureDetail(detail))],
        correlationId));

    /// <summary>Browsers accept text/html when a person navigates to an address; scripts and programs do not.</summary>
    public static bool WantsPage(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);

    private void LogFailure(HttpContext http, ApiError error, Exception failure)
    {
        if (failure is QueryTooLargeException or NotKeptException)
        {
            return; // only the caller needs to know
        }

        if (error.Status == StatusCodes.Status503ServiceUnavailable)
        {
            // without a stack trace, because there is one line per request while a database is unavailable
            Log.Unavailable(log, http.Request.Method, Logged(http), failure.Message);
        }
        else if (error.Status >= 500)
        {
            Log.Failed(log, http.Request.Method, Logged(http), failure);
        }
    }

    /// <summary>The path for the log: that of the route where a part of it opens something, such as an account or a shared view.</summary>
    public static string Logged(HttpContext http) =>
        http.GetEndpoint() is RouteEndpoint { RoutePattern: var route } && route.Parameters.Any(part => part.Name == "token")
            ? route.RawText!
            : http.Request.Path.Value!;

    private ApiError From(Exception exception) => exception switch
    {
        MalformedBodyException malformed => ApiError.Invalid(malformed.Message),
        BadHttpRequestException { StatusCode: var status } => ApiError.ForStatus(status),
        // For another service's database, a missing table also means that it is unavailable.
        DbException when settings.SharedOwnership => ApiError.Unavailable,
        DbException failure when main.Dialect.IsUnavailable(failure) || analytics.Dialect.IsUnavailable(failure) => ApiError.Unavailable,
        // The PostgreSQL driver's exceptions for an exhausted pool and for time-outs.
        TimeoutException => ApiError.Unavailable,
        QueryTooLargeException => ApiError.QueryTooLarge,
        NotKeptException notKept => ApiError.Invalid(notKept.Message),
        _ => ApiError.Internal,
    };

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
        public static partial void Failed(ILogger logger, string method, string path, Exception failure);

        [LoggerMessage(LogLevel.Warning, "{Method} {Path}: a database is not available: {Reason}")]
        public static partial void Unavailable(ILogger logger, string method, string path, string reason);
    }
}
