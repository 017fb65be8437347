using System.Text.Json;
using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>Collects what is wrong with a query: the first problem of each field.</summary>
internal sealed class QueryProblems
{
    // Longer names are truncated when shown.
    private const int ShownLength = 40;

    private readonly List<QueryDetail> _details = [];
    private readonly HashSet<string> _fields = [];

    /// <summary>Details in the order in which they were found.</summary>
    public EquatableList<QueryDetail> Details => [.. _details];

    /// <summary>Whether the field, or an item of it, has a problem.</summary>
    public bool Has(string field) =>
        _details.Exists(detail => detail.Field == field || detail.Field.StartsWith(field + '[', StringComparison.Ordinal));

    /// <summary>Adds a problem.</summary>
    public void Add(string field, string message)
    {
        if (_fields.Add(field))
        {
            _details.Add(new QueryDetail(field, message));
        }
    }

    /// <summary>Adds the problem of an unknown name, with the existing names, what else is allowed, and the nearest name.</summary>
    public void AddUnknown(string field, string what, string name, IReadOnlyCollection<string> names, string more = "") =>
        Add(field, $"has no {what} {Quote(name)}; allowed are {string.Join(", ", names)}{more}.{DidYouMean(name, names)}");

    /// <summary>The JSON text as a string; null, with a problem of the field, when it is not a text or not well-formed Unicode.</summary>
    public string? Text(string field, JsonElement json, string mustBe)
    {
        if (json.ValueKind != JsonValueKind.String)
        {
            Add(field, mustBe);
            return null;
        }

        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            // An escaped surrogate without its partner: valid JSON syntax, but not Unicode text.
            Add(field, "must be well-formed Unicode, without half of a surrogate pair.");
            return null;
        }
    }

    /// <summary>The time zone with the JSON text as its name; null, with a problem of the field, when there is none.</summary>
    public DateTimeZone? Zone(string field, JsonElement json)
    {
        const string Form = "must be the name of an IANA time zone, such as Europe/Berlin or UTC";
        if (Text(field, json, $"{Form}.") is not { } name)
        {
            return null;
        }

        var zone = TimeZoneName.Find(name);
        if (zone is null)
        {
            Add(field, $"{Form}, not {Quote(name)}.{DidYouMean(name, TimeZoneName.All)}");
        }

        return zone;
    }

    /// <summary>A question with the nearest name after a space; empty when none is near.</summary>
    public static string DidYouMean(string name, IReadOnlyCollection<string> names) =>
        NearestName.Of(name, names) is { } nearest ? $" Did you mean \"{nearest}\"?" : "";

    /// <summary>The text in quotation marks, truncated when it is long.</summary>
    public static string Quote(string text) => $"\"{Shown(text)}\"";

    /// <summary>The text, truncated when it is long.</summary>
    public static string Shown(string text)
    {
        if (text.Length <= ShownLength)
        {
            return text;
        }

        var length = char.IsHighSurrogate(text[ShownLength - 1]) ? ShownLength - 1 : ShownLength;
        return $"{text[..length]}…";
    }
}
