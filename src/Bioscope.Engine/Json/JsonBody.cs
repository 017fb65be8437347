using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Bioscope.Core;

namespace Bioscope.Engine.Json;

/// <summary>
/// An untrusted JSON object, read field by field. Problems are collected, one sentence per field; fields that are not read are ignored.
/// </summary>
internal sealed class JsonBody : IDisposable
{
    // ISO 8601 with T and a zone; seconds and their fraction are optional.
    private static readonly string[] InstantFormats = ["yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-ddTHH:mmK"];

    private readonly JsonDocument _document;
    private readonly List<string> _problems = [];
    private bool _hasBadName;

    /// <summary>The object itself, for callers that read it differently.</summary>
    public JsonElement Root => _document.RootElement;

    private JsonBody(JsonDocument document) => _document = document;

    /// <summary>All problems of the fields read so far, one sentence each.</summary>
    public IReadOnlyList<string> Problems => _hasBadName ? ["The body has a field name that is not well-formed Unicode."] : _problems;

    /// <summary>Parses one JSON object in UTF-8; if the body is null, the message says what is wrong.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="what">What the message calls it.</param>
    public static (JsonBody? Body, string? Problem) Parse(ReadOnlyMemory<byte> utf8, string what = "The body")
    {
        if (utf8.Span.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..]; // a byte order mark
        }

        if (!Utf8.IsValid(utf8.Span))
        {
            return (null, $"{what} is not valid UTF-8.");
        }

        try
        {
            var document = JsonDocument.Parse(utf8);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return (new JsonBody(document), null);
            }

