namespace Bioscope.Engine.Counting;

/// <summary>Tells pairs of numbers that came before from new ones. A pair takes 8 bytes at a load of at most a half.</summary>
/// <param name="take">Told how many bytes more are needed, before they are.</param>
internal sealed class DistinctPairs(Action<long> take)
{
    private const int MinSlots = 1024;

    private ulong[] _slots = new ulong[MinSlots]; // 0 is free
    private int _count;

    /// <summary>How many bytes it has asked for.</summary>
    public long Taken => (_slots.Length - MinSlots) * (long)sizeof(ulong);

    /// <summary>A copy of all pairs, to be given to <see cref="Restore"/>.</summary>
    public (ulong[] Slots, int Count) Copy() => ([.. _slots], _count);

    /// <summary>Starts from a copy.</summary>
    /// <exception cref="QueryTooLargeException">There is no memory for it.</exception>
    public void Restore((ulong[] Slots, int Count) copy)
    {
        take((copy.Slots.Length - MinSlots) * (long)sizeof(ulong));
        (_slots, _count) = ([.. copy.Slots], copy.Count);
    }

    /// <summary>Adds a pair of numbers from 0.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Add(int first, int second)
    {
        if (_count * 2 >= _slots.Length)
        {
            Grow();
        }

        if (!TryPlace(_slots, ((ulong)(uint)first << 32 | (uint)second) + 1))
        {
            return false;
        }

        _count++;
        return true;
    }

    private void Grow()
    {
        take(_slots.Length * (long)sizeof(ulong));
        var larger = new ulong[_slots.Length * 2];
        foreach (var pair in _slots)
        {
            if (pair != 0)
            {
                TryPlace(larger, pair);
            }
        }

        _slots = larger;
    }

    private static bool TryPlace(ulong[] slots, ulong pair)
    {
        // Fibonacci hashing: the high bits of the product are well mixed.
        var shift = 64 - System.Numerics.BitOperations.Log2((uint)slots.Length);
        for (var slot = (int)(unchecked(pair * 0x9E3779B97F4A7C15) >> shift); ; slot = (slot + 1) & (slots.Length - 1))
        {
            if (slots[slot] == pair)
            {
                return false;
            }

            if (slots[slot] == 0)
            {
                slots[slot] = pair;
                return true;
            }
        }
    }
}
