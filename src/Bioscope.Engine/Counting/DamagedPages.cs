using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Pages whose rollups somebody found damaged: they are treated as not there. Whoever found it reads the raw rows, the
/// sealing drops the rollups at its next look and counts them anew.
/// </summary>
internal sealed partial class DamagedPages(ILogger<DamagedPages> log)
{
    private const int MaxKnown = 10_000;

    private readonly ConcurrentDictionary<(Guid Page, long Version), bool> _known = [];
    private readonly ConcurrentQueue<Guid> _waiting = new();

    /// <summary>Notes a page; each version of it is logged once.</summary>
    public void Add(Guid page, long version, Exception failure)
    {
        if (_known.Count < MaxKnown && _known.TryAdd((page, version), true))
        {
            Log.Damaged(log, page, failure.Message);
            _waiting.Enqueue(page);
        }
    }

    /// <summary>The next page to count anew, if there is one.</summary>
    public bool TryTake(out Guid page) => _waiting.TryDequeue(out page);

    /// <summary>Whether a failure says that what is stored cannot be understood, and not that the database cannot be used or the code is stopped.</summary>
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
            "Rollups of page {Page} are damaged ({Reason}). Its reports read the raw rows, and the rollups are counted anew within " +
            "seconds; nothing needs to be done. 'bioscope verify' looks for more")]
        public static partial void Damaged(ILogger logger, Guid page, string reason);
    }
}
