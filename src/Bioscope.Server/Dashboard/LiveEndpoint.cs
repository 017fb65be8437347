using System.Text;
using Bioscope.Core;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http.Features;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>GET /dashboard/live</c>: the live part of the dashboard as server-sent events, each the whole part, whenever it changes. 204, which
/// tells a browser to stop asking, for who is not signed in or came when too many look already.
/// </summary>
internal static class LiveEndpoint
{
    // Asked for anew now and then, so that who signed out elsewhere is not told for ever.
    private static readonly TimeSpan MaxAtOnce = TimeSpan.FromMinutes(15);

    public static async Task AnswerAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!await SessionCookie.SignInAsync(http)
            || (await CallerPage.OfCallerAsync(http)).BioPageId is not { } page
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
        var opened = clock.GetTimestamp();
        var sent = new Sent(language);
        await http.Response.Body.WriteAsync("retry: 5000\n\n"u8.ToArray(), http.RequestAborted);
        while (!watch.IsOver && clock.GetElapsedTime(opened) < MaxAtOnce)
        {
            // Nothing of what is sent is kept in a variable: it would stay in memory for as long as this waits.
            await http.Response.Body.WriteAsync(sent.Next(await watch.NextAsync(http.RequestAborted)), http.RequestAborted);
        }
    }

    /// <summary>Knows what a connection was sent last.</summary>
    private sealed class Sent(Language language)
    {
        private static readonly byte[] StillThere = Encoding.UTF8.GetBytes(":\n\n");

        private int _hash;

        /// <summary>The part as an event, or a comment where there is nothing new: a connection that is gone is noticed by writing to it.</summary>
        public byte[] Next(LiveVisits? visits)
        {
            var part = visits is null ? null : Live.Render(visits, language).ToString();
            if (part is null || part.GetHashCode(StringComparison.Ordinal) is var hash && hash == _hash)
            {
                return StillThere;
            }

            _hash = hash;
            return Encoding.UTF8.GetBytes($"data: {part}\n\n");
        }
    }
}
