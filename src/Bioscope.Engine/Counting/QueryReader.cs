using System.Text.Json;
using static System.FormattableString;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Reads a query from JSON. Every field is read, so that all problems are reported at once, one detail per field. An optional field may
/// be null, which is the same as absent.
/// </summary>
public sealed class QueryReader
{
    // Texts with more unknown keys are not misspelt queries.
    private const int MaxUnknownKeys = 20;
    private const string Body = "body";

    private static readonly string[] Keys =
        ["range", "timeZone", "metrics", "dimensions", "filters", "compare", "orderBy", "limit", "offset", "fill"];

    private static readonly Metric[] LinkMetrics = [Metric.Visits, Metric.Clicks, Metric.Clickers, Metric.Share];

    private readonly QueryProblems _problems = new();
    private readonly Dictionary<string, JsonElement> _fields = [];

    private QueryReader()
    {
    }

    /// <summary>Reads the query from a body, a JSON object as described in the documentation.</summary>
    public static QueryReading Read(JsonElement body)
    {
        var reader = new QueryReader();
        if (body.ValueKind != JsonValueKind.Object)
        {
            reader._problems.Add(Body, "must be a JSON object.");
            return new QueryReading(null, reader._problems.Details);
        }

        reader.ReadKeys(body);
        var request = reader.ReadFields();
        var details = reader._problems.Details;
        return details.Count == 0 ? new QueryReading(request, details) : new QueryReading(null, details);
    }

    private void ReadKeys(JsonElement body)
    {
        HashSet<string> unknown = [];
        foreach (var property in body.EnumerateObject())
        {
            if (Name(property) is not { } key)
            {
                _problems.Add(Body, "has a key that is not well-formed Unicode.");
            }
            else if (!Keys.Contains(key))
            {
                if (unknown.Add(key) && unknown.Count <= MaxUnknownKeys)
                {
                    var (field, problem) = key.Length == 0
                        ? (Body, "has a key without a name")
                        : (QueryProblems.Shown(key), "is no key of a query");
                    _problems.Add(field, $"{problem}; allowed are {string.Join(", ", Keys)}.{QueryProblems.DidYouMean(key, Keys)}");
                }
            }
            else if (!_fields.TryAdd(key, property.Value))
            {
                _problems.Add(key, "is there more than once.");
            }
        }
    }

    private QueryRequest? ReadFields()
    {
        var ranges = new RangeReader(_problems);
        var range = Given("range") is { } asked ? ranges.Range("range", asked) : RangeRequest.Default;
        var zone = Given("timeZone") is { } name ? _problems.Zone("timeZone", name) : null;
        var metrics = Metrics();
        var dimensions = Dimensions();
        RefuseMetricsOfLinks(metrics, dimensions);
        var filters = Filters();
        var comparison = Given("compare") is { } compare ? Comparison(ranges, compare, range) : null;
        var order = Order(metrics, dimensions);
        var limit = Whole("limit", 1, QueryRequest.MaxLimit, QueryRequest.DefaultLimit);
        var offset = Whole("offset", 0, int.MaxValue, 0);
        var fill = Fill(dimensions);
        return range is null || metrics.Count == 0
            ? null
            : new QueryRequest(range, zone, metrics, dimensions, filters, comparison, order, limit, offset, fill);
    }

    private EquatableList<Metric> Metrics()
    {
        var form = $"must be a list of at least one of {string.Join(", ", MetricName.All)}";
        if (Given("metrics") is not { ValueKind: JsonValueKind.Array } json || json.GetArrayLength() == 0)
        {
            _problems.Add("metrics", $"{form}.");
            return [];
        }

        if (json.GetArrayLength() > MetricName.All.Count)
        {
            _problems.Add("metrics", $"{form}, each once.");
            return [];
        }

        var metrics = Distinct("metrics", json, name => MetricName.Read(name), "metric", MetricName.All);
        return [.. metrics.Select(metric => metric!.Value)];
    }

    private EquatableList<Dimension> Dimensions()
    {
        if (Given("dimensions") is not { } json)
        {
            return [];
        }

        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() > QueryRequest.MaxDimensions)
        {
            var names = string.Join(", ", FilterReader.DimensionNames);
            _problems.Add("dimensions", Invariant($"must be a list of up to {QueryRequest.MaxDimensions} of {names}."));
            return [];
        }

