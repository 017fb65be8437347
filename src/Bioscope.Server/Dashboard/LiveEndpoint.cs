using System.Text;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http.Features;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>GET /dashboard/live</c>: the live block of the dashboard as server-sent events, each with the whole block, whenever it changes.
/// 204, which makes a browser stop reconnecting, if nobody is signed in or there are too many connections.
/// </summary>
internal static class LiveEndpoint
{
    // The connection is closed from time to time, so that someone who signed out elsewhere does not receive events for ever.
    private static readonly TimeSpan MaxAtOnce = TimeSpan.FromMinutes(15);

    public static async Task AnswerAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!await SessionCookie.SignInAsync(http)
            || (await CallerPage.OfCallerAsync(http, ChosenPage.Read(http))).BioPageId is not { } page
            || http.RequestServices.GetRequiredService<LiveFeed>().Open(page) is not { } watch)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        using (watch)
        {
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers["X-Accel-Buffering"] = "no"; // otherwise nginx buffers the events
            http.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
            await SendAsync(http, watch);
        }
    }

    private static async Task SendAsync(HttpContext http, LiveFeed.Watch watch)
    {
        var (clock, words) = (http.RequestServices.GetRequiredService<TimeProvider>(), Words.Of(http));
        var opened = clock.GetTimestamp();
        var sent = new Sent(words);
        await http.Response.Body.WriteAsync("retry: 5000\n\n"u8.ToArray(), http.RequestAborted);
        while (!watch.IsOver && clock.GetElapsedTime(opened) < MaxAtOnce)
        {
            var next = sent.Next(http, await watch.NextAsync(http.RequestAborted));
            if (CallerPage.RoleOf(http) != PageRole.Owner
                && (await CallerPage.OfCallerAsync(http, ChosenPage.Read(http))).BioPageId is null)
            {
                return; // removed in the meantime
            }

            await http.Response.Body.WriteAsync(next, http.RequestAborted);
        }
    }

    /// <summary>Remembers what a connection was sent last.</summary>
    private sealed class Sent(Words words)
    {
        private static readonly byte[] StillThere = Encoding.UTF8.GetBytes(":\n\n");

        private int _hash;

        /// <summary>The block as an event, or a comment if it has not changed: only writing reveals that a connection was closed.</summary>
        public byte[] Next(HttpContext http, LiveVisits? visits)
        {
            var part = visits is null ? null : BasePath.InLinks(http, Live.Render(visits, words).ToString());
            if (part is null || part.GetHashCode(StringComparison.Ordinal) is var hash && hash == _hash)
            {
                return StillThere;
            }

            _hash = hash;
            return Encoding.UTF8.GetBytes($"data: {part}\n\n");
        }
    }
}
