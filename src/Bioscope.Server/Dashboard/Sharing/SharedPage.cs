using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Sharing;
using Bioscope.Server.BioPages;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Sharing;

/// <summary>
/// <c>/dashboard/shared</c>: links by which others see figures of the page; forms make and revoke them with the rules of
/// <see cref="SharedView"/>. Period and filters of the address are those of the view to share.
/// </summary>
internal static class SharedPage
{
    public const string Path = "/dashboard/shared";

    // Form, question, period, title, password, last day, sites and the rest, and a field for each block.
    private const int MaxFields = 30;

    private const int MaxSources = 50;

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            await WriteAsync(http, desk, null, null);
        }
    }

    public static Task AddAsync(HttpContext http) => PostAsync(http, async (desk, form) =>
    {
        var (fields, refusal) = PostedView.Of(form, desk);
        return fields is null ? refusal : (await SharedView.AddAsync(http, desk.Page.Id, fields)).Refusal;
    });

    /// <summary><c>POST /dashboard/shared/{id}</c>: revokes a link, or freezes the view.</summary>
    public static Task ChangeAsync(HttpContext http) => PostAsync(http, async (desk, form) =>
    {
        if (!Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id))
        {
            return ApiError.SharedViewNotFound;
        }

        if (form["freeze"] == "1")
        {
            return (await FrozenView.FreezeAsync(http, desk.Page.Id, id)).Refusal;
        }

        if (form["revoke"] == "1")
        {
            // Revoked already is as good.
            await SharedView.RemoveAsync(http, desk.Page.Id, id);
        }

        return null;
    });

    private static Task PostAsync(HttpContext http, Func<Desk, IFormCollection, Task<ApiError?>> change) => PostedChange.AnswerAsync(
        http,
        async (desk, form) => (await change(desk, form), Path + "#list-title"),
        (desk, form, problem) => WriteAsync(http, desk, problem, form),
        maxFields: MaxFields);

    private static async Task WriteAsync(HttpContext http, Desk desk, string? problem, IFormCollection? form)
    {
        var services = http.RequestServices;
        var question = PostedView.QuestionOf(form, desk);
        var view = new SharedPageView(
            desk, question, await SharedView.ReadAsync(http, desk.Page.Id), await SourcesAsync(http, desk), problem, form,
            services.GetRequiredService<FormGuard>().FieldFor(http));
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), new SharedPageWords(desk.Words).PageTitle(desk.Name), view.Render());
    }

    /// <summary>The sources with the most visits so far, for the form of a sponsor.</summary>
    private static async Task<IReadOnlyList<string>> SourcesAsync(HttpContext http, Desk desk)
    {
        EquatableList<Metric> metrics = [Metric.Visits];
        EquatableList<Dimension> dimensions = [Dimension.Named("source")!];
        var request = new QueryRequest(
            new RangeRequest.Named(NamedRange.All), desk.Timeframe.Zone, metrics, dimensions, [], null,
            SortKey.DefaultOf(metrics, dimensions), MaxSources, 0, false);
        var answers = await http.RequestServices.GetRequiredService<QueryEngine>().AnswerAsync(
            desk.Page.Id, [request], desk.Timeframe.Zone, desk.Naming, http.RequestAborted);
        return [.. answers[0].Answer.Rows.Select(row => row.Dimensions[0]).OfType<string>()];
    }
}
