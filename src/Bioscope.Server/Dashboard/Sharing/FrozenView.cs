using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Retention;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Api.Sharing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Proofs;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;
using NodaTime;

namespace Bioscope.Server.Dashboard.Sharing;

/// <summary>
/// Freezes a shared view: counts what it shows once more, all as of one instant, and signs figures, questions, method and what was not
/// counted. The view then shows these figures for ever.
/// </summary>
internal static class FrozenView
{
    // The list of a viewer, not of an archive.
    private const int MaxRows = 1_000;

    private static readonly Dimension Link = Dimension.Named("link")!;

    private const string Method =
        "Exact counts of stored rows as of one instant, without sampling or estimates. A visit is one session of one visitor; visitors are distinct " +
        "pseudonymous ids; a view is one load of the page; a click is one use of a link on it; click rate is clicks per hundred views. Bots, " +
        "visits without consent and visits that the creator's rules hide are left out. Counted by Bioscope, method 1.";

    private const string NotCountedNote =
        "Of the whole page, whatever the filters, in whole UTC days: requests that were not counted, by reason.";

    /// <summary>
    /// <c>PUT /api/v1/creators/analytics/shared-views/{id}/proof</c>: freezes a view, unless it is frozen, and sends its proof.
    /// </summary>
    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        reports.MapPut("shared-views/{id}/proof", http => CallerPage.WithOwnAsync(http, async page =>
        {
            var (proof, refusal) = Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id)
                ? await FreezeAsync(http, page, id)
                : (null, ApiError.SharedViewNotFound);
            await (proof is null
                ? Errors.WriteAsync(http, refusal!)
                : ApiResponse.OkAsync(http, Proof.Parse(proof).Proof!, ProofJson.Default.SuccessProof));
        })).RequireAuthorization().WithMetadata(BioEditing.Edits("shared view proof", settings));

    /// <summary>Freezes a view of a page, unless it is frozen.</summary>
    /// <returns>The text of its proof, or why there is none.</returns>
    public static async Task<(string? Proof, ApiError? Refusal)> FreezeAsync(HttpContext http, Guid page, Guid id)
    {
        var services = http.RequestServices;
        var key = services.GetRequiredService<Settings>().ProofKey;
        if (await SharedView.OfIdAsync(http, page, id) is not { } view)
        {
            return (null, ApiError.SharedViewNotFound);
        }

        if (await view.ProofAsync(http) is { } known)
        {
            return (known, null);
        }

        if (key.Length == 0)
        {
            const string NoKey = "This server has no key to sign with. Its operator can set Proof:SigningKey.";
            return (null, ApiError.Unavailable with { Details = [NoKey] });
        }

        await services.GetRequiredService<DropCounter>().TryFlushAsync(page);
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow().TruncateToMillisecond();
        JsonObject payload;
        try
        {
            payload = await PayloadAsync(http, view, now);
        }
        catch (NotKeptException e)
        {
            return (null, ApiError.Conflict(
                $"this view is about visits from before {e.Since.UtcDateTime:yyyy-MM-dd}, which are no longer kept, so it cannot be frozen"));
        }

        var proof = Proof.Make(new ProofKey(key), payload.ToJsonString(Proof.Readable));
        await view.KeepProofAsync(http, now, proof.ToText());
        // Another request may have been first.
        return (await view.ProofAsync(http), null);
    }

    private static async Task<JsonObject> PayloadAsync(HttpContext http, SharedView view, DateTimeOffset now)
    {
        var services = http.RequestServices;
        var kept = services.GetRequiredService<KeptVisits>();
        await kept.ReadAsync(http.RequestAborted);
        // What is signed must not depend on the browser of who signs it.
        var desk = WholeDays(await SharedViewPage.DeskOfAsync(http, view) with { Words = Words.All[0] });
        var parts = PartsOf(view, desk);
        var answers = await kept.AnswerAsync(
            view.PageId, [.. parts.Select(part => part.Request)], desk.Timeframe.Zone, desk.Naming, http.RequestAborted);
        var drops = await DashboardPage.DropsAsync(services, desk, http.RequestAborted);
        var range = RangeShown.Of(answers[0].Query);
        return new JsonObject
        {
            ["format"] = Proof.Format,
            ["server"] = ServerUrl.Of(http),
            ["frozenAt"] = now.ToText(),
            ["title"] = view.Title,
            ["name"] = view.ShowsName ? desk.Name : null,
            ["question"] = view.Question,
            ["range"] = new JsonObject { ["from"] = range.From, ["until"] = range.Until, ["timeZone"] = range.TimeZone },
            ["answers"] = new JsonArray([.. parts.Zip(answers, (part, answer) => (JsonNode)AnswerOf(part, answer, desk))]),
            ["notCounted"] = new JsonObject
            {
                ["note"] = NotCountedNote,
                ["reasons"] = new JsonArray(
                    [.. drops.Reasons.Select(drop => (JsonNode)new JsonObject { ["reason"] = drop.Reason, ["count"] = drop.Count })]),
            },
            ["method"] = Method,
        };
    }

    /// <summary>
    /// Of all time, the days of which all is kept: sessions are kept longer than their page views, and the month of UTC begins within a
    /// local day.
    /// </summary>
    private static Desk WholeDays(Desk desk)
    {
        if (desk.KeptSince is not { } since || !desk.IsAllTime || !(desk.Timeframe.Range.From < since.ToUnixTimeMilliseconds()))
        {
            return desk;
        }

        var (timeframe, kept) = (desk.Timeframe, desk.Timeframe.Local(since.ToUnixTimeMilliseconds()));
        var first = kept.TimeOfDay == LocalTime.Midnight ? kept.Date : kept.Date.PlusDays(1);
        var address = desk.Address with { Range = new RangeRequest.Dates(first, timeframe.Days!.Value.Last) };
        var whole = Timeframe.Of(address, timeframe.Zone, DateTimeOffset.FromUnixTimeMilliseconds(timeframe.Now), desk.FirstVisit);
        return desk with { Address = address, Timeframe = whole with { Comparison = null } };
    }

    private static JsonObject AnswerOf(Part part, AnsweredQuery answered, Desk desk)
    {
        var (query, compared, answer) = answered;
        // The range as instants: what is signed does not move along.
        var asked = new SharedQuestion(RangeRequest.Default, query.Zone, part.Request.Filters, null).ToJson();
        asked["range"] = Ends(query);
        asked["metrics"] = new JsonArray([.. part.Request.Metrics.Select(metric => (JsonNode)MetricName.Of(metric))]);
        asked["dimensions"] = new JsonArray([.. part.Request.Dimensions.Select(dimension => (JsonNode)dimension.Name)]);
        asked["compare"] = compared is null ? null : Ends(compared);
        var rows = part.Request.Dimensions.Count == 0
            ? new[] { Row("This period", answer.Totals) }.Concat(answer.ComparisonTotals is { } before ? [Row("Compared period", before)] : [])
            : answer.Rows.Select(row => Row(ValueOf(part.Request.Dimensions[0], row.Dimensions[0], desk), row.Metrics));
        return new JsonObject
        {
            ["name"] = part.Name,
            ["query"] = asked,
            ["columns"] = new JsonArray([part.Column, .. part.Request.Metrics.Select(metric => (JsonNode)NameOf(metric))]),
            ["rows"] = new JsonArray([.. rows]),
        };

        static JsonArray Ends(CountQuery query) => RangeShown.Of(query) is var range ? new JsonArray(range.From, range.Until) : [];

        static JsonNode Row(string name, IReadOnlyList<double> metrics) =>
            new JsonArray([name, .. metrics.Select(metric => (JsonNode)JsonValue.Create((decimal)metric))]);
    }

    private static string ValueOf(Dimension dimension, string? value, Desk desk) =>
        DimensionWords.IsListed(dimension.Name) ? desk.ValueOf(dimension, value) : value ?? "";

    /// <summary>The questions behind the blocks of a view, the totals first. Of a view of one link, no other clicks are in them.</summary>
    private static List<Part> PartsOf(SharedView view, Desk desk)
    {
        var questions = new Questions(desk.Timeframe, desk.Address);
        var parts = new List<Part> { new("Headline figures", "Period", With(questions.Totals(), MetricsOf(view))) };
        var onLink = questions;
        if (view.Link is { } link)
        {
            var filter = new Filter(FilterOperator.Is, Link, [link.ToString("D")]);
            onLink = new Questions(desk.Timeframe, desk.Address with { Filters = [.. desk.Address.Filters, filter] });
            var name = $"Clicks on {desk.ValueOf(Link, link.ToString("D"))}";
            Add(SharedBlock.Figures, name, "Period", With(onLink.Totals(), [Metric.Clicks]));
            Add(SharedBlock.Trend, "Views", "Time", With(questions.Trend(), [Metric.Views]));
            Add(SharedBlock.Trend, name, "Time", With(onLink.Trend(), [Metric.Clicks]));
        }
        else
        {
            Add(SharedBlock.Trend, "Views and clicks", "Time", questions.Trend());
        }

        AddTop(SharedBlock.Sources, Dimension.Named("source")!, Metric.Visits, questions);
        AddTop(SharedBlock.Links, Link, Metric.Clicks, onLink);
        AddTop(SharedBlock.Countries, Dimension.Named("country")!, Metric.Visits, questions);
        AddTop(SharedBlock.Devices, Dimension.Named("device")!, Metric.Visits, questions);
        return parts;

        void AddTop(string block, Dimension dimension, Metric metric, Questions questions) => Add(
            block, desk.Dimensions.Many(dimension), desk.Dimensions.One(dimension), questions.Top(dimension, metric, MaxRows));

        void Add(string block, string name, string column, QueryRequest request)
        {
            if (view.Blocks.Contains(block))
            {
                parts.Add(new Part(name, column, request));
            }
        }
    }

    private static EquatableList<Metric> MetricsOf(SharedView view) =>
    [
        Metric.Visits,
        .. view.Blocks.Contains(SharedBlock.Figures) ? (Metric[])[Metric.Visitors, Metric.Views] : [],
        .. view.Blocks.Contains(SharedBlock.Figures) && view.Link is null ? (Metric[])[Metric.Clicks, Metric.ClickRate] : [],
        .. view.Blocks.Contains(SharedBlock.Quality) ? (Metric[])[Metric.BounceRate, Metric.VisitDuration, Metric.ViewsPerVisit] : [],
    ];

    private static QueryRequest With(QueryRequest request, EquatableList<Metric> metrics) =>
        request with { Metrics = metrics, Order = SortKey.DefaultOf(metrics, request.Dimensions) };

    private static string NameOf(Metric metric) => metric switch
    {
        Metric.ClickRate => "Click rate, %",
        Metric.BounceRate => "Bounce rate, %",
        Metric.VisitDuration => "Time on page, s",
        Metric.ViewsPerVisit => "Actions per visit",
        _ => metric.ToString(),
    };

    /// <summary>A table of the proof: its name, what its first column is, and the question.</summary>
    private sealed record Part(string Name, string Column, QueryRequest Request);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<Proof>))]
internal sealed partial class ProofJson : JsonSerializerContext;
