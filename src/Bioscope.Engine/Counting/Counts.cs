using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Bioscope.Engine.Counting;

/// <summary>How often each value occurred. Stored as a JSON object without the values that did not occur.</summary>
internal sealed class Counts
{
    // More than any real count; the sum of several thousand of them still fits.
    private const long MaxCount = 1_000_000_000_000_000;

    private readonly Dictionary<string, long> _byValue;

    public Counts() => _byValue = new(StringComparer.Ordinal);

    public Counts(Counts other) => _byValue = new(other._byValue, StringComparer.Ordinal);

    public IReadOnlyDictionary<string, long> ByValue => _byValue;

    public bool IsEmpty => _byValue.Count == 0;

    public long Total => _byValue.Values.Sum();

    public long this[string value] => _byValue.GetValueOrDefault(value);

    /// <summary>Adds to the count of a value; the amount may be negative.</summary>
    public void Add(string value, long count)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_byValue, value, out _);
        sum += count;
        if (sum == 0)
        {
            _byValue.Remove(value);
        }
    }

    public void Add(Counts other)
    {
        foreach (var (value, count) in other._byValue)
        {
            Add(value, count);
        }
    }

    /// <exception cref="FormatException">The text is not an object of counts, or has an invalid value.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public void AddJson(string json, Func<string, bool>? isValue = null)
    {
        var utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(json.Length));
        try
        {
            var reader = new Utf8JsonReader(utf8.AsSpan(0, Encoding.UTF8.GetBytes(json, utf8)));
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new FormatException("Counts must be a JSON object.");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var value = reader.GetString()!;
                if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var count)
                    || count is < 0 or > MaxCount || isValue?.Invoke(value) == false)
                {
                    throw new FormatException($"The count of '{value}' is invalid.");
                }

                Add(value, count);
            }

            reader.Read(); // anything after the object is an error
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }

    /// <summary>The JSON object, or null when it would be empty.</summary>
    public string? ToJson()
    {
        if (IsEmpty)
        {
            return null;
        }

        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(
            json, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            foreach (var (value, count) in _byValue.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            {
                writer.WriteNumber(value, count);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    public static Counts FromJson(string? json)
    {
        var counts = new Counts();
        if (json is not null)
        {
            counts.AddJson(json);
        }

        return counts;
    }
}
