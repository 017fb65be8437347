using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.BioPages;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>/dashboard/page</c>: what the creator's page says and how it looks, with the rules of <see cref="BioEditing"/>. Beside the form is the
/// real page with what the form says, which is also how it works without scripts: a second button sends the form into the frame.
/// </summary>
internal static class EditorPage
{
    public const string Path = "/dashboard/page";

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            await WriteAsync(http, desk, null, null);
        }
    }

    /// <summary><c>POST /dashboard/page</c>: saves the form.</summary>
    public static Task SaveAsync(HttpContext http) => PostedChange.AnswerAsync(
        http,
        async (desk, form) =>
        {
            var posted = PostedPage.Of(form, desk.Page, UsualColourOf(desk.Page));
            return (posted.Refusal ?? await PageStore.UpdateAsync(http, desk.Page.Id, posted.Fields!), Path + "?saved=1");
        },
        (desk, form, problem) => WriteAsync(http, desk, problem, form));

    /// <summary><c>POST /dashboard/page/avatar</c>: makes an uploaded file the page's picture, or removes it.</summary>
    public static Task AvatarAsync(HttpContext http) => PostedChange.AnswerAsync(
        http,
        async (desk, form) =>
        {
            if (form["remove"] == "1")
            {
                await BioAvatar.RemoveAsync(http, desk.Page.Id);
                return (null, Path + "?saved=1");
            }

            var file = new MemoryStream();
            if (form.Files.GetFile("picture") is { } picture)
            {
                await picture.CopyToAsync(file, http.RequestAborted);
            }

            return (await BioAvatar.KeepAsync(http, desk.Page.Id, file.ToArray()), Path + "?saved=1");
        },
        (desk, _, problem) => WriteAsync(http, desk, problem, null),
        AvatarImage.MaxUploadBytes);

    /// <summary><c>GET</c> and <c>POST /dashboard/page/preview</c>: the page as it is, or as the form would make it.</summary>
    public static async Task PreviewAsync(HttpContext http)
    {
        var form = HttpMethods.IsPost(http.Request.Method) ? await PostedForm.ReadAsync(http) : null;
        if (http.Response.StatusCode != StatusCodes.Status200OK || await Desk.PageOfCallerAsync(http) is not { } page)
        {
            return;
        }

        // A form that is not ours shows nothing of its own; one that is not valid yet leaves the page as it is.
        if (form is not null && http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form)
            && PostedPage.Of(form, page, UsualColourOf(page)).Fields is { } fields)
        {
            page = PostedPage.Draft(page, fields);
        }

        var style = BioPageStyle.Of(page);
        http.Response.Headers.CacheControl = "no-store";
        await HtmlAnswer.WriteAsync(
            http,
            BioPageHtml.Preview(
                page,
                style,
                await AvatarOfAsync(http, page),
                http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(),
                Words.Of(http)),
            HtmlAnswer.PolicyForPreview(style.Css));
    }

    /// <summary>The colour of the page while the creator has chosen none.</summary>
    public static string UsualColourOf(BioPage page) => PageColour.Of(page.Id).Accent;

    private static async Task<AvatarImage?> AvatarOfAsync(HttpContext http, BioPage page) => page.Avatar is null
        ? null
        : await BioAvatar.ReadAsync(http.RequestServices.GetRequiredService<MainDatabase>(), page.Id, page.Avatar, http.RequestAborted);

    private static async Task WriteAsync(HttpContext http, Desk desk, string? problem, IFormCollection? form)
    {
        var view = new EditorView(
            desk, await AvatarOfAsync(http, desk.Page), problem, form, http.Request.Query["saved"] == "1", http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http));
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), new EditorWords(desk.Words).Title(desk.Name), view.Render(), hasFrame: true);
    }
}
