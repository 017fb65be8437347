using System.Globalization;
using System.Text;
using Bioscope.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Bioscope.Server.Web;

/// <summary>
/// One line per entry: <c>2026-04-01T00:00:00.000Z warn Category: message correlationId=… exception</c>. Line breaks within an entry
/// become <c>↵</c> and other control characters spaces, so that text sent by a client can never look like a separate entry.
/// </summary>
internal sealed class LogLine(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "bioscope";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{Time(clock)} {Level(logEntry.LogLevel)} {logEntry.Category}: {message}");
        scopeProvider?.ForEachScope(
            static (scope, line) =>
            {
                if (scope is CorrelationId.Scope request)
                {
                    line.Append(" correlationId=").Append(request.Id);
                }
            },
            line);
        if (logEntry.Exception is { } exception)
        {
            line.Append(' ').Append(exception);
        }

        line.Replace("\r\n", " ↵ ").Replace("\n", " ↵ ");
        for (var i = 0; i < line.Length; i++)
        {
            if (char.IsControl(line[i]))
            {
                line[i] = ' ';
            }
        }

        textWriter.WriteLine(line);
    }

    public static string Time(TimeProvider clock) => clock.GetUtcNow().ToText();

    public static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
