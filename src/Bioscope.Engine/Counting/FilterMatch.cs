using System.Buffers;
using System.Text;

namespace Bioscope.Engine.Counting;

/// <summary>
/// A filter prepared to test many values. Empty text counts as null, and null is a value of its own: <c>is</c>, <c>contains</c> and
/// <c>matches</c> never hold for it, <c>isNot</c> and <c>containsNot</c> always do. Safe to share between threads.
/// </summary>
public sealed class FilterMatch
{
    private readonly FilterOperator _operator;
    private readonly HashSet<string> _values = [];
    private readonly SearchValues<string> _asciiParts = SearchValues.Create([], StringComparison.OrdinalIgnoreCase);
    private readonly SearchValues<string> _foldedParts = SearchValues.Create([], StringComparison.Ordinal);
    private readonly WildcardPattern[] _patterns = [];

    /// <summary>Prepares the filter.</summary>
    public FilterMatch(Filter filter)
    {
        _operator = filter.Operator;
        switch (filter.Operator)
        {
            case FilterOperator.Is or FilterOperator.IsNot:
                _values = new HashSet<string>(filter.Values, StringComparer.Ordinal);
                break;
            case FilterOperator.Contains or FilterOperator.ContainsNot:
                string[] parts = [.. filter.Values.Select(SimpleCaseFolding.Fold)];
                _asciiParts = SearchValues.Create([.. parts.Where(part => Ascii.IsValid(part))], StringComparison.OrdinalIgnoreCase);
                _foldedParts = SearchValues.Create(parts, StringComparison.Ordinal);
                break;
            case FilterOperator.Matches:
                _patterns = [.. filter.Values.Select(value => new WildcardPattern(value))];
                break;
            case FilterOperator.IsNull or FilterOperator.IsNotNull:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(filter), filter.Operator, null);
        }
    }

    /// <summary>Whether a row with this value of the filter's dimension passes.</summary>
    public static bool Holds(Filter filter, string? value) => new FilterMatch(filter).Holds(value);

    /// <summary>Whether a row with this value of the filter's dimension passes.</summary>
    public bool Holds(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return _operator is FilterOperator.IsNot or FilterOperator.ContainsNot or FilterOperator.IsNull;
        }

        return _operator switch
        {
            FilterOperator.Is => _values.Contains(value),
            FilterOperator.IsNot => !_values.Contains(value),
            FilterOperator.Contains => ContainsPart(value),
            FilterOperator.ContainsNot => !ContainsPart(value),
            FilterOperator.Matches => Array.Exists(_patterns, pattern => pattern.Matches(value)),
            FilterOperator.IsNotNull => true,
            _ => false,
        };
    }

    private bool ContainsPart(string value)
    {
        // For two ASCII texts, the usual case, .NET's own comparison equals simple folding and needs no copy.
        return Ascii.IsValid(value)
            ? value.AsSpan().ContainsAny(_asciiParts)
            : SimpleCaseFolding.Fold(value).AsSpan().ContainsAny(_foldedParts);
    }
}
