using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bioscope.Server.Web;

/// <summary>Instants as the contract has them: ISO 8601 in UTC, with milliseconds and <c>Z</c>.</summary>
internal sealed class InstantJson : JsonConverter<DateTimeOffset>
{
    public static string TextOf(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(TextOf(value));

    /// <inheritdoc />
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}
