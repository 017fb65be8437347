using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Bioscope.Server.Web;

/// <summary>
/// One JSON object per entry: <c>time</c>, <c>level</c>, <c>category</c>, <c>message</c>, the message's own values under <c>values</c>,
/// and where they apply <c>correlationId</c> and <c>exception</c>. Other scopes are left out, because the framework's scopes contain data
/// that must not be logged.
/// </summary>
internal sealed class JsonLogLine(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "bioscope-json";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("time", LogLine.Time(clock));
            json.WriteString("level", LogLine.Level(logEntry.LogLevel));
            json.WriteString("category", logEntry.Category);
            json.WriteString("message", logEntry.Formatter(logEntry.State, logEntry.Exception));
            if (logEntry.State is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 1 } values)
            {
                WriteValues(json, values);
            }

            scopeProvider?.ForEachScope(
                static (scope, json) =>
                {
                    if (scope is CorrelationId.Scope request)
                    {
                        json.WriteString("correlationId", request.Id);
                    }
                },
                json);
            if (logEntry.Exception is { } exception)
            {
                json.WriteString("exception", exception.ToString());
            }

            json.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    private static void WriteValues(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        json.WriteStartObject("values");
        foreach (var (name, value) in values)
        {
            if (name == "{OriginalFormat}")
            {
                continue;
            }

            var key = JsonNamingPolicy.CamelCase.ConvertName(name);
            if (value is int or long)
            {
                json.WriteNumber(key, Convert.ToInt64(value, CultureInfo.InvariantCulture));
            }
            else
            {
                json.WriteString(key, Convert.ToString(value, CultureInfo.InvariantCulture));
            }
        }

        json.WriteEndObject();
    }
}
