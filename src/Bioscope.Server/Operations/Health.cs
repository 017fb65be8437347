using Bioscope.Server.Web;

namespace Bioscope.Server.Operations;

/// <summary>
/// <c>GET /healthz</c>: the process is alive; touches no database, so that nobody restarts a server because its database is away.
/// <c>GET /readyz</c>: requests are worth sending here, see <see cref="Readiness"/>; else 503 with a detail for each part that is not ready.
/// Neither is throttled: both are asked often, and cost next to nothing.
/// </summary>
internal static class Health
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/healthz", [HttpMethods.Get, HttpMethods.Head], http => ApiResponse.TextAsync(http, "ok\n"));
        routes.MapMethods("/readyz", [HttpMethods.Get, HttpMethods.Head], async http =>
        {
            var problems = await http.RequestServices.GetRequiredService<Readiness>().ProblemsAsync().WaitAsync(http.RequestAborted);
            await (problems.Count == 0
                ? ApiResponse.TextAsync(http, "ok\n")
                : Errors.WriteAsync(http, ApiError.Unavailable with { Details = problems }));
        });
    }
}
