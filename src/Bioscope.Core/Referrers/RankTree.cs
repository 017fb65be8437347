using System.Numerics;

namespace Bioscope.Core;

/// <summary>
/// A row of positions, some taken: counts the taken ones before a position, and finds and frees the n-th, in logarithmic time (a Fenwick
/// tree). Every step of Punycode needs one of the two; without the tree it would be quadratic.
/// </summary>
internal sealed class RankTree
{
    private readonly int[] _sums; // _sums[i] counts the taken positions in (i - lowest bit of i, i], counted from 1

    public RankTree(int places, bool taken)
    {
        _sums = new int[places + 1];
        for (var i = 1; taken && i <= places; i++)
        {
            _sums[i] = i & -i;
        }
    }

    public void Take(int place)
    {
        for (var i = place + 1; i < _sums.Length; i += i & -i)
        {
            _sums[i]++;
        }
    }

    public int TakenBefore(int place)
    {
        var count = 0;
        for (var i = place; i > 0; i &= i - 1)
        {
            count += _sums[i];
        }

        return count;
    }

    /// <summary>Frees the taken position that has <paramref name="rank"/> taken ones before it.</summary>
    /// <returns>That position.</returns>
    public int FreeByRank(int rank)
    {
        var place = 0;
        for (var step = 1 << BitOperations.Log2((uint)_sums.Length); step > 0; step >>= 1)
        {
            var i = place + step;
            if (i < _sums.Length && _sums[i] <= rank)
            {
                place = i;
                rank -= _sums[i];
            }
            else if (i < _sums.Length)
            {
                _sums[i]--; // the sums not skipped are those that include the position
            }
        }

        return place;
    }
}
