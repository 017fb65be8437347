using System.Globalization;

namespace Bioscope.Engine.Counting;

/// <summary>
/// A column of <c>"Rollup"</c>: how many rows there are of each value, and how the same is read from raw rows. Counts of times that follow each
/// other add up.
/// </summary>
/// <param name="Raw">The value in raw rows; its name is the column's.</param>
internal sealed record RollupColumn(RawValue Raw)
{
    /// <summary>Sessions by referrer domain.</summary>
    public static readonly RollupColumn Sources = OfSessions("sources", "referrerDomain", nothing: "direct");

    /// <summary>Sessions by country.</summary>
    public static readonly RollupColumn Countries = OfSessions("countries", "country", nothing: "Unknown");

    /// <summary>Sessions by device class. Every session has one, so their sum is the number of sessions.</summary>
    public static readonly RollupColumn Devices = OfSessions("devices", "device", nothing: "unknown");

    /// <summary>How sessions went: the sums named in <see cref="Outcome"/>.</summary>
    public static readonly RollupColumn Outcomes =
        OfSessions("outcomes", """COALESCE(CAST("pageViews" AS {text}), '') || ' ' || COALESCE(CAST("duration" AS {text}), '')""") with
        {
            Add = Outcome.Add,
            IsValue = static value => Outcome.Names.Contains(value, StringComparer.Ordinal),
        };

    /// <summary>Page views by day since 1970.</summary>
    public static readonly RollupColumn Views = OfPageViews("views", "CAST({dayOfEnteredAt} AS {text})", onlyClicks: false) with { IsValue = IsDay };

    /// <summary>Clicks by day since 1970.</summary>
    public static readonly RollupColumn Clicks = OfPageViews("clicks", "CAST({dayOfEnteredAt} AS {text})", onlyClicks: true) with { IsValue = IsDay };

    /// <summary>Clicks by link; those of something that is not a link's id are left out.</summary>
    public static readonly RollupColumn Links = OfPageViews("links", """CAST("linkClicked" AS {text})""", onlyClicks: true) with
    {
        IsValue = IsLink,
        Add = static (counts, value, rows) => counts.Add(value, IsLink(value) ? rows : 0),
    };

    /// <summary>Every column but <see cref="Rollup.Returns"/>.</summary>
    public static readonly IReadOnlyList<RollupColumn> All = [Sources, Countries, Devices, Outcomes, Views, Clicks, Links];

    /// <summary>The column's name.</summary>
    public string Name => Raw.Name;

    /// <summary>Adds raw rows of one value to counts.</summary>
    public Action<Counts, string, long> Add { get; private init; } = static (counts, value, rows) => counts.Add(value, rows);

    /// <summary>Whether a value is possible in this column; stored counts may be damaged.</summary>
    public Func<string, bool> IsValue { get; private init; } = static _ => true;

    /// <summary>Whether a value is possible in <see cref="Rollup.Returns"/>: the number of an hour.</summary>
    public static bool IsReturn(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static RollupColumn OfSessions(string name, string value) => new(new RawValue(name, RawValue.Sessions, "startedAt", value));

    private static RollupColumn OfSessions(string name, string column, string nothing) =>
        new(new RawValue(name, RawValue.Sessions, "startedAt", $"COALESCE(NULLIF(\"{column}\", ''), '{nothing}')") { Column = column, Nothing = nothing });

    private static RollupColumn OfPageViews(string name, string value, bool onlyClicks) =>
        new(new RawValue(name, RawValue.PageViews, "enteredAt", value) { OnlyClicks = onlyClicks });

    private static bool IsDay(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var day) && day < 2_932_897; // the year 10000

    private static bool IsLink(string value) => Guid.TryParseExact(value, "D", out _);
}
