using System.Collections.Frozen;
using Bioscope.Engine.Counting;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// Filters in the form of the address: <c>operator:dimension:value</c>, such as <c>is:country:DE</c>, and <c>isNull:language</c>. A value
/// may contain any characters, including colons. Several values are separate texts: <c>is:country:DE</c> and <c>is:country:AT</c> match
/// either.
/// </summary>
internal static class FilterText
{
    // The maximum that a filter adds to every link of the page; an address has room for 8 KB.
    private const int MaxEscaped = 400;

    private static readonly FrozenDictionary<string, FilterOperator> Operators =
        Enum.GetValues<FilterOperator>().ToFrozenDictionary(FilterReader.NameOf);

    /// <summary>The texts of a filter, one for each value.</summary>
    public static IEnumerable<string> Of(Filter filter)
    {
        var beginning = $"{FilterReader.NameOf(filter.Operator)}:{filter.Dimension.Name}";
        return filter.Values.Count == 0 ? [beginning] : filter.Values.Select(value => $"{beginning}:{value}");
    }

    /// <summary>The filter that keeps only these values, where null is the unknown one; null when there is no such filter.</summary>
    /// <param name="dimension">The dimension to filter.</param>
    /// <param name="values">Null cannot be combined with other values.</param>
    public static Filter? Keeping(Dimension dimension, IReadOnlyList<string?> values)
    {
        if (values is [null])
        {
            return new Filter(FilterOperator.IsNull, dimension, []);
        }

        var texts = values.OfType<string>().ToArray();
        return texts.Length == values.Count && texts.Sum(text => Uri.EscapeDataString(text).Length) <= MaxEscaped
            ? new Filter(FilterOperator.Is, dimension, new EquatableList<string>(texts))
            : null;
    }

    /// <summary>The filter of a text, with one value; null when it is invalid.</summary>
    public static Filter? Read(string text, List<Func<FilterWords, string>> problems)
    {
        var (parts, shown) = (text.Split(':', 3), ShownText.Of(text));
        if (parts.Length < 2 || !Operators.TryGetValue(parts[0], out var compares) || Dimension.Named(parts[1]) is not { } dimension)
        {
            return Refused(texts => texts.NotAFilter(shown));
        }

        if (compares is FilterOperator.IsNull or FilterOperator.IsNotNull)
        {
            return parts.Length == 2 ? new Filter(compares, dimension, []) : Refused(texts => texts.OneValueTooMany(shown));
        }

        return parts is [_, _, { Length: > 0 and <= QueryRequest.MaxValueLength } value]
            ? new Filter(compares, dimension, [value])
            : Refused(texts => texts.NoValue(shown, texts.Number(QueryRequest.MaxValueLength)));

        Filter? Refused(Func<FilterWords, string> problem)
        {
            problems.Add(problem);
            return null;
        }
    }

    /// <summary>Merges filters with the same operator and dimension.</summary>
    public static EquatableList<Filter> Joined(IEnumerable<Filter> filters, List<Func<FilterWords, string>> problems)
    {
        var joined = filters
            .GroupBy(filter => (filter.Operator, filter.Dimension))
            .Select(group => new Filter(group.Key.Operator, group.Key.Dimension, [.. group.SelectMany(filter => filter.Values).Distinct()]))
            .ToList();
        if (joined.Count > QueryRequest.MaxFilters || joined.Exists(filter => filter.Values.Count > QueryRequest.MaxFilterValues))
        {
            problems.Add(
                texts => texts.TooMany(texts.Number(QueryRequest.MaxFilters), texts.Number(QueryRequest.MaxFilterValues)));
        }

        return
        [
            .. joined.Take(QueryRequest.MaxFilters)
                .Select(filter => filter with { Values = [.. filter.Values.Take(QueryRequest.MaxFilterValues)] }),
        ];
    }
}
