using Bioscope.Core;

namespace Bioscope.Server.Http;

/// <summary>
/// Gives every request a correlation id: the client's own <c>X-Correlation-Id</c> when it is a UUID, else a new one. It is on
/// every response, in every error and on every log line of the request.
/// </summary>
internal sealed class CorrelationId(RequestDelegate next, TimeProvider clock, ILogger<CorrelationId> log)
{
    public const string Header = "X-Correlation-Id";

    public async Task InvokeAsync(HttpContext http)
    {
        http.TraceIdentifier = http.Request.Headers[Header] is [{ } own] && Uuid.TryParse(own, out _)
            ? own // as the client spells it
            : Guid.CreateVersion7(clock.GetUtcNow()).ToString("D");
        http.Response.Headers[Header] = http.TraceIdentifier;
        using (log.BeginScope(new Scope(http.TraceIdentifier)))
        {
            await next(http);
        }
    }

    /// <summary>What <see cref="LogLine"/> looks for among the scopes of a log line.</summary>
    internal sealed record Scope(string Id);
}
