using Bioscope.Server.Web;

namespace Bioscope.Server.Operations;

/// <summary>
/// <c>GET /healthz</c>: the process runs. It uses no database, so that a service manager does not restart a server because its database
/// is unavailable. <c>GET /readyz</c>: the server can handle requests, see <see cref="Readiness"/>; otherwise 503 with a detail for each
/// part that is not ready. Neither is throttled: both are called often and are cheap.
/// </summary>
internal static class Health
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/healthz", http => ApiResponse.TextAsync(http, "ok\n"));
        routes.MapRead("/readyz", async http =>
        {
            var problems = await http.RequestServices.GetRequiredService<Readiness>().ProblemsAsync().WaitAsync(http.RequestAborted);
            await (problems.Count == 0
                ? ApiResponse.TextAsync(http, "ok\n")
                : Errors.WriteAsync(http, ApiError.Unavailable with { Details = problems }));
        });
    }
}
