using System.Buffers;
using System.Collections.Frozen;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Import.From;

/// <summary>
/// A web server's access log. Loads of pages become page views, and those of one address and user agent with less than half an hour
/// between them become a visit. An address is never stored: visitors are told apart within a UTC day, as where nobody is asked.
/// </summary>
internal static class AccessLog
{
    // Logs begin with lines of another kind after a start of the server.
    private const int MaxRemembered = 10_000, MaxStrange = 20;

    private static readonly TimeSpan Gap = TimeSpan.FromMinutes(30);

    // What a page's address may end with. Everything else with an ending is a file that a page or a program loads.
    private static readonly FrozenSet<string> PageEndings = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, ".html", ".htm", ".xhtml", ".php", ".asp", ".aspx", ".jsp", ".do", ".cgi");

    private static readonly SearchValues<char> Ends = SearchValues.Create("?#");

    public static bool Reads(ExportPart part) => Begins(part) is not null;

    /// <summary>The time of the first request; null when there is none in the first lines.</summary>
    public static DateTimeOffset? Begins(ExportPart part) => part.Head.Split('\n').Take(MaxStrange).Where(line => line.Length > 0)
        .Select(line => LogLine.Read(Encoding.UTF8.GetBytes(line.TrimEnd('\r')), NoTarget)?.At).FirstOrDefault(at => at is not null);

    // The beginning of a file is only looked at.
    private static readonly ImportTarget NoTarget = new([])
    {
        Page = default,
        Latest = DateTimeOffset.MaxValue,
        Hosts = FrozenSet<string>.Empty,
        Paths = FrozenSet<string>.Empty,
        Links = FrozenDictionary<string, Guid>.Empty,
        Locate = (row, _) => row,
    };

    public static async IAsyncEnumerable<ImportItem> Read(
        ExportPart part, ImportTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var visits = target.Visits("access-log", Gap);
        var bots = new Dictionary<string, bool>(StringComparer.Ordinal);
        await foreach (var (number, bytes) in NdjsonLines.ReadAsync(part.Open(), cancellationToken))
        {
            target.RowRead();
            if (bytes is null || LogLine.Read(bytes.Value, target) is not { } line)
            {
                yield return new ImportItem(number, null, "this is no line of an access log in the combined format or in JSON");
                continue;
            }

            if (!IsPage(line, target) || !IsPerson(line, bots, target))
            {
                continue;
            }

            foreach (var item in visits.Add(number, HitOf(line, target)))
            {
                yield return item;
            }
        }
    }

    private static bool IsPage(LogLine line, ImportTarget target)
    {
        if (line.Method != "GET" || line.Status is not (200 or 304))
        {
            target.LeaveOut("requests that are no GET, or were not answered with 200 or 304");
            return false;
        }

        var path = line.Uri.AsSpan();
        path = path[..(path.IndexOfAny(Ends) is >= 0 and var end ? end : path.Length)];
        var ending = Path.GetExtension(path);
        if (path.StartsWith("/.well-known/") || (ending.Length > 1 && !PageEndings.GetAlternateLookup<ReadOnlySpan<char>>().Contains(ending)
            && !target.Paths.Contains(ImportTarget.PathKey(line.Uri))))
        {
            target.LeaveOut("requests for files that are no page");
            return false;
        }

        return target.IsOfPage(line.Host, line.Uri);
    }

    private static bool IsPerson(LogLine line, Dictionary<string, bool> bots, ImportTarget target)
    {
        if (bots.Count >= MaxRemembered)
        {
            bots.Clear();
        }

        var agent = line.Agent ?? "";
        if (!bots.TryGetValue(agent, out var isBot))
        {
            // Every browser sends one.
            bots[agent] = isBot = agent.Length == 0 || UserAgent.IsBot(agent);
        }

        if (isBot)
        {
            target.DropBot(line.At);
        }

        return !isBot;
    }

    private static Hit HitOf(LogLine line, ImportTarget target)
    {
        var key = $"{line.Address}\0{line.Agent}";
        return new Hit(key, $"{line.At.UtcDateTime:yyyy-MM-dd}\0{key}", line.At, row => Facts(row, line, target))
        {
            Path = ImportTarget.PathKey(line.Uri),
        };
    }

    private static SessionRow Facts(SessionRow row, LogLine line, ImportTarget target)
    {
        row = row with
        {
            Attribution = Attribution.Of(line.Uri),
            Language = LanguageTag.OfHeader(line.Language),
            Page = target.Paths.Count == 0 ? ImportTarget.Cut(ImportTarget.PathKey(line.Uri)) : null,
        };
        row = ImportTarget.WithUserAgent(row, line.Agent!);
        row = IPAddress.TryParse(line.Address, out var address) ? target.Locate(row, address) : row;
        var isOwn = line.Host is { } own && Referrer.Domain(line.Referrer) == ImportTarget.HostKey(own);
        return isOwn ? row : target.WithReferrer(row, line.Referrer);
    }
}
