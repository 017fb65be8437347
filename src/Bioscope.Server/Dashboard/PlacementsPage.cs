using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Json;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.BioPages;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>/dashboard/placements</c>: the placement links of the page, each with its address, QR code and figures; forms add, change and remove
/// them with the rules of <see cref="BioPlacements"/>.
/// </summary>
internal static class PlacementsPage
{
    public const string Path = "/dashboard/placements";

    private static readonly Dimension Placement = Dimension.Named("placement")!;

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            await WriteAsync(http, desk, problem: null);
        }
    }

    public static Task AddAsync(HttpContext http) => PostAsync(http, async (page, fields) =>
    {
        var id = Guid.CreateVersion7(http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        return fields.Refusal ?? await BioPlacements.AddAsync(http, page, id, fields.Fields!);
    });

    public static Task ChangeAsync(HttpContext http) => PostAsync(http, async (page, fields) =>
    {
        if (!Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id))
        {
            return ApiError.PlacementNotFound;
        }

        if (fields.IsRemoval)
        {
            // Removed already is as good.
            await BioPlacements.RemoveAsync(http, page, id);
            return null;
        }

        return fields.Refusal ?? await BioPlacements.UpdateAsync(http, page, id, fields.Fields!);
    });

    /// <summary><c>GET /dashboard/placements/{id}.svg</c>: the QR code as a file, for print.</summary>
    public static async Task CodeAsync(HttpContext http)
    {
        if (await Desk.PageOfCallerAsync(http) is not { } page)
        {
            return;
        }

        var main = http.RequestServices.GetRequiredService<MainDatabase>();
        var placements = await BioPlacements.ReadAsync(main, page.Id, http.RequestAborted);
        var found = Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id)
            ? placements.Find(placement => placement.Id == id)
            : null;
        if (found is null || AddressOf(http, page) is not { } address)
        {
            await Errors.WriteAsync(http, ApiError.PlacementNotFound);
            return;
        }

        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{found.Slug}.svg\"";
        var shown = PlacementsView.AddressOf(address, found.Slug);
        var svg = QrCode.Svg(shown, new PlacementsWords(Words.Of(http)).QrCodeOf(shown)).ToString();
        await ApiResponse.SendAsync(http, Encoding.UTF8.GetBytes(svg), "image/svg+xml");
    }

    private static Task PostAsync(HttpContext http, Func<Guid, PostedPlacement, Task<ApiError?>> change) => PostedChange.AnswerAsync(
        http,
        async (desk, form) => (await change(desk.Page.Id, PostedPlacement.Of(form)), Path),
        (desk, _, problem) => WriteAsync(http, desk, problem));

    private static async Task WriteAsync(HttpContext http, Desk desk, string? problem)
    {
        var services = http.RequestServices;
        var placements = await BioPlacements.ReadAsync(services.GetRequiredService<MainDatabase>(), desk.Page.Id, http.RequestAborted);
        var view = new PlacementsView(desk, placements, await FiguresAsync(http, desk), AddressOf(http, desk.Page), problem);
        await PageFrame.WriteAsync(
            http,
            PageColour.Of(desk.Page.Id),
            new PlacementsWords(desk.Words).PageTitle(desk.Name),
            view.Render(services.GetRequiredService<FormGuard>().FieldFor(http)));
    }

    /// <summary>Visits, visitors and clicks of the last 30 days, by id: several placement links may have the same label.</summary>
    private static async Task<Dictionary<string, IReadOnlyList<double>>> FiguresAsync(HttpContext http, Desk desk)
    {
        EquatableList<Metric> metrics = [Metric.Visits, Metric.Visitors, Metric.Clicks];
        var request = new QueryRequest(
            RangeRequest.Default, desk.Timeframe.Zone, metrics, [Placement], [new Filter(FilterOperator.IsNotNull, Placement, [])], null,
            SortKey.DefaultOf(metrics, [Placement]), Questions.All, 0, false);
        var answers = await http.RequestServices.GetRequiredService<QueryEngine>().AnswerAsync(
            desk.Page.Id, [request], desk.Timeframe.Zone, desk.Naming.ByPlacementId(), http.RequestAborted);
        return answers[0].Answer.Rows.ToDictionary(row => row.Dimensions[0]!, row => row.Metrics);
    }

    private static string? AddressOf(HttpContext http, BioPage page) => page.Handle is null ? null : $"{ServerUrl.Of(http)}/@{page.Handle}";

    /// <summary>A form's fields, read as the API's, so that they have the same rules.</summary>
    private sealed record PostedPlacement(bool IsRemoval, PlacementFields? Fields, ApiError? Refusal)
    {
        public static PostedPlacement Of(IFormCollection form)
        {
            var json = new JsonObject
            {
                // Phones begin with a capital letter, and keyboards add spaces.
                ["slug"] = form["slug"].ToString().Trim().ToLowerInvariant(),
                ["source"] = form["source"].ToString(),
                ["label"] = form["label"].ToString(),
            };
            using var body = JsonBody.Parse(Encoding.UTF8.GetBytes(json.ToJsonString())).Body!;
            var fields = PlacementFields.Read(body);
            return new PostedPlacement(form["remove"] == "1", fields, JsonRequest.Refusal(body));
        }
    }
}
