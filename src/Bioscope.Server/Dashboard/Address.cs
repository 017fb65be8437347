using System.Text;
using Bioscope.Engine.Counting;
using NodaTime;
using NodaTime.Text;

namespace Bioscope.Server.Dashboard;

/// <summary>The period with which the figures are compared.</summary>
internal enum Compared
{
    /// <summary>The period directly before; for a running period, only the same hours of it.</summary>
    Previous,

    /// <summary>The same dates, or hours, a year earlier.</summary>
    LastYear,

    /// <summary>No comparison.</summary>
    None,
}

/// <summary>
/// What the reader wants to see, as encoded in the address:
/// <c>?range=30d&amp;compare=lastYear&amp;zone=Europe/Berlin&amp;filter=is:country:DE</c>. Every link of the dashboard carries all of it,
/// so that any view can be bookmarked. Invalid parts of the address are ignored and reported in <see cref="Problems"/>.
/// </summary>
/// <param name="Range">A named range of the query contract, or dates: <c>?from=2026-04-01&amp;until=2026-04-15</c>. Default: the last 30
/// days.</param>
/// <param name="Compared">Default: <see cref="Compared.Previous"/>.</param>
/// <param name="Zone">Null when the address names none; the page's own is then used.</param>
/// <param name="Filters">All must hold; no two have the same operator and dimension.</param>
internal sealed record Address(RangeRequest Range, Compared Compared, DateTimeZone? Zone, EquatableList<Filter> Filters)
{
    /// <summary>The path of the dashboard.</summary>
    public const string Dashboard = "/dashboard";

    /// <summary>Whether the block of sources shows channels instead: <c>&amp;sources=channel</c>.</summary>
    public bool ShowsChannels { get; init; }

    /// <summary>Sentences for the reader about values in the address that do not exist.</summary>
    public IReadOnlyList<Func<FilterWords, string>> Problems { get; private init; } = [];

    /// <summary>Parses the address of a request.</summary>
    public static Address Of(IQueryCollection query)
    {
        List<Func<FilterWords, string>> problems = [];
        var filters = query["filter"].OfType<string>().Select(text => FilterText.Read(text, problems)).OfType<Filter>();
        return new Address(
            RangeOf(query, problems), ComparedOf(query, problems), ZoneOf(query, problems), FilterText.Joined(filters, problems))
        {
            ShowsChannels = ShowsChannelsOf(query, problems),
            Problems = problems,
        };
    }

    /// <summary>A link to the dashboard.</summary>
    public string Link => To(Dashboard);

    /// <summary>A link to a page with the same choices.</summary>
    /// <param name="path">The path of the page.</param>
    /// <param name="more">Further names and values; those without a value are left out.</param>
    public string To(string path, params (string Name, string? Value)[] more)
    {
        var text = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in Fields.Concat(more))
        {
            if (value is not null)
            {
                text.Append(separator).Append(name).Append('=').Append(Escaped(value));
                separator = '&';
            }
        }

