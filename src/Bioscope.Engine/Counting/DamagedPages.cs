using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Pages whose rollups were found damaged; these are treated as missing. The reader that found the damage uses the raw rows, and sealing
/// soon drops the rollups and counts them again.
/// </summary>
internal sealed partial class DamagedPages(ILogger<DamagedPages> log)
{
    private const int MaxKnown = 10_000;

    private readonly ConcurrentDictionary<(Guid Page, long Version), bool> _known = [];
    private readonly ConcurrentQueue<Guid> _waiting = new();

    /// <summary>Adds a page; each version of it is logged once.</summary>
    public void Add(Guid page, long version, Exception failure)
    {
        if (_known.Count < MaxKnown && _known.TryAdd((page, version), default))
        {
            Log.Damaged(log, page, failure.Message);
            _waiting.Enqueue(page);
        }
    }

    /// <summary>The next page to recount, if there is one.</summary>
    public bool TryTake(out Guid page) => _waiting.TryDequeue(out page);

    /// <summary>
    /// Whether a failure means that stored data is malformed, rather than that the database is unavailable or the operation was
    /// cancelled.
    /// </summary>
    public static bool IsDamage(Exception failure, SqlDialect dialect) => failure switch
    {
        DbException database => dialect.IsBadValue(database),
        ObjectDisposedException => false,
        FormatException or OverflowException or InvalidCastException or InvalidOperationException or ArgumentException or JsonException or IndexOutOfRangeException
            or KeyNotFoundException => true,
        _ => false,
    };

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error,
            "Rollups of page {Page} are damaged ({Reason}). Its reports read the raw rows, and the rollups are recounted within " +
            "seconds; no action is needed. 'bioscope verify' checks for more damage")]
        public static partial void Damaged(ILogger logger, Guid page, string reason);
    }
}
