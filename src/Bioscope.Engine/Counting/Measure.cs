using System.Globalization;
using Bioscope.Engine.Segments;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Something that reports count by value: a column of <c>"Rollup"</c>, and how the same is read from raw rows. Counts of a
/// measure over times that follow each other add up.
/// </summary>
/// <param name="Column">Its column in <c>"Rollup"</c>.</param>
/// <param name="Table">Where its raw rows are.</param>
/// <param name="Time">The column that windows are about.</param>
/// <param name="Value">The value of a raw row as text, in SQL.</param>
internal sealed record Measure(string Column, string Table, string Time, string Value)
{
    private const string Sessions = "AnalyticsSession", PageViews = "AnalyticsPageView";

    /// <summary>Sessions by referrer domain.</summary>
    public static readonly Measure Sources = new("sources", Sessions, "startedAt", """COALESCE(NULLIF("referrerDomain", ''), 'direct')""");

    /// <summary>Sessions by country.</summary>
    public static readonly Measure Countries = new("countries", Sessions, "startedAt", """COALESCE(NULLIF("country", ''), 'Unknown')""");

    /// <summary>Sessions by device class. Every session has one, so their sum is the number of sessions.</summary>
    public static readonly Measure Devices = new("devices", Sessions, "startedAt", """COALESCE(NULLIF("device", ''), 'unknown')""");

    /// <summary>How sessions went: the sums named in <see cref="Outcome"/>.</summary>
    public static readonly Measure Outcomes = new("outcomes", Sessions, "startedAt", """COALESCE(CAST("pageViews" AS {text}), '') || ' ' || COALESCE(CAST("duration" AS {text}), '')""")
    {
        Add = Outcome.Add,
        IsValue = static value => Outcome.Names.Contains(value, StringComparer.Ordinal),
    };

    /// <summary>Page views by day since 1970.</summary>
    public static readonly Measure Views = new("views", PageViews, "enteredAt", "CAST({dayOfEnteredAt} AS {text})") { IsValue = IsDay };

    /// <summary>Clicks by day since 1970.</summary>
    public static readonly Measure Clicks = new("clicks", PageViews, "enteredAt", "CAST({dayOfEnteredAt} AS {text})") { OnlyClicks = true, IsValue = IsDay };

    /// <summary>Clicks by link; those of what is no link's id are left out.</summary>
    public static readonly Measure Links = new("links", PageViews, "enteredAt", """CAST("linkClicked" AS {text})""")
    {
        OnlyClicks = true,
        IsValue = IsLink,
        Add = static (counts, value, rows) => counts.Add(value, IsLink(value) ? rows : 0),
    };

    /// <summary>Sessions by visitor: raw only. Sealed, visitors are counted by their <see cref="Rollup.Returns"/>.</summary>
    public static readonly Measure Visitors = new("returns", Sessions, "startedAt", VisitorKey.Sql) { IsValue = IsHour };

    /// <summary>All that every rollup has by value.</summary>
    public static readonly IReadOnlyList<Measure> All = [Sources, Countries, Devices, Outcomes, Views, Clicks, Links];

    /// <summary>Adds raw rows of one value to counts.</summary>
    public Action<Counts, string, long> Add { get; private init; } = static (counts, value, rows) => counts.Add(value, rows);

    /// <summary>Whether a value can be one of this measure; what is kept of it may be damaged.</summary>
    public Func<string, bool> IsValue { get; private init; } = static _ => true;

    private static bool IsDay(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var day) && day < 2_932_897; // the year 10000

    private static bool IsHour(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _); // of returns

    private static bool IsLink(string value) => Guid.TryParseExact(value, "D", out _);

    /// <summary>Whether only page views with a link count.</summary>
    private bool OnlyClicks { get; init; }

    /// <summary>
    /// Selects from the raw rows of <c>@page</c>. In both parts <c>{time}</c>, <c>{hour}</c> (its number since 1970) and <c>{value}</c>
    /// stand for those of a row. A row whose time is none is left out.
    /// </summary>
    public string Select(string columns, string condition) => $"""
        SELECT {columns} FROM "{Table}" AS "raw" WHERE "bioPageId" = @page AND {condition} AND {(Table == Sessions ? "{startedAtIsInstant}" : "{enteredAtIsInstant}")}{(OnlyClicks ? " AND \"linkClicked\" IS NOT NULL" : "")}
        """
        .Replace("{time}", $"\"{Time}\"", StringComparison.Ordinal)
        .Replace("{hour}", Table == Sessions ? "{hourOfStartedAt}" : "{hourOfEnteredAt}", StringComparison.Ordinal)
        .Replace("{value}", Value, StringComparison.Ordinal);
}

/// <summary>How sessions went, as sums. A bounce is a session with fewer than two page views; timed is one with a duration.</summary>
internal static class Outcome
{
    public const string Sessions = "sessions", Bounces = "bounces", Timed = "timed", Seconds = "seconds", PageViews = "pageViews";

    public static readonly string[] Names = [Sessions, Bounces, Timed, Seconds, PageViews];

    /// <summary>
    /// Adds sessions of one kind: <c>page views duration</c>. Either may be unknown, as in databases of another service; what is no number
    /// from 0 to 2,147,483,647 is unknown too.
    /// </summary>
    public static void Add(Counts counts, string kind, long sessions)
    {
        var space = kind.IndexOf(' ', StringComparison.Ordinal);
        counts.Add(Sessions, sessions);
        if (int.TryParse(kind.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var pageViews))
        {
            counts.Add(PageViews, (long)pageViews * sessions);
            counts.Add(Bounces, pageViews < 2 ? sessions : 0);
        }

        if (int.TryParse(kind.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
        {
            counts.Add(Timed, sessions);
            counts.Add(Seconds, (long)seconds * sessions);
        }
    }
}
