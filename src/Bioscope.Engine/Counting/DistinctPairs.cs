namespace Bioscope.Engine.Counting;

/// <summary>Tells pairs of numbers that came before from new ones. A pair takes 8 bytes at a load of at most a half, in a copy four fifths.</summary>
/// <param name="take">Told how many bytes more are needed, before they are.</param>
internal sealed class DistinctPairs(Action<long> take)
{
    private const int MinSlots = 1024;

    private ulong[] _slots = new ulong[MinSlots]; // 0 is free
    private int _count;

    /// <summary>How many bytes it has asked for.</summary>
    public long Taken => (_slots.Length - MinSlots) * (long)sizeof(ulong);

    /// <summary>How many bytes all pairs take.</summary>
    public long Bytes => _slots.Length * (long)sizeof(ulong);

    /// <summary>A copy of all pairs, which takes as little memory as it can.</summary>
    public DistinctPairs Copied() => new(static _ => { }) { _slots = Placed((_count * 5 / 4) + 1), _count = _count };

    /// <summary>Whether a pair was added.</summary>
    public bool Has(int first, int second)
    {
        var pair = PairOf(first, second);
        return _slots[PlaceOf(_slots, pair)] == pair;
    }

    /// <summary>Adds a pair of numbers from 0.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Add(int first, int second)
    {
        if (_count * 2 >= _slots.Length)
        {
            Grow();
        }

        if (!TryPlace(_slots, PairOf(first, second)))
        {
            return false;
        }

        _count++;
        return true;
    }

    private void Grow()
    {
        take(_slots.Length * (long)sizeof(ulong));
        _slots = Placed(_slots.Length * 2);
    }

    private ulong[] Placed(int slotCount)
    {
        var slots = new ulong[slotCount];
        foreach (var pair in _slots)
        {
            if (pair != 0)
            {
                TryPlace(slots, pair);
            }
        }

        return slots;
    }

    private static bool TryPlace(ulong[] slots, ulong pair)
    {
        ref var slot = ref slots[PlaceOf(slots, pair)];
        var isNew = slot == 0;
        slot = pair;
        return isNew;
    }

    /// <summary>Where the pair stands, or else is to be put.</summary>
    private static int PlaceOf(ulong[] slots, ulong pair)
    {
        // One product alone puts members that were chosen by some such product of their own side by side.
        var mixed = unchecked(pair * 0xD6E8FEB86659FD93);
        var slot = (int)Math.BigMul(unchecked((mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93), (ulong)slots.Length, out _);
        while (slots[slot] != 0 && slots[slot] != pair)
        {
            slot = slot + 1 == slots.Length ? 0 : slot + 1;
        }

        return slot;
    }

    private static ulong PairOf(int first, int second) => ((ulong)(uint)first << 32 | (uint)second) + 1;
}
