using Bioscope.Engine.Counting;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>Filters in words, and what is wrong with the address.</summary>
internal sealed class FilterWords(Words words) : WordArea(words, "Filter")
{
    public string Filters => Text();
    public Html Is(Html dimension, Html values) => Markup([("dimension", dimension), ("values", values)]);
    public Html IsNot(Html dimension, Html values) => Markup([("dimension", dimension), ("values", values)]);
    public Html Contains(Html dimension, Html values) => Markup([("dimension", dimension), ("values", values)]);
    public Html ContainsNot(Html dimension, Html values) => Markup([("dimension", dimension), ("values", values)]);
    public Html Matches(Html dimension, Html values) => Markup([("dimension", dimension), ("values", values)]);
    public Html IsUnknown(Html dimension) => Markup([("dimension", dimension)]);
    public Html IsKnown(Html dimension) => Markup([("dimension", dimension)]);
    public Html Or(Html values, Html value) => Markup([("values", values), ("value", value)]);
    public Html OrMore(long number, Html values, Html count) => PluralMarkup(number, [("values", values), ("count", count)]);
    public Html Remove(Html start, Html end, Html filter) => Markup([("start", start), ("end", end), ("filter", filter)]);
    public string ClearAll => Text();
    public string NotAFilter(string text) => Fill("text", text);
    public string OneValueTooMany(string text) => Fill("text", text);
    public string NoValue(string text, string max) => Fill([("text", text), ("max", max)]);
    public string TooMany(string filters, string values) => Fill([("filters", filters), ("values", values)]);
    public string NoPeriod(string text) => Fill("text", text);
    public string NoDates => Text();
    public string DatesSwapped => Text();
    public string NoComparison(string text) => Fill("text", text);
    public string NoGrouping(string text) => Fill("text", text);
    public string NoZone(string text) => Fill("text", text);
    public string NoZoneButLike(string text, string other) => Fill([("text", text), ("other", other)]);

    internal string Number(long number) => Words.Language.Number(number);

    /// <summary>A filter in words: <c>Country is Germany</c>.</summary>
    internal Html Of(string dimension, FilterOperator compares, Html values)
    {
        var name = Html.Of($"{dimension}");
        return compares switch
        {
            FilterOperator.Is => Is(name, values),
            FilterOperator.IsNot => IsNot(name, values),
            FilterOperator.Contains => Contains(name, values),
            FilterOperator.ContainsNot => ContainsNot(name, values),
            FilterOperator.Matches => Matches(name, values),
            FilterOperator.IsNull => IsUnknown(name),
            _ => IsKnown(name),
        };
    }

    /// <summary>Values of which one is enough, and how many more there are.</summary>
    internal Html AnyOf(IReadOnlyList<Html> values, int more = 0)
    {
        var listed = values.Count == 0 ? Html.Nothing : values.Aggregate((list, value) => Or(list, value));
        return more <= 0 ? listed : OrMore(more, listed, Html.Of($"{Words.Language.Number(more)}"));
    }
}
