using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.BioPages;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>/dashboard/links</c>: the creator's links in their order, each with its figures; forms add, change, move, hide, pin, delete and
/// restore them with the rules of <see cref="BioLinks"/>.
/// </summary>
internal static class LinksPage
{
    public const string Path = "/dashboard/links";

    private static readonly Dimension Link = Dimension.Named("link")!;

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            await WriteAsync(http, desk, null, null, null);
        }
    }

    /// <summary><c>POST /dashboard/links</c>: adds a link or a heading.</summary>
    public static Task AddAsync(HttpContext http) => PostedChange.AnswerAsync(
        http,
        async (desk, form) =>
        {
            var id = Guid.CreateVersion7(Now(http));
            var posted = PostedLink.Of(form, null, desk.Zone);
            return (posted.Refusal ?? await LinkStore.AddAsync(http, desk.Page.Id, id, posted.Fields!), PlaceOf(id));
        },
        (desk, form, problem) => WriteAsync(http, desk, problem, null, form));

    /// <summary><c>POST /dashboard/links/{id}</c>: one change of a link; which one, the pressed button says.</summary>
    public static Task ChangeAsync(HttpContext http)
    {
        var id = Uuid.TryParse((string?)http.Request.RouteValues["id"], out var read) ? read : Guid.Empty;
        return PostedChange.AnswerAsync(
            http,
            async (desk, form) => (await ChangeAsync(http, desk, id, form), form["delete"] == "1" ? $"{Path}?deleted={id}" : PlaceOf(id)),
            (desk, form, problem) => WriteAsync(http, desk, problem, id, form));
    }

    private static async Task<ApiError?> ChangeAsync(HttpContext http, Desk desk, Guid id, IFormCollection form)
    {
        var page = desk.Page.Id;
        if (form["restore"] == "1")
        {
            return await LinkStore.RestoreAsync(http, page, id);
        }

        if (desk.Page.Links.FirstOrDefault(other => other.Id == id) is not { } link)
        {
            return ApiError.LinkNotFound;
        }

        if (form["move"].ToString() is { Length: > 0 } to)
        {
            return await LinkStore.MoveAsync(http, page, id, to);
        }

        if (form["delete"] == "1")
        {
            return await LinkStore.DeleteAsync(http, page, id);
        }

        if (form.ContainsKey("active"))
        {
            return await LinkStore.UpdateAsync(http, page, id, LinkFields.Unchanged with { Active = form["active"] == "1" });
        }

        if (form.ContainsKey("pinned"))
        {
            return await LinkStore.UpdateAsync(http, page, id, LinkFields.Unchanged with { Pinned = form["pinned"] == "1" });
        }

        var posted = PostedLink.Of(form, link, desk.Zone);
        return posted.Refusal ?? await LinkStore.UpdateAsync(http, page, id, posted.Fields!);
    }

    private static async Task WriteAsync(HttpContext http, Desk desk, string? problem, Guid? refused, IFormCollection? form)
    {
        var services = http.RequestServices;
        var deleted = await LinkStore.DeletedAsync(http, desk.Page.Id);
        var justDeleted = Uuid.TryParse(http.Request.Query["deleted"], out var id) ? deleted.Find(link => link.Id == id) : null;
        var view = new LinksView(
            desk, await FiguresAsync(http, desk), deleted, justDeleted, Now(http),
            problem is null ? null : new RefusedLink(problem, refused, form!),
            services.GetRequiredService<FormGuard>().FieldFor(http));
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), new LinkListWords(desk.Words).Title(desk.Name), view.Render());
    }

    /// <summary>Clicks and visitors who clicked, of the last 30 days, by link.</summary>
    private static async Task<Dictionary<string, IReadOnlyList<double>>> FiguresAsync(HttpContext http, Desk desk)
    {
        EquatableList<Metric> metrics = [Metric.Clicks, Metric.Clickers];
        var request = new QueryRequest(
            RangeRequest.Default, desk.Zone, metrics, [Link], [new Filter(FilterOperator.IsNotNull, Link, [])], null,
            SortKey.DefaultOf(metrics, [Link]), Questions.All, 0, false);
        var answers = await http.RequestServices.GetRequiredService<QueryEngine>().AnswerAsync(
            desk.Page.Id, [request], desk.Zone, desk.Naming, http.RequestAborted);
        return answers[0].Answer.Rows.ToDictionary(row => row.Dimensions[0]!, row => row.Metrics);
    }

    private static string PlaceOf(Guid link) => $"{Path}#link-{link:D}";

    private static DateTimeOffset Now(HttpContext http) => http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
}
