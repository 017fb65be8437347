using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Webhooks;
using Bioscope.Server.Dashboard.Mails;
using Bioscope.Server.Mail;
using Bioscope.Server.Web;
using NodaTime;
using NodaTime.Text;

namespace Bioscope.Server.Dashboard.Webhooks;

/// <summary>
/// What a webhook is told: <c>{type, timestamp, data}</c>, where <c>timestamp</c> is when it happened and <c>data</c> has the page and,
/// by event, the figures of a period or an hour.
/// </summary>
internal sealed class WebhookBody(IServiceProvider services)
{
    // As many as the published reports list.
    private const int MaxRows = 15;

    /// <returns>The JSON; null when there is nothing to tell any more.</returns>
    public async Task<string?> ComposeAsync(OutboxMessage message, Guid pageId, JsonNode told, CancellationToken cancellationToken)
    {
        var main = services.GetRequiredService<MainDatabase>();
        if (await BioPage.OfIdAsync(main, pageId, cancellationToken) is not { } page)
        {
            return null;
        }

        var zone = await services.GetRequiredService<PageZone>().ReadAsync(pageId, cancellationToken) ?? DateTimeZone.Utc;
        var data = new JsonObject { ["page"] = pageId.ToString("D"), ["handle"] = page.Handle, ["zone"] = zone.Id };
        if (told["first"] is { } first)
        {
            var kind = message.Kind == Webhook.Weekly ? ReportPeriod.Weekly : ReportPeriod.Monthly;
            var period = ReportPeriod.Of(kind, LocalDatePattern.Iso.Parse((string)first!).Value);
            var report = await Report.ReadAsync(services, pageId, period, zone, DimensionWords.English, cancellationToken);
            Add(data, report!);
        }
        else if (told["hour"] is { } hour)
        {
            (data["hour"], data["visits"], data["usual"]) = (hour.DeepClone(), told["visits"]!.DeepClone(), told["usual"]!.DeepClone());
        }

        return new JsonObject { ["type"] = message.Kind, ["timestamp"] = message.CreatedAt.ToText(), ["data"] = data }.ToJsonString();
    }

    private static void Add(JsonObject data, Report report)
    {
        (data["from"], data["until"]) = (LocalDatePattern.Iso.Format(report.Period.First), LocalDatePattern.Iso.Format(report.Period.Last));
        (data["totals"], data["before"]) = (Totals(report.Totals), report.Before is { } before ? Totals(before) : null);
        (data["sources"], data["links"]) = (Rows(report.Sources, "visits"), Rows(report.Links, "clicks"));
    }

    private static JsonObject Totals(Counted totals) => new()
    {
        ["visits"] = totals.Visits,
        ["visitors"] = totals.Visitors,
        ["views"] = totals.Views,
        ["clicks"] = totals.Clicks,
        ["clickRate"] = totals.ClickRate,
    };

    // Not a collection expression of the array itself, which adds by a method that trimming forbids.
    private static JsonArray Rows(IEnumerable<ReportRow> rows, string metric) =>
        new([.. rows.Take(MaxRows).Select(JsonNode (row) => new JsonObject { ["name"] = row.Name, [metric] = row.Count, ["before"] = row.Before })]);
}
