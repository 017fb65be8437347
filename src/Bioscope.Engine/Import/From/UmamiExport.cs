using System.Globalization;
using System.Runtime.CompilerServices;
using Bioscope.Core;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Import.From;

/// <summary>
/// Umami's events as CSV: what its cloud exports, or the rows of <c>website_event</c> joined with <c>session</c> as a database writes them
/// (https://umami.is/docs), or a dump of the database. Of version 1, rows of <c>pageview</c>.
/// </summary>
internal static class UmamiExport
{
    private const string PageView = "1", CustomEvent = "2";

    private static readonly string[] ClickIdColumns = ["gclid", "fbclid", "msclkid", "ttclid", "lifatid", "twclid"];

    // What sites call the property of an event that says where a link leads.
    private static readonly string[] LinkKeys = ["url", "href", "link"];

    public static bool Reads(ExportPart part) => UmamiDump.Reads(part) || (CsvTable.ColumnsOf(part.Head) is var columns
        && (columns.IsSupersetOf(["datakey", "stringvalue"])
            ? columns.Contains("eventid") || columns.Contains("websiteeventid")
            : columns.IsSupersetOf(["sessionid", "createdat"]) && (columns.Contains("urlpath") || columns.Contains("url"))));

    public static async IAsyncEnumerable<ImportItem> Read(
        ExportPart part, ImportTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in UmamiDump.Reads(part) ? UmamiDump.Read(part, cancellationToken) : OfCsv(part).ToAsyncEnumerable())
        {
            // The properties of events are in a table of their own, whose name comes first in a ZIP and in a dump.
            if (row.Columns.ContainsKey("datakey"))
            {
                if (LinkKeys.Contains(row["datakey"], StringComparer.OrdinalIgnoreCase)
                    && (row["eventid"] ?? row["websiteeventid"]) is { } of)
                {
                    target.ToolPaths[of] = row["stringvalue"];
                }

                continue;
            }

            target.RowRead();
            // Before version 2.9, a session lasted a month and had no visits.
            var visits = target.Visits("umami", row.Columns.ContainsKey("visitid") ? null : TimeSpan.FromMinutes(30));
            if (target.InstantOf(row["createdat"]) is not { } at || row["sessionid"] is not { } session)
            {
                yield return new ImportItem(row.Line, null, "the columns created_at and session_id must have a time and an id");
                continue;
            }

            if (target.IsOfSite(row["websiteid"]) && HitOf(row, session, at, target) is { } hit)
            {
                foreach (var item in visits.Add(row.Line, hit))
                {
                    yield return item;
                }
            }
        }
    }

    private static IEnumerable<CsvRow> OfCsv(ExportPart part)
    {
        using var table = CsvTable.Open(part);
        while (table.Next() is { } row)
        {
            yield return row;
        }
    }

    private static Hit? HitOf(CsvRow row, string session, DateTimeOffset at, ImportTarget target)
    {
        var type = row["eventtype"] ?? PageView;
        var path = row["urlpath"] ?? row["url"] ?? "/";
        if (!target.IsOfPage(row["hostname"], path))
        {
            return null;
        }

        var link = type != CustomEvent ? null
            : target.LinkOf(row["eventid"] is { } id ? target.ToolPaths.GetValueOrDefault(id) : null) ?? target.LinkOf(row["eventname"]);
        if (type != PageView && link is null)
        {
            target.LeaveOut(type == CustomEvent
                ? "events that are not clicks on a link of the page" : "rows that are neither page views nor events");
            return null;
        }

        return new Hit(row["visitid"] ?? session, session, at, visit => Facts(visit, row, path, target))
        {
            Id = row["eventid"] ?? row["viewid"],
            Path = path,
            Title = row["pagetitle"],
            Link = link,
        };
    }

    private static SessionRow Facts(SessionRow visit, CsvRow row, string path, ImportTarget target)
    {
        var (os, version) = ToolNames.System(row["os"]);
        visit = visit with
        {
            Browser = ToolNames.Browser(row["browser"]),
            Os = os,
            OsVersion = version,
            Device = ToolNames.Device(row["device"]),
            Language = LanguageTag.Normalize(row["language"]),
            City = ImportTarget.Cut(row["city"]),
            Page = target.Paths.Count == 0 && path.StartsWith('/') ? ImportTarget.Cut(ImportTarget.PathKey(path)) : null,
            Attribution = AttributionOf(row, path),
        };
        visit = ImportTarget.WithCountry(visit, row["country"]);
        var referrer = row["referrer"] ?? (row["referrerdomain"] is { } domain
            ? $"https://{domain}{row["referrerpath"]}{(row["referrerquery"] is { } query ? "?" + query.TrimStart('?') : "")}" : null);
        // Its own pages have the host that the row names.
        var isOwn = referrer is not null && row["hostname"] is { } own && Referrer.Domain(referrer) == ImportTarget.HostKey(own);
        return isOwn ? visit : target.WithReferrer(visit, referrer);
    }

    private static Attribution AttributionOf(CsvRow row, string path)
    {
        var inUrl = Attribution.Of(row["urlquery"] is { } query ? "?" + query.TrimStart('?') : path);
        var clickId = string.Create(
            CultureInfo.InvariantCulture,
            $"?{string.Join('&', ClickIdColumns.Where(column => row[column] is not null).Select(column => (column == "lifatid" ? "li_fat_id" : column) + "=1"))}");
        return inUrl with
        {
            UtmSource = inUrl.UtmSource ?? ImportTarget.Cut(row["utmsource"]),
            UtmMedium = inUrl.UtmMedium ?? ImportTarget.Cut(row["utmmedium"]),
            UtmCampaign = inUrl.UtmCampaign ?? ImportTarget.Cut(row["utmcampaign"]),
            UtmTerm = inUrl.UtmTerm ?? ImportTarget.Cut(row["utmterm"]),
            UtmContent = inUrl.UtmContent ?? ImportTarget.Cut(row["utmcontent"]),
            ClickId = inUrl.ClickId ?? Attribution.Of(clickId).ClickId,
        };
    }
}
