using System.Collections.Frozen;
using System.Text.Json;
using static System.FormattableString;

namespace Bioscope.Engine.Counting;

/// <summary>Reads filters and reports what is wrong as problems.</summary>
internal sealed class FilterReader(QueryProblems problems)
{
    private const string Form = "[operator, dimension, [values]]";

    private static readonly FrozenDictionary<string, FilterOperator> Operators =
        Enum.GetValues<FilterOperator>().ToFrozenDictionary(NameOf);

    private static readonly string[] OperatorNames = [.. Operators.OrderBy(pair => pair.Value).Select(pair => pair.Key)];

    /// <summary>Every dimension's name.</summary>
    public static readonly string[] DimensionNames = [.. Dimension.All.Select(dimension => dimension.Name)];

    /// <summary>The operator's name in JSON.</summary>
    public static string NameOf(FilterOperator compares) => JsonNamingPolicy.CamelCase.ConvertName(compares.ToString());

    /// <summary>The valid filters.</summary>
    public EquatableList<Filter> Filters(string field, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            problems.Add(field, $"must be a list of {Form}.");
            return [];
        }

        if (json.GetArrayLength() > QueryRequest.MaxFilters)
        {
            problems.Add(field, Invariant($"must be at most {QueryRequest.MaxFilters} filters, not {json.GetArrayLength()}."));
            return [];
        }

        return [.. json.EnumerateArray().Select((filter, i) => Read(Invariant($"{field}[{i}]"), filter)).OfType<Filter>()];
    }

    /// <summary>One filter; null when it is not valid.</summary>
    public Filter? Read(string field, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() is not (2 or 3))
        {
            problems.Add(field, $"must be {Form}.");
            return null;
        }

        const string First = $"must be {Form} and begin with the name of an operator.";
        if (problems.Text(field, json[0], First) is not { } name)
        {
            return null;
        }

        if (!Operators.TryGetValue(name, out var compares))
        {
            problems.AddUnknown(field, "operator", name, OperatorNames);
            return null;
        }

        if (problems.Text(field, json[1], $"must be {Form} with the name of a dimension.") is not { } dimensionName)
        {
            return null;
        }

        if (Dimension.Named(dimensionName) is not { } dimension)
        {
            problems.AddUnknown(field, "dimension", dimensionName, DimensionNames);
            return null;
        }

        return Values(field, name, compares, json) is { } values ? new Filter(compares, dimension, values) : null;
    }

    private EquatableList<string>? Values(string field, string name, FilterOperator compares, JsonElement filter)
    {
        var values = filter.GetArrayLength() == 3 ? filter[2] : default;
        if (values.ValueKind is not (JsonValueKind.Array or JsonValueKind.Undefined))
        {
            problems.Add(field, $"must be {Form} with the values in a list.");
            return null;
        }

        var count = values.ValueKind == JsonValueKind.Array ? values.GetArrayLength() : 0;
        if (compares is FilterOperator.IsNull or FilterOperator.IsNotNull)
        {
            if (count == 0)
            {
                return [];
            }

            problems.Add(field, $"must have no values: {name} takes none.");
            return null;
        }

        if (count is < 1 or > QueryRequest.MaxFilterValues)
        {
            problems.Add(field, Invariant($"must have 1 to {QueryRequest.MaxFilterValues} values for {name}, not {count}."));
            return null;
        }

        return Texts(field, values);
    }

    private EquatableList<string>? Texts(string field, JsonElement values)
    {
        var texts = new string[values.GetArrayLength()];
        foreach (var (i, value) in values.EnumerateArray().Index())
        {
            if (problems.Text(field, value, Invariant($"must have texts as values; value {i + 1} is none.")) is not { } text)
            {
                return null;
            }

            if (text.Length > QueryRequest.MaxValueLength)
            {
                var problem = $"must have values of up to {QueryRequest.MaxValueLength} characters; value {i + 1} has {text.Length}.";
                problems.Add(field, problem);
                return null;
            }

            texts[i] = text;
        }

        return new EquatableList<string>(texts);
    }
}
