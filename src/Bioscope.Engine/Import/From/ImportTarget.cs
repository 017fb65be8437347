using System.Globalization;
using System.Net;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using NodaTime;

namespace Bioscope.Engine.Import.From;

/// <summary>Where an export of another tool goes, and what is known about it there. Counts what is left out.</summary>
internal sealed class ImportTarget(byte[] visitorSecret)
{
    private const int MaxText = 255, MaxPath = 2_048, MaxFractionDigits = 7;

    private static readonly string[] InstantFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzz",
        "yyyy-MM-dd HH:mm:ss.FFFFFFF 'UTC'", "yyyy-MM-dd HH:mm:ss.FFFFFFF zzz", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mmK",
    ];

    private readonly Dictionary<string, VisitBuilder> _visits = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _leftOut = new(StringComparer.Ordinal);
    private readonly SortedDictionary<DateTimeOffset, long> _bots = [];
    private string? _onlySite;

    public required Guid Page { get; init; }

    /// <summary>The zone of times without one.</summary>
    public DateTimeZone Zone { get; init; } = DateTimeZone.Utc;

    /// <summary>Later ones are refused: a clock was wrong.</summary>
    public required DateTimeOffset Latest { get; init; }

    /// <summary>The page's own hosts, without <c>www.</c>: a referrer from there is not a source.</summary>
    public required IReadOnlySet<string> Hosts { get; init; }

    /// <summary>Whether rows of other hosts are left out.</summary>
    public bool OnlyHosts { get; init; }

    /// <summary>The id of the site in the tool, where an export has several; null for its only one.</summary>
    public string? Site { get; init; }

    /// <summary>The paths that are the page; empty for all.</summary>
    public required IReadOnlySet<string> Paths { get; init; }

    /// <summary>The page's links by address and by title, see <see cref="LinkKey"/>.</summary>
    public required IReadOnlyDictionary<string, Guid> Links { get; init; }

    /// <summary>The position after the last link.</summary>
    public int NextPosition { get; init; }

    /// <summary>Adds where an address is.</summary>
    public required Func<SessionRow, IPAddress, SessionRow> Locate { get; init; }

    /// <summary>Paths or links that a tool has in a list of their own, by the tool's ids; null for what is no page.</summary>
    public Dictionary<string, string?> ToolPaths { get; } = new(StringComparer.Ordinal);

    /// <summary>How many rows were read.</summary>
    public long Rows { get; private set; }

    /// <summary>Called for every row that was read.</summary>
    public Action<long> Progress { get; init; } = _ => { };

    /// <summary>What was left out on purpose, and how often.</summary>
    public IReadOnlyDictionary<string, long> LeftOut => _leftOut;

    /// <summary>How many rows were of bots.</summary>
    public long Bots => _bots.Values.Sum();

    /// <summary>The form in which an address or a title of a link is compared.</summary>
    public static string LinkKey(string text)
    {
        var key = text.Trim();
        var scheme = key.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return key.ToLowerInvariant();
        }

        key = key[(scheme + 3)..].TrimEnd('/');
        key = key.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? key[4..] : key;
        // Upper and lower case are the same in a host, but not in a path.
        var host = key.IndexOfAny(['/', '?', '#']);
        return host < 0 ? key.ToLowerInvariant() : key[..host].ToLowerInvariant() + key[host..];
    }

    public Guid? LinkOf(string? addressOrTitle) =>
        addressOrTitle is { Length: > 0 } text && Links.TryGetValue(LinkKey(text), out var id) ? id : null;

    /// <summary>What makes visits of the rows of a tool, in all files of an import.</summary>
    /// <param name="tool">The tool's name.</param>
    /// <param name="gap">See <see cref="VisitBuilder"/>.</param>
    public VisitBuilder Visits(string tool, TimeSpan? gap = null)
    {
        if (!_visits.TryGetValue(tool, out var visits))
        {
            _visits[tool] = visits = new VisitBuilder(this, tool, gap);
        }

        return visits;
    }

    /// <summary>What remains after the last row: visits that are still open, and the counts of bots.</summary>
    public IEnumerable<ImportItem> Rest() => _visits.Values.SelectMany(visits => visits.Rest()).Concat(Drops());

    public void RowRead() => Progress(++Rows);

    public void LeaveOut(string what) => _leftOut[what] = _leftOut.GetValueOrDefault(what) + 1;

    /// <summary>Counts a row of a bot, for its day.</summary>
    public void DropBot(DateTimeOffset at)
    {
        var day = new DateTimeOffset(at.UtcDateTime.Date, TimeSpan.Zero);
        _bots[day] = _bots.GetValueOrDefault(day) + 1;
    }

    /// <summary>The drops of all days. A day that has a count already keeps it, so importing again counts nothing twice.</summary>
    private IEnumerable<ImportItem> Drops() => _bots.Select(bots => new ImportItem(
        Rows, new PageDrop(Page, bots.Key, PageDrop.NameOf(DropReason.Bot), Math.Min(bots.Value, PageDrop.MaxCount)), null));

    /// <summary>Whether a row is of the site whose rows are imported.</summary>
    /// <param name="site">The site's id in the tool; null where the export does not say it.</param>
    /// <exception cref="InvalidDataException">The export has several sites, and none was chosen.</exception>
    public bool IsOfSite(string? site)
    {
        if (site is null || site.Equals(Site ?? (_onlySite ??= site), StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (Site is null)
        {
            throw new InvalidDataException($"it has rows of several sites, such as {_onlySite} and {site}; choose one with --site");
        }

        LeaveOut("of other sites");
        return false;
    }

    /// <summary>Whether a row is of the page: on one of its hosts and paths. Otherwise it is counted as left out.</summary>
    public bool IsOfPage(string? host, string? path)
    {
        if (OnlyHosts && host is not null && !Hosts.Contains(HostKey(host)))
        {
            LeaveOut("of other hosts");
            return false;
        }

        if (Paths.Count > 0 && path is not null && !Paths.Contains(PathKey(path)))
        {
            LeaveOut("of other paths");
            return false;
        }

        return true;
    }

    /// <summary>A host as referrer domains are written, without port.</summary>
    public static string HostKey(string host) => Referrer.Domain("https://" + host) ?? host;

    /// <summary>A path without query and without a slash at its end.</summary>
    public static string PathKey(string path)
    {
        var end = path.IndexOfAny(['?', '#']);
        var key = (end < 0 ? path : path[..end]).TrimEnd('/');
        return key.Length == 0 ? "/" : key;
    }

    /// <summary>A time as tools write it; one without a zone is in <see cref="Zone"/>.</summary>
    public DateTimeOffset? InstantOf(string? text) => InstantOf(text, Zone);

    /// <summary>Like <see cref="InstantOf(string?)"/>, where a time without a zone is in UTC.</summary>
    public static DateTimeOffset? UtcOf(string? text) => InstantOf(text, DateTimeZone.Utc);

    private static DateTimeOffset? InstantOf(string? text, DateTimeZone zone)
    {
        if (text is null || !DateTime.TryParseExact(
            WithoutNanoseconds(text.Trim()), InstantFormats, CultureInfo.InvariantCulture,
            DateTimeStyles.RoundtripKind | DateTimeStyles.AllowWhiteSpaces, out var read))
        {
            return null;
        }

        return read.Kind switch
        {
            // At the ends of the calendar no other zone has this day, and no visit was then: the caller refuses it.
            DateTimeKind.Unspecified when read.Year is 1 or 9999 => new DateTimeOffset(read, TimeSpan.Zero).TruncateToMillisecond(),
            DateTimeKind.Unspecified => zone.AtLeniently(LocalDateTime.FromDateTime(read)).ToDateTimeOffset().TruncateToMillisecond(),
            _ => new DateTimeOffset(read.ToUniversalTime()).TruncateToMillisecond(),
        };
    }

    // Programs in Go, such as Traefik, write nine digits of a second, and .NET reads seven.
    private static string WithoutNanoseconds(string text)
    {
        var digits = text.IndexOf('.', StringComparison.Ordinal) + 1;
        var end = digits;
        while (digits > 0 && end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end - digits > MaxFractionDigits ? text.Remove(digits + MaxFractionDigits, end - digits - MaxFractionDigits) : text;
    }

    /// <summary>Why a time cannot be that of a visit; null when it can.</summary>
    public string? ProblemOf(DateTimeOffset at) => at > Latest ? "the time is more than a day in the future"
        : at.UtcDateTime.Year < 1970 ? "the time is before 1970" : null;

    public SessionRow NewSession(Guid id, string tool, string visitor, DateTimeOffset startedAt) => new()
    {
        BioPageId = Page,
        Id = id,
        VisitorId = VisitorHash.Of(visitorSecret, $"import\0{tool}\0{Page:D}\0{visitor}"),
        StartedAt = startedAt,
    };

    /// <summary>With a referrer, unless it is the page itself or another page on the same host.</summary>
    public SessionRow WithReferrer(SessionRow row, string? referrer)
    {
        var text = string.IsNullOrWhiteSpace(referrer) || referrer == "-" ? null : referrer;
        var domain = Referrer.Domain(text);
        return domain is not null && Hosts.Contains(domain) ? row : row with
        {
            Referrer = Referrer.ForStorage(text),
            ReferrerDomain = domain?.Length <= MaxText ? domain : null,
        };
    }

    public static SessionRow WithCountry(SessionRow row, string? code, string? name = null)
    {
        var known = code?.Length >= 2 ? code[..2].ToUpperInvariant() : name is null ? null : CountryName.CodeOf(name);
        return CountryName.Of(known) is { } country ? row with { CountryCode = known, Country = country } : row;
    }

    public static SessionRow WithUserAgent(SessionRow row, string userAgent)
    {
        var facts = UserAgent.Facts(userAgent);
        return row with
        {
            Device = facts.Device?.ToString().ToLowerInvariant() ?? row.Device,
            Browser = facts.Browser ?? row.Browser,
            Os = facts.Os ?? row.Os,
            OsVersion = facts.OsVersion ?? row.OsVersion,
            InAppBrowser = facts.InAppBrowser,
        };
    }

    /// <summary>A text as a column holds it: null where there is none.</summary>
    public static string? Cut(string? text, int max = MaxText)
    {
        var kept = Referrer.ForStorage(text?.Trim());
        return string.IsNullOrEmpty(kept) ? null : kept.Length <= max ? kept : kept[..(char.IsHighSurrogate(kept[max - 1]) ? max - 1 : max)];
    }

    public static string? CutPath(string? path) => Cut(path, MaxPath);
}