        return new([.. Distinct("dimensions", json, Dimension.Named, "dimension", FilterReader.DimensionNames)!]);
    }

    // The names in a list, without invalid and duplicate ones.
    private List<T> Distinct<T>(string field, JsonElement list, Func<string, T?> read, string what, IReadOnlyList<string> names)
    {
        List<T> items = [];
        foreach (var (i, json) in list.EnumerateArray().Index())
        {
            var place = Invariant($"{field}[{i}]");
            if (_problems.Text(place, json, $"must be the name of a {what}.") is not { } name)
            {
                continue;
            }

            if (read(name) is not { } item)
            {
                _problems.AddUnknown(place, what, name, names);
            }
            else if (items.Contains(item))
            {
                _problems.Add(place, $"has the {what} {name} again; each may be there once.");
            }
            else
            {
                items.Add(item);
            }
        }

        return items;
    }

    private void RefuseMetricsOfLinks(EquatableList<Metric> metrics, EquatableList<Dimension> dimensions)
    {
        if (_problems.Has("metrics") || !dimensions.Any(dimension => dimension.Kind == DimensionKind.Link))
        {
            return;
        }

        foreach (var (i, metric) in metrics.Index())
        {
            if (!LinkMetrics.Contains(metric))
            {
                var allowed = string.Join(", ", LinkMetrics.Select(MetricName.Of));
                _problems.Add(Invariant($"metrics[{i}]"), $"has {MetricName.Of(metric)}; with the dimension link allowed are {allowed}.");
            }
        }
    }

    private EquatableList<Filter> Filters() =>
        Given("filters") is { } json ? new FilterReader(_problems).Filters("filters", json) : [];

    private ComparisonRequest? Comparison(RangeReader ranges, JsonElement json, RangeRequest? range)
    {
        if (range is RangeRequest.Named { Name: NamedRange.All })
        {
            _problems.Add("compare", "must be absent with the range all, which has nothing before it.");
            return null;
        }

        return ranges.Comparison("compare", json);
    }

    private EquatableList<SortKey> Order(EquatableList<Metric> metrics, EquatableList<Dimension> dimensions)
    {
        if (Given("orderBy") is not { } json || (json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 0))
        {
            return metrics.Count > 0 ? SortKey.DefaultOf(metrics, dimensions) : [];
        }

        const string Form = "must be a list of [metric or dimension, \"asc\" or \"desc\"]";
        if (json.ValueKind != JsonValueKind.Array)
        {
            _problems.Add("orderBy", $"{Form}.");
            return [];
        }

        // The metrics and dimensions are unknown when a part of them is invalid.
        var asked = _problems.Has("metrics") || _problems.Has("dimensions") ? null : SortKeys(metrics, dimensions);
        if (json.GetArrayLength() > (asked?.Count ?? MetricName.All.Count + QueryRequest.MaxDimensions))
        {
            _problems.Add("orderBy", $"{Form}, each metric and dimension of the query at most once.");
            return [];
        }

        List<SortKey> order = [];
        foreach (var (i, item) in json.EnumerateArray().Index())
        {
            var field = Invariant($"orderBy[{i}]");
            if (Sorted(field, item, asked) is not { } key)
            {
                continue;
            }

            if (order.Exists(before => before.Metric == key.Metric && before.Dimension == key.Dimension))
            {
                _problems.Add(field, "has a metric or dimension again; each may be there once.");
            }

            order.Add(key);
        }

        return [.. order];
    }

    private SortKey? Sorted(string field, JsonElement json, Dictionary<string, SortKey>? asked)
    {
        const string Form = "must be [metric or dimension, \"asc\" or \"desc\"].";
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() != 2)
        {
            _problems.Add(field, Form);
            return null;
        }

        if (_problems.Text(field, json[0], Form) is not { } name || _problems.Text(field, json[1], Form) is not { } direction)
        {
            return null;
        }

        if (direction is not ("asc" or "desc"))
        {
            _problems.AddUnknown(field, "direction", direction, ["asc", "desc"]);
            return null;
        }

        SortKey? key = null;
        if (asked?.TryGetValue(name, out key) == false)
        {
            var unasked = MetricName.Read(name) is not null || Dimension.Named(name) is not null;
            var problem = unasked ? $"has {name}, which the query does not ask" : $"has no metric or dimension {QueryProblems.Quote(name)}";
            var hint = unasked ? "" : QueryProblems.DidYouMean(name, asked.Keys);
            _problems.Add(field, $"{problem}; allowed are {string.Join(", ", asked.Keys)}.{hint}");
        }

        return key is null ? null : key with { Descending = direction == "desc" };
    }

    private static Dictionary<string, SortKey> SortKeys(EquatableList<Metric> metrics, EquatableList<Dimension> dimensions)
    {
        Dictionary<string, SortKey> keys = [];
        foreach (var metric in metrics)
        {
            keys.Add(MetricName.Of(metric), new SortKey(metric, null, false));
        }

        foreach (var dimension in dimensions)
        {
            keys.Add(dimension.Name, new SortKey(null, dimension, false));
        }

        return keys;
    }

    private int Whole(string field, int min, int max, int absent)
    {
        if (Given(field) is not { } json)
        {
            return absent;
        }

        // 1e2 and 100.0 are whole numbers too.
        if (json.ValueKind == JsonValueKind.Number && json.TryGetDecimal(out var number)
            && decimal.Truncate(number) == number && number >= min && number <= max)
        {
            return (int)number;
        }

        _problems.Add(field, Invariant($"must be a whole number from {min} to {max}."));
        return absent;
    }

    private bool Fill(EquatableList<Dimension> dimensions)
    {
        switch (Given("fill")?.ValueKind)
        {
            case null or JsonValueKind.False:
                return false;
            case JsonValueKind.True:
                if (!_problems.Has("dimensions") && dimensions is not [{ Kind: DimensionKind.Time }])
                {
                    var times = Dimension.All.Where(dimension => dimension.Kind == DimensionKind.Time);
                    _problems.Add("fill", $"needs exactly one dimension, and one of {string.Join(", ", times)}.");
                }

                return true;
            default:
                _problems.Add("fill", "must be true or false.");
                return false;
        }
    }

    private JsonElement? Given(string field) =>
        _fields.TryGetValue(field, out var json) && json.ValueKind != JsonValueKind.Null ? json : null;

    private static string? Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
