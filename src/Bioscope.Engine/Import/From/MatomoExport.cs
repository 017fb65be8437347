using System.Runtime.CompilerServices;
using System.Text.Json;
using Bioscope.Core;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Import.From;

/// <summary>
/// Matomo's visits log as JSON, from <c>Live.getLastVisitsDetails</c> or "Export" below the log: a list of visits with their actions
/// (https://developer.matomo.org/api-reference/reporting-api#Live).
/// </summary>
internal static class MatomoExport
{
    public static bool Reads(ExportPart part) => part.Head.TrimStart() is ['[' or '{', ..] head
        && (head.Contains("\"actionDetails\"", StringComparison.Ordinal) || head.Contains("\"idVisit\"", StringComparison.Ordinal)
            || head.StartsWith("{\"result\":\"error\"", StringComparison.Ordinal));

    public static async IAsyncEnumerable<ImportItem> Read(
        ExportPart part, ImportTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var visits = target.Visits("matomo");
        // A list, or one object per line.
        var values = JsonSerializer.DeserializeAsyncEnumerable(
            part.Open(), ToolJsonContext.Default.JsonElement, topLevelValues: !part.Head.TrimStart().StartsWith('['), cancellationToken);
        await using var elements = values.GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(elements))
        {
            var visit = elements.Current;
            target.RowRead();
            if (visit.Text("result") == "error")
            {
                throw new InvalidDataException($"Matomo did not export, but answered: {visit.Text("message")}");
            }

            if (!target.IsOfSite(visit.Text("idSite")))
            {
                continue;
            }

            foreach (var item in HitsOf(visit, target).SelectMany(hit => visits.Add(target.Rows, hit)))
            {
                yield return item;
            }
        }
    }

    private static async Task<bool> MoveNextAsync(IAsyncEnumerator<JsonElement> elements)
    {
        try
        {
            return await elements.MoveNextAsync();
        }
        catch (JsonException e)
        {
            throw ToolJson.NotJson(e);
        }
    }

    private static IEnumerable<Hit> HitsOf(JsonElement visit, ImportTarget target)
    {
        if (visit.Text("idVisit") is not { } id)
        {
            target.LeaveOut("rows without idVisit");
            yield break;
        }

        var actions = visit.Part("actionDetails").Items().Select(action => (Action: action, At: action.Number("timestamp"))).ToList();
        var start = visit.Number("firstActionTimestamp") ?? visit.Number("serverTimestamp");
        var shift = Shift(start, actions.Min(action => action.At));
        var entry = actions.Select(action => action.Action).FirstOrDefault(action => action.Text("type") == "action");
        foreach (var (action, at) in actions)
        {
            var (type, url) = (action.Text("type") ?? "action", action.Text("url"));
            if (ToolJson.Instant(at + shift ?? start) is not { } time)
            {
                target.LeaveOut("actions without a time");
                continue;
            }

            if (UrlOf(type, url, target) is not { } link)
            {
                continue;
            }

            yield return new Hit(id, visit.Text("visitorId") ?? id, time, row => Facts(row, visit, entry, target))
            {
                Path = link.Id is null ? SiteOrigin.PathOf(url, int.MaxValue) ?? url : null,
                Title = link.Id is null ? action.Text("pageTitle") ?? action.Text("title") : null,
                Link = link.Id,
                VisitDuration = (int)Math.Clamp(visit.Number("visitDuration") ?? 0, 0, ImportLine.MaxDuration),
            };
        }
    }

    /// <summary>The link of an action, none for a page view; null for an action that is left out.</summary>
    private static (Guid? Id, bool IsPage)? UrlOf(string type, string? url, ImportTarget target)
    {
        switch (type)
        {
            case "action":
                return target.IsOfPage(Host(url), url is null ? null : SiteOrigin.PathOf(url, int.MaxValue) ?? url) ? (null, true) : null;
            case "outlink" or "download" when target.LinkOf(url) is { } link:
                return (link, false);
            default:
                target.LeaveOut(type is "outlink" or "download"
                    ? "clicks on what is not a link of the page" : "actions that are neither page views nor clicks");
                return null;
        }
    }

    private static string? Host(string? url) => Referrer.Domain(url);

    /// <summary>
    /// Some versions write the actions' times in the site's zone and the visit's in UTC: what to add, in whole quarters of an hour.
    /// </summary>
    private static double Shift(double? start, double? firstAction) =>
        start is { } known && firstAction is { } written ? Math.Floor(((known - written) / 900) + 0.5) * 900 : 0;

    private static SessionRow Facts(SessionRow row, JsonElement visit, JsonElement entry, ImportTarget target)
    {
        var url = entry.Text("url");
        var (os, _) = ToolNames.System(visit.Text("operatingSystemName") ?? visit.Text("operatingSystem"));
        var attribution = Attribution.Of(url);
        if (visit.Text("referrerType") == "campaign")
        {
            attribution = attribution with
            {
                UtmCampaign = attribution.UtmCampaign ?? ImportTarget.Cut(visit.Text("referrerName")),
                UtmTerm = attribution.UtmTerm ?? ImportTarget.Cut(visit.Text("referrerKeyword")),
            };
        }

        row = row with
        {
            Browser = ToolNames.Browser(visit.Text("browserName") ?? visit.Text("browser")),
            Os = os,
            OsVersion = os is "Linux" or null ? null : ImportTarget.Cut(visit.Text("operatingSystemVersion")),
            // The type's name is in the language of the export, its picture's is not.
            Device = ToolNames.Device(visit.Text("deviceType"))
                ?? ToolNames.Device(Path.GetFileNameWithoutExtension(visit.Text("deviceTypeIcon"))?.Replace('_', ' ')),
            Language = LanguageTag.Normalize(visit.Text("languageCode")),
            City = ImportTarget.Cut(visit.Text("city")),
            Region = ImportTarget.Cut(visit.Text("region")),
            Page = target.Paths.Count == 0 ? SiteOrigin.PathOf(url, 255) : null,
            Attribution = attribution,
        };
        row = ImportTarget.WithCountry(row, visit.Text("countryCode") is "xx" ? null : visit.Text("countryCode"), visit.Text("country"));
        // Search engines and networks often send no address.
        var referrer = visit.Text("referrerUrl") ?? visit.Text("referrerSocialNetworkUrl") ?? visit.Text("referrerSearchEngineUrl");
        return Referrer.Domain(referrer) is { } domain && domain == Host(url) ? row : target.WithReferrer(row, referrer);
    }
}