        return text.ToString();
    }

    /// <summary>The names and values of the address, also for hidden fields of forms.</summary>
    public IEnumerable<(string Name, string? Value)> Fields => [.. RangeFields, .. OtherFields];

    /// <summary>Like <see cref="Fields"/>, without the period and the comparison.</summary>
    public IEnumerable<(string Name, string? Value)> FilterFields =>
    [
        ("zone", Zone?.Id),
        ("sources", ShowsChannels ? "channel" : null),
        .. Filters.SelectMany(FilterText.Of).Select(text => ("filter", (string?)text)),
    ];

    /// <summary>The period's names and values.</summary>
    public IEnumerable<(string Name, string? Value)> RangeFields => Range switch
    {
        RangeRequest.Dates dates =>
            [("from", LocalDatePattern.Iso.Format(dates.First)), ("until", LocalDatePattern.Iso.Format(dates.Last))],
        RangeRequest.Named named => [("range", RangeName.All[(int)named.Name])],
        _ => [],
    };

    /// <summary>The comparison, unless it is the default.</summary>
    public string? ComparedField => Compared switch
    {
        Compared.Previous => null,
        Compared.LastYear => "lastYear",
        _ => "none",
    };

    /// <summary>The same with a filter, which replaces one with the same operator and dimension.</summary>
    public Address With(Filter filter) => this with { Filters = [.. Without(filter).Filters, filter] };

    /// <summary>The same without a filter.</summary>
    public Address Without(Filter filter) =>
        this with { Filters = [.. Filters.Where(other => other.Operator != filter.Operator || other.Dimension != filter.Dimension)] };

    /// <summary>The only value of a dimension that is shown; null when there is no such filter.</summary>
    public string? Single(string dimension) => Filters.FirstOrDefault(
        filter => filter is { Operator: FilterOperator.Is, Values.Count: 1 } && filter.Dimension.Name == dimension)?.Values[0];

    private IEnumerable<(string Name, string? Value)> OtherFields => [("compare", ComparedField), .. FilterFields];

    // Colons, slashes and commas need no escaping in a query, and are easier to read unescaped.
    private static string Escaped(string value) => new StringBuilder(Uri.EscapeDataString(value))
        .Replace("%3A", ":").Replace("%2F", "/").Replace("%2C", ",").ToString();

    private static RangeRequest RangeOf(IQueryCollection query, List<Func<FilterWords, string>> problems)
    {
        var (from, until) = (query["from"].ToString(), query["until"].ToString());
        if (from.Length + until.Length > 0)
        {
            return DatesOf(from, until, problems);
        }

        // Addresses of earlier versions: a number of days, or today.
        var name = query["range"] is [{ Length: > 0 } range, ..] ? range : query["days"].ToString() is var days
            && days is "" or "today" ? days : days + "d";
        if (name.Length == 0)
        {
            return RangeRequest.Default;
        }

        if (RangeName.Read(name) is { } known)
        {
            return new RangeRequest.Named(known);
        }

        problems.Add(texts => texts.NoPeriod(ShownText.Of(name)));
        return RangeRequest.Default;
    }

    private static RangeRequest DatesOf(string from, string until, List<Func<FilterWords, string>> problems)
    {
        var (first, last) = (LocalDatePattern.Iso.Parse(from), LocalDatePattern.Iso.Parse(until));
        if (!first.Success || !last.Success || first.Value.Year < Timeframe.MinYear || last.Value.Year > Timeframe.MaxYear)
        {
            problems.Add(texts => texts.NoDates);
            return RangeRequest.Default;
        }

        if (first.Value > last.Value)
        {
            problems.Add(texts => texts.DatesSwapped);
            return new RangeRequest.Dates(last.Value, first.Value);
        }

        return new RangeRequest.Dates(first.Value, last.Value);
    }

    private static Compared ComparedOf(IQueryCollection query, List<Func<FilterWords, string>> problems)
    {
        switch (query["compare"].ToString())
        {
            case "" or "previous":
                return Compared.Previous;
            case "lastYear":
                return Compared.LastYear;
            case "none":
                return Compared.None;
            case var other:
                problems.Add(texts => texts.NoComparison(ShownText.Of(other)));
                return Compared.Previous;
        }
    }

    private static bool ShowsChannelsOf(IQueryCollection query, List<Func<FilterWords, string>> problems)
    {
        switch (query["sources"].ToString())
        {
            case "" or "source":
                return false;
            case "channel":
                return true;
            case var other:
                problems.Add(texts => texts.NoGrouping(ShownText.Of(other)));
                return false;
        }
    }

    private static DateTimeZone? ZoneOf(IQueryCollection query, List<Func<FilterWords, string>> problems)
    {
        if (query["zone"].ToString() is not { Length: > 0 } name)
        {
            return null;
        }

        if (TimeZoneName.Find(name) is { } zone)
        {
            return zone;
        }

        var (shown, like) = (ShownText.Of(name), NearestName.Of(name, TimeZoneName.All));
        problems.Add(texts => like is null ? texts.NoZone(shown) : texts.NoZoneButLike(shown, like));
        return null;
    }
}
