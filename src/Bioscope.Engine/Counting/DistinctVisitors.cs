namespace Bioscope.Engine.Counting;

/// <summary>
/// Tells visitors that a group has had before from new ones: by a bit for each visitor of the page, and where that would take too much, by
/// the pairs that occur.
/// </summary>
internal sealed class DistinctVisitors(int visitorCount)
{
    private const int MaxWords = 2 * 1024 * 1024; // 16 MB

    private readonly int _words = (visitorCount + 63) / 64;
    private readonly List<ulong[]?> _bits = [];
    private readonly DistinctPairs _pairs = new();
    private int _wordsTaken;

    /// <summary>Adds a visitor to a group, both numbers from 0.</summary>
    /// <returns>Whether it is new there.</returns>
    public bool Add(int group, int visitor)
    {
        while (_bits.Count <= group)
        {
            _bits.Add(_wordsTaken + _words <= MaxWords ? new ulong[_words] : null);
            _wordsTaken += _bits[^1]?.Length ?? 0;
        }

        if (_bits[group] is not { } bits)
        {
            return _pairs.Add(group, visitor);
        }

        ref var word = ref bits[visitor / 64];
        var bit = 1UL << (visitor % 64);
        var isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }
}