            document.Dispose();
            return (null, $"{what} must be a JSON object.");
        }
        catch (JsonException e)
        {
            return (null, $"{what} is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
    }

    /// <summary>A required text, with a length in UTF-16 units from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public string RequiredText(string field, int min, int max)
    {
        var text = OptionalText(field, max: int.MaxValue);
        if (text is null)
        {
            RequireReported(field);
        }
        else if (text.Length < min || text.Length > max)
        {
            Refuse(field, $"must have {min} to {max} characters");
        }

        return text ?? "";
    }

    /// <summary>An optional text, which may be null; truncated to <paramref name="max"/> characters.</summary>
    public string? OptionalText(string field, int max)
    {
        var text = OptionalRawText(field);
        if (text?.Contains('\0', StringComparison.Ordinal) == true)
        {
            Refuse(field, "must not contain the character U+0000");
            return null;
        }

        if (text is null || text.Length <= max)
        {
            return text;
        }

        return text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];
    }

    /// <summary>
    /// Like <see cref="OptionalText"/>, but untruncated and with any character: browsers send addresses as they found them.
    /// </summary>
    public string? OptionalRawText(string field)
    {
        if (!TryGet(field, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            Refuse(field, "must be a string");
            return null;
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            Refuse(field, "must be well-formed Unicode");
            return null;
        }
    }

    /// <summary>An optional object, which may be null; undefined where there is none.</summary>
    public JsonElement OptionalObject(string field)
    {
        if (!TryGet(field, out var value))
        {
            return default;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return value;
        }

        Refuse(field, "must be an object");
        return default;
    }

    /// <summary>An optional UUID, which may be null.</summary>
    public Guid? OptionalUuid(string field)
    {
        if (OptionalRawText(field) is not { } text)
        {
            return null;
        }

        if (Uuid.TryParse(text, out var id))
        {
            return id;
        }

        Refuse(field, "must be a UUID");
        return null;
    }

    public Guid RequiredUuid(string field) => Required(field, OptionalUuid(field));

    /// <summary>An instant as ISO 8601 text with <c>Z</c> or an offset; truncated to the millisecond.</summary>
    public DateTimeOffset RequiredInstant(string field) => Required(field, OptionalInstant(field));

    /// <summary>Like <see cref="RequiredInstant"/>, but it may be null.</summary>
    public DateTimeOffset? OptionalInstant(string field)
    {
        var text = OptionalRawText(field);
        var instant = DateTimeOffset.TryParseExact(
            text, InstantFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read)
            && read.UtcDateTime.Year is >= 1970 and < 3000
                ? read.TruncateToMillisecond()
                : (DateTimeOffset?)null;
        if (text is not null && instant is null)
        {
            Refuse(field, "must be an instant since 1970, such as 2026-04-01T00:00:00.000Z");
        }

        return instant;
    }

    /// <summary>Whether the object has the field, if only as null.</summary>
    public bool Has(string field) => TryGet(field, out _) || (!_hasBadName && _document.RootElement.TryGetProperty(field, out _));

    /// <summary>An optional whole number from 0 to <paramref name="max"/>, which may be null.</summary>
    public int? OptionalCount(string field, int max)
    {
        if (!TryGet(field, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0 && number <= max)
        {
            return number;
        }

        Refuse(field, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from 0 to {max}"));
        return null;
    }

    /// <summary>A whole number between the two, inclusive.</summary>
    public long RequiredCount(string field, long min, long max)
    {
        if (TryGet(field, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            && number >= min && number <= max)
        {
            return number;
        }

        Refuse(field, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}"));
        return min;
    }

    /// <summary>An optional number from 0 to <paramref name="max"/>, which may be null; a fraction is dropped.</summary>
    public int? OptionalNumber(string field, int max)
    {
        if (!TryGet(field, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= 0 && number <= max)
        {
            return (int)number;
        }

        Refuse(field, string.Create(CultureInfo.InvariantCulture, $"must be a number from 0 to {max}"));
        return null;
    }

    public int RequiredNumber(string field, int max) => Required(field, OptionalNumber(field, max));

    /// <summary>An optional boolean, which may be null.</summary>
    public bool? OptionalBoolean(string field)
    {
        if (!TryGet(field, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Refuse(field, "must be true or false");
        return null;
    }

    public bool RequiredBoolean(string field) => Required(field, OptionalBoolean(field));

    /// <summary>A required list of UUIDs.</summary>
    public IReadOnlyList<Guid> RequiredUuids(string field)
    {
        var ids = new List<Guid>();
        if (!TryGet(field, out var list))
        {
            RequireReported(field);
            return ids;
        }

        foreach (var item in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default)
        {
            // The raw text: the framework's own readers accept other spellings of an id, or throw for half of a surrogate pair.
            if (item.ValueKind != JsonValueKind.String || !Uuid.TryParse(item.GetRawText().AsSpan()[1..^1], out var id))
            {
                Refuse(field, "must contain only UUIDs");
                return ids;
            }

            ids.Add(id);
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            Refuse(field, "must be a list of UUIDs");
        }

        return ids;
    }

    /// <summary>Whether the object has the field as null.</summary>
    public bool HasNull(string field) => Has(field) && !TryGet(field, out _);

    /// <summary>An optional list of texts, which may be null.</summary>
    public IReadOnlyList<string>? OptionalTexts(string field)
    {
        if (!TryGet(field, out var list))
        {
            return null;
        }

        var texts = new List<string>();
        try
        {
            foreach (var item in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default)
            {
                texts.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : throw new InvalidOperationException());
            }
        }
        catch (InvalidOperationException)
        {
            Refuse(field, "must contain only well-formed strings");
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            Refuse(field, "must be a list of strings");
        }

        return texts;
    }

    /// <summary>Adds a problem of a field.</summary>
    public void Refuse(string field, string problem) => _problems.Add($"{field} {problem}");

    public void Dispose() => _document.Dispose();

    private T Required<T>(string field, T? value)
        where T : struct
    {
        if (value is null)
        {
            RequireReported(field);
        }

        return value.GetValueOrDefault();
    }

    // A value that was refused has been reported already.
    private void RequireReported(string field)
    {
        if (!_problems.Exists(problem => problem.StartsWith(field + ' ', StringComparison.Ordinal)))
        {
            Refuse(field, "is required");
        }
    }

    private bool TryGet(string field, out JsonElement value)
    {
        try
        {
            // Of duplicate fields the last one counts, as in JavaScript.
            return _document.RootElement.TryGetProperty(field, out value) && value.ValueKind != JsonValueKind.Null;
        }
        catch (InvalidOperationException)
        {
            // A name has an escaped surrogate without its partner: valid JSON syntax, but not Unicode text.
            _hasBadName = true;
            value = default;
            return false;
        }
    }
}
