using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Bioscope.Client;

/// <summary>
/// What to count. Names of metrics, dimensions and operators are texts, so that a client knows those of a newer server; the server's
/// <c>/docs</c> lists them, and a wrong one is refused with the most similar valid name. What is null has its default.
/// </summary>
public sealed record Query
{
    /// <summary>The metrics to count, at least one, such as <c>visits</c>, <c>visitors</c>, <c>clicks</c>, <c>share</c>.</summary>
    public required IReadOnlyList<string> Metrics { get; init; }

    /// <summary>Up to two dimensions to group by, such as <c>source</c>, <c>country</c>, <c>day</c>.</summary>
    public IReadOnlyList<string>? Dimensions { get; init; }

    /// <summary>The range; by default the last 30 local days.</summary>
    public QueryRange? Range { get; init; }

    /// <summary>The IANA name of the zone in which days begin; by default that of the creator.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Up to 20 conditions, of which all must hold.</summary>
    public IReadOnlyList<QueryFilter>? Filters { get; init; }

    /// <summary>What to compare with: <c>previous</c>, <c>lastYear</c> or a range.</summary>
    public QueryRange? Compare { get; init; }

    /// <summary>The order; by default time ascending, or else the first metric descending.</summary>
    public IReadOnlyList<QueryOrder>? OrderBy { get; init; }

    /// <summary>The maximum number of rows, 1 to 10,000; by default 100.</summary>
    public int? Limit { get; init; }

    /// <summary>The number of rows to skip.</summary>
    public int? Offset { get; init; }

    /// <summary>If the only dimension is a time: whether empty buckets are rows with zeros; of <c>hourOfDay</c> and <c>weekday</c> those that the range has.</summary>
    public bool? Fill { get; init; }
}

/// <summary>A range by its name, such as <c>7d</c>, <c>month</c>, <c>all</c>, or from one date or instant to another.</summary>
public sealed record QueryRange
{
    private QueryRange(params IReadOnlyList<string> parts) => Parts = parts;

    internal IReadOnlyList<string> Parts { get; }

    /// <summary>A named range, such as <c>today</c>, <c>7d</c>, <c>30d</c>, <c>lastMonth</c>, <c>all</c>.</summary>
    /// <param name="name">The name.</param>
    public static QueryRange Named(string name) => new(name);

    /// <summary>Whole days, both included.</summary>
    /// <param name="first">The first day.</param>
    /// <param name="last">The last day.</param>
    public static QueryRange Between(DateOnly first, DateOnly last) => new(Text(first), Text(last));

    /// <summary>From an instant, included, until another, not included.</summary>
    /// <param name="from">The first instant.</param>
    /// <param name="until">The instant after the range.</param>
    public static QueryRange Between(DateTimeOffset from, DateTimeOffset until) => new(Text(from), Text(until));

    /// <summary>A named range.</summary>
    /// <param name="name">The name.</param>
    public static implicit operator QueryRange(string name) => Named(name);

    internal void WriteTo(Utf8JsonWriter writer)
    {
        if (Parts is [var name])
        {
            writer.WriteStringValue(name);
            return;
        }

        writer.WriteStartArray();
        foreach (var part in Parts)
        {
            writer.WriteStringValue(part);
        }

        writer.WriteEndArray();
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>A condition.</summary>
/// <param name="Operator"><c>is</c>, <c>isNot</c>, <c>contains</c>, <c>containsNot</c>, <c>matches</c>, <c>isNull</c>, <c>isNotNull</c>.</param>
/// <param name="Dimension">The dimension, such as <c>country</c>.</param>
/// <param name="Values">Any of them; none with <c>isNull</c> and <c>isNotNull</c>.</param>
public sealed record QueryFilter(string Operator, string Dimension, params IReadOnlyList<string> Values);

/// <summary>By what rows are ordered.</summary>
/// <param name="By">A metric or dimension of the query.</param>
/// <param name="IsDescending">Whether the greatest comes first.</param>
public sealed record QueryOrder(string By, bool IsDescending = true);

/// <summary>Which sources to show. What is null has its default.</summary>
public sealed record SourcesOptions
{
    /// <summary>How many days back from now, 1 to 365; by default 30. Not used with <see cref="Range"/>.</summary>
    public int? Days { get; init; }

    /// <summary>The range, as in a query.</summary>
    public QueryRange? Range { get; init; }

    /// <summary>As in a query.</summary>
    public string? TimeZone { get; init; }

    /// <summary>As in a query.</summary>
    public IReadOnlyList<QueryFilter>? Filters { get; init; }

    /// <summary>The maximum of sources shown, 1 to 10,000; by default 15.</summary>
    public int? Limit { get; init; }

    /// <summary>How many sources to leave out before those.</summary>
    public int? Offset { get; init; }

    internal string ToQueryString()
    {
        var fields = new (string Name, string? Value)[]
        {
            ("days", Days?.ToString(CultureInfo.InvariantCulture)),
            ("range", Range is null ? null : JsonSerializer.Serialize(Range, ClientJson.Default.QueryRange)),
            ("timeZone", TimeZone),
            ("filters", Filters is null ? null : JsonSerializer.Serialize(Filters, ClientJson.Default.IReadOnlyListQueryFilter)),
            ("limit", Limit?.ToString(CultureInfo.InvariantCulture)),
            ("offset", Offset?.ToString(CultureInfo.InvariantCulture)),
        };
        var text = new StringBuilder();
        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                text.Append(text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        return text.ToString();
    }
}
