using System.Text;
using Bioscope.Server.Creators;
using Bioscope.Server.Dashboard.Blocks;
using Microsoft.AspNetCore.Http.Features;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>GET /dashboard/live</c>: the live part of the dashboard as server-sent events, each the whole part, whenever it changes. 204, which
/// tells a browser to stop asking, for who is not signed in or came when too many look already.
/// </summary>
internal static class LiveEndpoint
{
    // Asked for anew now and then, so that who signed out elsewhere is not told for ever.
    private static readonly TimeSpan MostAtOnce = TimeSpan.FromMinutes(15);

    public static async Task AnswerAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!await SessionCookie.SignInAsync(http)
            || (await OwnPage.OfCallerAsync(http)).BioPageId is not { } page
            || http.RequestServices.GetRequiredService<LiveFeed>().Open(page) is not { } watch)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        using (watch)
        {
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers["X-Accel-Buffering"] = "no"; // or nginx keeps events to itself
            http.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
            await SendAsync(http, watch);
        }
    }

    private static async Task SendAsync(HttpContext http, LiveFeed.Watch watch)
    {
        var (clock, language) = (http.RequestServices.GetRequiredService<TimeProvider>(), BrowserLanguage.Of(http.Request));
        var (opened, sent) = (clock.GetTimestamp(), 0);
        await http.Response.WriteAsync("retry: 5000\n\n", http.RequestAborted);
        while (!watch.IsOver && clock.GetElapsedTime(opened) < MostAtOnce)
        {
            var visits = await watch.Next.WaitAsync(http.RequestAborted);
            if (watch.IsOver)
            {
                break;
            }

            // A comment where there is nothing to say: a connection that is gone is noticed by writing to it.
            var part = visits is null ? null : Live.Render(visits, language).ToString();
            var hash = string.GetHashCode(part, StringComparison.Ordinal);
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(part is null || hash == sent ? ":\n\n" : $"data: {part}\n\n"), http.RequestAborted);
            sent = part is null ? sent : hash;
        }
    }
}
