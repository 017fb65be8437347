using System.Buffers;
using System.Runtime.CompilerServices;
using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Counts distinct members of groups, such as the visitors of each country. Most members are in one group or two, which stand in an array by
/// member; only further ones are looked for among pairs.
/// </summary>
internal sealed class DistinctMembers : IDisposable
{
    // Of the last numbers that a group can have in the array, all are looked for among pairs.
    private const ushort Further = ushort.MaxValue;

    private const int Chunk = 256;

    private readonly bool _isGrouped;
    private readonly (ushort First, ushort Second)[] _groups; // by member, each one more than the group's number; 0 is none
    private readonly ulong[] _bits; // without groups one for each member
    private readonly DistinctPairs _further;
    private readonly Action<long> _take;
    private readonly long _bytes;
    private readonly int _memberCount;
    private long[] _counts = new long[1];

    /// <param name="memberCount">Members have numbers from 0 to this, not included.</param>
    /// <param name="isGrouped">Whether there is more than one group.</param>
    /// <param name="take">Told how many bytes more are needed, before they are; fewer than none when they are given back.</param>
    public DistinctMembers(int memberCount, bool isGrouped, Action<long> take)
    {
        (_isGrouped, _memberCount, _take, _bytes) = (isGrouped, memberCount, take, isGrouped ? memberCount * 4L : memberCount / 8);
        take(_bytes);
        _further = new DistinctPairs(take);
        _bits = isGrouped ? [] : new ulong[(memberCount + 63) / 64];
        _groups = isGrouped ? ArrayPool<(ushort, ushort)>.Shared.Rent(memberCount) : [];
        _groups.AsSpan(0, isGrouped ? memberCount : 0).Clear();
    }

    /// <summary>How many distinct members there are in all groups together.</summary>
    public long Total { get; private set; }

    /// <summary>How many distinct members a group has.</summary>
    public long CountOf(int group) => group < _counts.Length ? _counts[group] : 0;

    /// <summary>Adds members to groups.</summary>
    /// <param name="rows">What is added, by its place in the other lists.</param>
    /// <param name="groups">The number of each one's group, from 0; none where there is one only.</param>
    /// <param name="members">The number of each member; <see cref="RowBlock.Unknown"/> ones are left out.</param>
    /// <param name="groupCount">One more than the highest number of a group.</param>
    public void Add(ReadOnlySpan<int> rows, ReadOnlySpan<int> groups, ReadOnlySpan<int> members, int groupCount)
    {
        if (!_isGrouped)
        {
            AddToOnly(rows, members);
            return;
        }

        Reserve(groupCount);
        for (; rows.Length > Chunk; rows = rows[Chunk..])
        {
            AddChunk(rows[..Chunk], groups, members);
        }

        AddChunk(rows, groups, members);
    }

    /// <summary>A copy of what was added, to be given to <see cref="Restore"/>.</summary>
    /// <param name="memberCount">One more than the highest number of a member that was added.</param>
    public Copy Copied(int memberCount)
    {
        var count = Math.Min(memberCount, _memberCount);
        return new Copy(
            [.. _groups.AsSpan(0, _isGrouped ? count : 0)], [.. _bits.AsSpan(0, _isGrouped ? 0 : (count + 63) / 64)], _further.Copy(), [.. _counts], Total);
    }

    /// <summary>Starts from a copy; members have the same numbers, and there may be more of them.</summary>
    public void Restore(Copy copy)
    {
        (_counts, Total) = ([.. copy.Counts], copy.Total);
        _further.Restore(copy.Further);
        copy.Bits.CopyTo(_bits, 0);
        copy.Groups.CopyTo(_groups, 0);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_groups.Length > 0)
        {
            ArrayPool<(ushort, ushort)>.Shared.Return(_groups);
        }

        _take(-_bytes - _further.Taken);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddToOnly(ReadOnlySpan<int> rows, ReadOnlySpan<int> members)
    {
        var total = 0;
        foreach (var row in rows)
        {
            var member = members[row];
            if (member != RowBlock.Unknown)
            {
                ref var word = ref _bits[member >> 6];
                var bit = 1UL << (member & 63);
                total += (word & bit) == 0 ? 1 : 0;
                word |= bit;
            }
        }

        Total += total;
        _counts[0] = Total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddChunk(ReadOnlySpan<int> rows, ReadOnlySpan<int> groups, ReadOnlySpan<int> members)
    {
        // Members are all over the memory: without a decision between one and the next, the processor waits for many of them at once.
        Span<ushort> firsts = stackalloc ushort[Chunk];
        for (var i = 0; i < rows.Length; i++)
        {
            var member = members[rows[i]];
            firsts[i] = member == RowBlock.Unknown ? Further : _groups[member].First;
        }

        var (counts, total) = (_counts, 0);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            var (group, member) = (groups[row], members[row]);
            if ((firsts[i] == group + 1 && firsts[i] != Further) || member == RowBlock.Unknown)
            {
                continue;
            }

            ref var known = ref _groups[member];
            if (known.First == 0 && group + 1 < Further)
            {
                known.First = (ushort)(group + 1);
                counts[group]++;
                total++;
                continue;
            }

            total += known.First == 0 ? 1 : 0;
            counts[group] += IsNew(ref known, group, member) ? 1 : 0;
        }

        Total += total;
    }

    // Of a member that is in another group already, or of a group whose number does not fit beside it.
    private bool IsNew(ref (ushort First, ushort Second) known, int group, int member)
    {
        if (group + 1 >= Further)
        {
            known.First = known.First == 0 ? Further : known.First;
            return _further.Add(group, member);
        }

        var number = (ushort)(group + 1);
        if (known.First == number || known.Second == number)
        {
            return false;
        }

        if (known.Second == 0)
        {
            known.Second = number;
            return true;
        }

        return _further.Add(group, member);
    }

    private void Reserve(int groupCount)
    {
        if (groupCount > _counts.Length)
        {
            Array.Resize(ref _counts, Math.Max(groupCount, _counts.Length * 2));
        }
    }

    /// <summary>What was added, until it is added to again.</summary>
    internal sealed record Copy(
        (ushort First, ushort Second)[] Groups, ulong[] Bits, (ulong[] Slots, int Count) Further, long[] Counts, long Total)
    {
        /// <summary>How much memory it takes, in bytes.</summary>
        public long Bytes => 200 + (Groups.Length * 4L) + (Bits.Length * 8L) + (Further.Slots.Length * 8L) + (Counts.Length * 8L);
    }
}
