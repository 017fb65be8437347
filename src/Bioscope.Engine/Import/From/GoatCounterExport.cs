using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Import.From;

/// <summary>
/// GoatCounter's CSV of page views, versions 1 and 2 (https://www.goatcounter.com/help/export): one row per load, with the id of a session
/// of up to eight hours.
/// </summary>
internal static class GoatCounterExport
{
    // The library that finds bots for it says 1 for what no rule knows.
    private const int NoBot = 1;

    public static bool Reads(ExportPart part) =>
        CsvTable.ColumnsOf(part.Head) is var columns && columns.IsSupersetOf(["path", "session", "referrerscheme", "date"]);

    public static IEnumerable<ImportItem> Read(ExportPart part, ImportTarget target)
    {
        using var table = CsvTable.Open(part);
        var visits = target.Visits("goatcounter");
        var occurrences = new Dictionary<Guid, int>();
        while (table.Next() is { } row)
        {
            target.RowRead();
            if (target.InstantOf(row["date"]) is not { } at)
            {
                yield return new ImportItem(row.Line, null, "the column Date has no time");
                continue;
            }

            var agent = row["useragent"] ?? (table.Has("useragent") ? null : row["browser"]); // version 1 has the header there
            if (UserAgent.IsBot(agent) || (int.TryParse(row["bot"], CultureInfo.InvariantCulture, out var bot) && bot > NoBot))
            {
                target.DropBot(at);
                continue;
            }

            if (HitOf(row, at, agent, target, occurrences) is { } hit)
            {
                foreach (var item in visits.Add(row.Line, hit))
                {
                    yield return item;
                }
            }
        }
    }

    private static Hit? HitOf(CsvRow row, DateTimeOffset at, string? agent, ImportTarget target, Dictionary<Guid, int> occurrences)
    {
        var path = row["path"] ?? "/";
        var isEvent = row["event"] is "1" or "true";
        var link = isEvent ? target.LinkOf(path) ?? target.LinkOf(row["title"]) : null;
        if (isEvent && link is null)
        {
            target.LeaveOut("events that are not clicks on a link of the page");
            return null;
        }

        if (!isEvent && !target.IsOfPage(null, path))
        {
            return null;
        }

        var session = row["session"] is { } given && given.AsSpan().ContainsAnyExcept('0', '-') ? given : Alone(row, occurrences);
        return new Hit(session, session, at, visit => Facts(visit, row, path, agent, target))
        {
            Path = isEvent ? null : path,
            Title = row["title"],
            Link = link,
        };
    }

    /// <summary>Where sessions were not counted, each row is a visit.</summary>
    private static string Alone(CsvRow row, Dictionary<Guid, int> occurrences)
    {
        var content = string.Join('\0', row.Cells);
        var count = occurrences[Uuid.Named(content)] = occurrences.GetValueOrDefault(Uuid.Named(content)) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{content}\0{count}");
    }

    private static SessionRow Facts(SessionRow visit, CsvRow row, string path, string? agent, ImportTarget target)
    {
        var (os, version) = ToolNames.System(row["system"]);
        var width = int.TryParse(row["screensize"]?.Split(',')[0], CultureInfo.InvariantCulture, out var pixels) && pixels > 0
            ? pixels : (int?)null;
        visit = visit with
        {
            Browser = agent is null ? ToolNames.Browser(row["browser"]) : null,
            Os = os,
            OsVersion = version,
            Device = ToolNames.DeviceOf(os, width),
            Page = target.Paths.Count == 0 && path.StartsWith('/') ? ImportTarget.Cut(path) : null,
            Attribution = Attribution.Of(path),
        };
        visit = agent is null ? visit : ImportTarget.WithUserAgent(visit, agent);
        visit = ImportTarget.WithCountry(visit, row["location"]);
        var referrer = row["referrer"];
        return (row["referrerscheme"], referrer) switch
        {
            (_, null) => visit,
            // A campaign's name, or a service's, such as "Email" or "Hacker News".
            ("c" or "g", _) => visit.Attribution.UtmSource is not null ? visit
                : visit with { Attribution = visit.Attribution with { Ref = ImportTarget.Cut(referrer) } },
            ("o", _) => target.WithReferrer(visit, referrer),
            _ => target.WithReferrer(visit, referrer.Contains("://", StringComparison.Ordinal) ? referrer : "https://" + referrer),
        };
    }
}
