using System.Collections.Concurrent;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Pages of which a report had to read many rows that are not sealed. The sealing looks at them every few seconds; pages that nobody asks about
/// wait until the hour is over, however many rows they get.
/// </summary>
internal sealed class LongTails
{
    /// <summary>So many values read raw make a report clearly slower.</summary>
    public const int MinRows = 512;

    private readonly ConcurrentDictionary<Guid, bool> _pages = [];

    /// <summary>Notes that a report read so many rows of a page raw.</summary>
    public void Note(Guid page, long rows)
    {
        if (rows >= MinRows)
        {
            _pages.TryAdd(page, default);
        }
    }

    /// <summary>The pages that were noted since the last call.</summary>
    public List<Guid> Take() => [.. _pages.Keys.Where(page => _pages.TryRemove(page, out _))];
}
