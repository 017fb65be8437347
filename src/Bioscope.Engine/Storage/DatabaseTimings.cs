using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Bioscope.Engine.Storage;

/// <summary>
/// How long statements take, by name: a histogram, and a log line for each that took more than a second. Neither contains a statement's
/// values.
/// </summary>
internal sealed partial class DatabaseTimings(IMeterFactory meters, TimeProvider clock, ILogger<DatabaseTimings> log)
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    // One entry per statement name in the code.
    private static readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Names =
        new ConcurrentDictionary<string, string>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly Histogram<double> _durations = meters.Create("Bioscope.Database").CreateHistogram<double>(
        "bioscope.db.duration", "s", "Duration of a statement, including waiting for a connection and reading its rows");

    public long Now => clock.GetTimestamp();

    /// <summary>
    /// The name of a statement is the comment in its first line, <c>-- name</c>, so the database's own logs contain it too.
    /// </summary>
    public static string NameOf(string sql)
    {
        if (!sql.StartsWith("-- ", StringComparison.Ordinal) || sql.IndexOf('\n', StringComparison.Ordinal) is not (> 0 and var end))
        {
            return "other";
        }

        var name = sql.AsSpan(3..end).TrimEnd();
        if (!Names.TryGetValue(name, out var known))
        {
            Names.TryAdd(name, known = name.ToString());
        }

        return known;
    }

    public void Record(string database, string statement, long started)
    {
        var took = clock.GetElapsedTime(started);
        _durations.Record(took.TotalSeconds, new("database", database), new("statement", statement));
        if (took >= Slow)
        {
            Log.TookLong(log, statement, database, (long)took.TotalMilliseconds);
        }
    }

    /// <summary>Logs what an operator should know about a database's file.</summary>
    public void Notice(string database, string notice) => Log.Noticed(log, database, notice);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The {Database} database: {Notice}")]
        public static partial void Noticed(ILogger logger, string database, string notice);

        [LoggerMessage(LogLevel.Warning, "Statement '{Statement}' on the {Database} database took {Milliseconds} ms")]
        public static partial void TookLong(ILogger logger, string statement, string database, long milliseconds);
    }
}
