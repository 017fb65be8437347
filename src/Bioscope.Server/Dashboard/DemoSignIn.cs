using Bioscope.Server.Accounts;
using Bioscope.Server.Demo;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>GET /dashboard/demo/{handle}/{token}</c>: signs in as a demo creator at once. The key is the creator's demo password, derived from
/// this installation's secret; other creators with that handle cannot sign in this way.
/// </summary>
internal static class DemoSignIn
{
    /// <summary>The address printed by the demo.</summary>
    public static string AddressOf(DemoCreator creator, DemoLogins logins) =>
        $"/dashboard/demo/{creator.Handle}/{logins.PasswordOf(creator)}";

    public static async Task AnswerAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        var logins = http.RequestServices.GetRequiredService<DemoLogins>();
        var creator = DemoCreators.All.FirstOrDefault(creator => creator.Handle == (string)http.Request.RouteValues["handle"]!);
        if (creator is null
            || !logins.IsPasswordOf(creator, (string)http.Request.RouteValues["token"]!)
            || await http.RequestServices.GetRequiredService<RefreshFamilies>().StartAsync(
                creator.UserId, Session.ClientOf(http), http.RequestAborted) is not { } token)
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
            return;
        }

        SessionCookie.Append(http, token);
        SignInPage.GoTo(http, "/dashboard");
    }
}
