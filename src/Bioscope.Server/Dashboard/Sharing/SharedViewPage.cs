using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Api.Sharing;
using Bioscope.Server.BioPages;
using Bioscope.Server.Proofs;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;
using NodaTime;

namespace Bioscope.Server.Dashboard.Sharing;

/// <summary>
/// <c>GET /s/{token}</c>: a view that a creator shares, for anyone who has its link. What is shown depends on nothing in the address but
/// the token. A link that is wrong, has expired or was revoked gets the same 404, and so does one of a suspended creator.
/// </summary>
internal static class SharedViewPage
{
    public static async Task AnswerAsync(HttpContext http)
    {
        if (await OpenAsync(http) is not { } view)
        {
            return;
        }

        var page = await PageOfAsync(http, view);
        if (!SharedDoor.IsOpen(http, view))
        {
            await SharedDoor.WriteAsync(http, view, PageColour.Of(page.Id), null);
            return;
        }

        if (HttpMethods.IsGet(http.Request.Method))
        {
            await view.UseAsync(http);
        }

        if (await view.ProofAsync(http) is { } proof)
        {
            var words = Words.Of(http);
            var payload = JsonNode.Parse(Proof.Parse(proof).Proof!.Payload)!;
            await PageFrame.WriteSharedAsync(
                http, PageColour.Of(page.Id), view.Title, SharedViewHtml.Head(view, new SharedViewWords(words).FrozenAndSigned),
                FrozenViewHtml.Render(view, payload, words),
                view.EmbedOrigins);
            return;
        }

        var figures = await ReadAsync(http, view, page);
        var live = view.Blocks.Contains(SharedBlock.Live)
            ? await LiveVisits.ReadAsync(
                http.RequestServices.GetRequiredService<AnalyticsDatabase>(), page.Id, figures.Naming,
                DateTimeOffset.FromUnixTimeMilliseconds(figures.Timeframe.Now), http.RequestAborted)
            : null;
        await PageFrame.WriteSharedAsync(
            http, PageColour.Of(page.Id), view.Title, SharedViewHtml.Head(view, SharedViewHtml.Period(figures)), SharedViewHtml.Render(view, figures, live),
            view.EmbedOrigins);
    }

    /// <summary><c>POST /s/{token}</c>: the password of a view.</summary>
    public static async Task UnlockAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is { } form && await OpenAsync(http) is { } view)
        {
            await SharedDoor.UnlockAsync(http, view, PageColour.Of(view.PageId), form["password"].ToString());
        }
    }

    /// <summary><c>GET /s/{token}/proof.json</c>: the signed figures of a frozen view, as a file.</summary>
    public static async Task ProofAsync(HttpContext http)
    {
        if (await OpenAsync(http) is not { } view)
        {
            return;
        }

        if (!SharedDoor.IsOpen(http, view) || await view.ProofAsync(http) is not { } proof)
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
            return;
        }

        http.Response.Headers.CacheControl = "private, no-store";
        http.Response.Headers.ContentDisposition = "attachment; filename=\"proof.json\"";
        await ApiResponse.SendAsync(http, Encoding.UTF8.GetBytes(proof), "application/json; charset=utf-8");
    }

    /// <summary>
    /// <c>GET /s/{token}/picture.png</c>: the view's picture in messages and posts. Of a view with a password it says nothing.
    /// </summary>
    public static async Task PictureAsync(HttpContext http)
    {
        if (await OpenAsync(http) is not { } view)
        {
            return;
        }

        var page = await PageOfAsync(http, view);
        var colour = PageColour.Of(page.Id);
        // Scripts that the font lacks get the English picture.
        var texts = new SharedViewWords(SharedPicture.WordsFor(http));
        var picture = view.HasPassword
            ? await SharedPicture.DrawAsync(colour, texts.Door, texts.OpensWithPassword, [], http.RequestAborted)
            : view.FrozenAt is not null
            ? await SharedPicture.DrawAsync(colour, view.Title, texts.FrozenAndSigned, [], http.RequestAborted)
            : await PictureOfAsync(http, view, await ReadAsync(http, view, page) with { Words = SharedPicture.WordsFor(http) }, colour);
        var headers = http.Response.Headers;
        headers.CacheControl = "private, no-store";
        headers.ContentSecurityPolicy = "default-src 'none'";
        await ApiResponse.SendAsync(http, picture, "image/png");
    }

    private static Task<byte[]> PictureOfAsync(HttpContext http, SharedView view, View figures, PageColour colour) => SharedPicture.DrawAsync(
        colour, view.Title, SharedViewHtml.Period(figures),
        // A picture has no room to say that visits are missing.
        view.Blocks.Contains(SharedBlock.Figures) && !figures.LacksVisits ? SharedViewHtml.Headlines(figures) : [], http.RequestAborted);

    /// <summary>The view of the request's token, with the headers of all answers; null when 404 was sent.</summary>
    private static async Task<SharedView?> OpenAsync(HttpContext http)
    {
        http.Response.Headers["X-Robots-Tag"] = "noindex";
        var view = await SharedView.OfTokenAsync(http, (string)http.Request.RouteValues["token"]!);
        if (view is not null
            && !await http.RequestServices.GetRequiredService<SuspendedCreators>().HasPageAsync(view.PageId, http.RequestAborted))
        {
            return view;
        }

        await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
        return null;
    }

    // A page is never deleted.
    private static async Task<BioPage> PageOfAsync(HttpContext http, SharedView view) => (await BioPage.OfIdAsync(
        http.RequestServices.GetRequiredService<MainDatabase>(), view.PageId, http.RequestAborted))!;

    /// <summary>What the figures of a view need.</summary>
    public static async Task<Desk> DeskOfAsync(HttpContext http, SharedView view) =>
        await DeskOfAsync(http, view, await PageOfAsync(http, view));

    private static async Task<Desk> DeskOfAsync(HttpContext http, SharedView view, BioPage page)
    {
        var question = view.Asked;
        var compared = question.Comparison switch
        {
            ComparisonKind.Previous => Compared.Previous,
            ComparisonKind.LastYear => Compared.LastYear,
            _ => Compared.None,
        };
        var address = new Address(question.Range, compared, question.Zone, question.Filters);
        return await Desk.OfAsync(http, page, Task.FromResult<DateTimeZone?>(question.Zone), address) with { IsShared = true };
    }

    private static async Task<View> ReadAsync(HttpContext http, SharedView view, BioPage page)
    {
        var services = http.RequestServices;
        var desk = await DeskOfAsync(http, view, page);
        var figures = await Figures.ReadAsync(services.GetRequiredService<QueryEngine>(), desk, view.Link, http.RequestAborted);
        var drops = view.Blocks.Contains(SharedBlock.NotCounted)
            ? await DashboardPage.DropsAsync(services, desk, http.RequestAborted)
            : new Drops(0, 0, [], []);
        return new View(desk, figures, drops, "");
    }
}
