using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Operating;

/// <summary>
/// <c>/operator</c> and what is below it. Whoever is no operator gets the answer of a page that does not exist, before anything of the
/// request is read; so the limits of these routes are counted here, and not by their metadata.
/// </summary>
internal static class OperatorRoutes
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        var operators = pages.MapGroup(SessionCookie.OperatorPath);
        operators.MapRead("", StatePage.ShowAsync);
        operators.MapRead("creators", CreatorsPage.ShowAsync);
        operators.MapPost("creators", CreatorsPage.InviteAsync);
        operators.MapRead("creators/{id}", CreatorPage.ShowAsync);
        operators.MapPost("creators/{id}", CreatorPage.ChangeAsync);
        operators.MapRead("audit", AuditPage.ShowAsync);
        operators.MapPost("sign-out", SignOutAsync);
    }

    /// <summary>The signed-in operator.</summary>
    /// <returns>Null when a response was already sent.</returns>
    public static async Task<Guid?> OperatorAsync(HttpContext http)
    {
        var services = http.RequestServices;
        if (!await SessionCookie.SignInAsync(http) || Sessions.UserOf(http) is not { } user
            || !await Operators.IsAsync(services.GetRequiredService<MainDatabase>(), user, http.RequestAborted))
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
            return null;
        }

        var limit = new ThrottlePolicy("operator", services.GetRequiredService<Settings>().ReportsPerMinute, TimeSpan.FromMinutes(1));
        return await TakeAsync(http, limit) ? user : null;
    }

    /// <summary>An operator's form that is ours.</summary>
    /// <returns>Null when a response was already sent.</returns>
    public static async Task<(Guid User, IFormCollection Form)?> FormAsync(HttpContext http)
    {
        if (await OperatorAsync(http) is not { } user || await PostedForm.ReadAsync(http) is not { } form)
        {
            return null;
        }

        if (http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form))
        {
            return (user, form);
        }

        await Errors.WriteAsync(http, FormGuard.NotOurs);
        return null;
    }

    /// <summary>Counts a request against a limit.</summary>
    /// <returns>False when it is over, which was answered.</returns>
    public static async Task<bool> TakeAsync(HttpContext http, ThrottlePolicy limit)
    {
        if (await http.RequestServices.GetRequiredService<Throttle>().TakeAsync(http, limit) is not { } over)
        {
            return true;
        }

        await Errors.WriteAsync(http, over);
        return false;
    }

    private static async Task SignOutAsync(HttpContext http)
    {
        if (await OperatorAsync(http) is not null)
        {
            await SignInPage.SignOutAsync(http);
        }
    }
}
